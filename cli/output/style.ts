// Colours, and the words for states: always a dot and a word, so that nothing depends on colour.
import type { DeployStatus, InstanceState, WorkerStatus } from "../../protocol/instance.ts";
import type { HostStatus } from "../../protocol/rest.ts";
import type { Sink } from "../io.ts";

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;
export type Colour = keyof typeof CODES;

export type Paint = (colour: Colour, text: string) => string;

/** Colour goes to terminals that want it; FORCE_COLOR asks for it elsewhere, NO_COLOR refuses it everywhere. */
export function wantsColour(
  sink: Sink,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0") return true;
  return sink.isTTY && env.TERM !== "dumb";
}

export function makePaint(colourful: boolean): Paint {
  if (!colourful) return (_, text) => text;
  return (colour, text) => {
    const [on, off] = CODES[colour];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

export type AnyState = WorkerStatus | InstanceState | DeployStatus | HostStatus;

const MOODS = {
  running: "green",
  healthy: "green",
  live: "green",
  online: "green",
  pending: "yellow",
  deploying: "yellow",
  degraded: "yellow",
  starting: "yellow",
  backoff: "yellow",
  stopping: "yellow",
  queued: "yellow",
  building: "yellow",
  predeploy: "yellow",
  rolling_out: "yellow",
  joining: "yellow",
  suspect: "yellow",
  crashlooping: "red",
  lost: "red",
  failed: "red",
  reverted: "red",
  cloned: "red",
  stopped: "dim",
  canceled: "dim",
  superseded: "dim",
  removed: "dim",
  unknown: "dim",
} as const satisfies Record<AnyState, Colour>;

const WORDS: Partial<Record<AnyState, string>> = {
  rolling_out: "rolling out",
  crashlooping: "crash loop",
};

export function stateWord(state: AnyState): string {
  return WORDS[state] ?? state;
}

/** `● running`. */
export function showState(paint: Paint, state: AnyState): string {
  const mood = MOODS[state];
  return `${paint(mood, mood === "dim" ? "○" : "●")} ${stateWord(state)}`;
}
