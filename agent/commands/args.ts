// The agent's command line: what may be said, and how it is read.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_PROGRAM_PATH } from "../environment.ts";
import { messageOf } from "../world.ts";

export const USAGE = `usage:
  coppice-agent run      --state DIR [--program-path PATH]
  coppice-agent join     --state DIR --url URL [--name NAME] [--label K=V]… [--region NAME]
                         [--slots N] [--memory 4G] [--cpus N]     (join token in TOKEN)
  coppice-agent wait     [--timeout S]      until the host is online
  coppice-agent upgrade  [--from URL] [--trial S] [--agent-only]
  coppice-agent doctor   [--json]
  coppice-agent programs                    how many run here; code 4 where the keeper does not answer
  coppice-agent end-programs [--grace S] [--exclusive]     for taking Coppice off this machine; or those under leases
                                            alone, before their keeper is stopped
  coppice-agent --version
--state may be left out where COPPICE_STATE names it.`;

export const COMMANDS = [
  "run",
  "join",
  "wait",
  "upgrade",
  "doctor",
  "programs",
  "end-programs",
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** One line that says what to do next, and code 1. */
export class Refusal extends Error {}

export interface Args {
  readonly command: CommandName;
  readonly state: string;
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly region: string | undefined;
  readonly slots: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly cpus: number | undefined;
  readonly programPath: string;
  readonly timeoutS: number;
  readonly from: string | undefined;
  readonly trialS: number;
  readonly agentOnly: boolean;
  readonly graceS: number;
  readonly exclusive: boolean;
  readonly json: boolean;
}

const OPTIONS = {
  state: { type: "string" },
  url: { type: "string" },
  name: { type: "string" },
  label: { type: "string", multiple: true },
  region: { type: "string" },
  slots: { type: "string" },
  memory: { type: "string" },
  cpus: { type: "string" },
  "program-path": { type: "string" },
  timeout: { type: "string" },
  from: { type: "string" },
  trial: { type: "string" },
  "agent-only": { type: "boolean", default: false },
  grace: { type: "string" },
  exclusive: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  version: { type: "boolean", default: false },
} as const;

/** Null where only the version is asked for. Throws a Refusal. */
export function readArgs(argv: readonly string[], env: NodeJS.ProcessEnv): Args | null {
  const { values, positionals } = parse(argv);
  if (values.version) return null;
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1) throw new Refusal(USAGE);
  const state = values.state ?? env.COPPICE_STATE;
  if (!state) throw new Refusal("--state is missing: give the directory of the agent's state");
  return {
    command,
    state: resolve(state),
    url: values.url,
    name: values.name,
    labels: readLabels(values.label ?? []),
    region: values.region,
    slots: whole("slots", values.slots),
    memoryBytes: readBytes(values.memory),
    cpus: readCpus(values.cpus),
    programPath: values["program-path"] ?? DEFAULT_PROGRAM_PATH,
    timeoutS: whole("timeout", values.timeout) ?? 60,
    from: values.from?.replace(/\/+$/, ""),
    trialS: whole("trial", values.trial) ?? 60,
    agentOnly: values["agent-only"],
    graceS: whole("grace", values.grace) ?? 30,
    exclusive: values.exclusive,
    json: values.json,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new Refusal(`${messageOf(error)}\n${USAGE}`);
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Refusal(`--${name} ${text} is not a number from 1`);
  return value;
}

function readCpus(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new Refusal(`--cpus ${text} is not a number above 0`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 1_024,
  M: 1_048_576,
  G: 1_073_741_824,
  T: 1_099_511_627_776,
};

function readBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(digits) * (UNITS[unit?.toUpperCase() ?? "?"] ?? Number.NaN));
  if (!(bytes > 0))
    throw new Refusal(`--memory ${text} is not an amount of memory like 512M or 4G`);
  return bytes;
}

function readLabels(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new Refusal(`--label ${pair} is not of the form name=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
