// What a person sees of the sample: every system line, a few of the program's own, and when the story is complete.
import { setTimeout as sleep } from "node:timers/promises";
import type { LogLine } from "../../protocol/rest.ts";
import type { Api } from "./api.ts";
import { plain, say } from "./terminal.ts";

/** Program lines shown after each system line; after that one each `QUIET_MS`. */
const LINES_PER_SCENE = 3;
const QUIET_MS = 10_000;
const RETRY_MS = 500;
const WIDTH = 110;

export interface StoryInput {
  readonly api: Api;
  /** `/v1/projects/P/workers/W` */
  readonly path: string;
  readonly name: string;
  /** Lines of the past to begin with. */
  readonly pastLines: number;
  readonly signal: AbortSignal;
  /** Called after each system line. */
  readonly onSystem?: (line: LogLine) => void;
}

interface Scene {
  left: number;
  lastShownAt: number;
}

/** Follows the log until `signal` aborts; a cut connection is taken up where it ended. Never throws. */
export async function followStory(input: StoryInput): Promise<void> {
  const { api, path, signal } = input;
  const scene: Scene = { left: LINES_PER_SCENE, lastShownAt: 0 };
  let cursor: string | null = null;
  while (!signal.aborted) {
    const query: string =
      cursor === null ? `limit=${input.pastLines}` : `cursor=${encodeURIComponent(cursor)}`;
    try {
      for await (const event of api.events(`${path}/logs?follow=1&${query}`, signal)) {
        const line = parseLine(event.data);
        if (line === null) continue;
        cursor = line.cursor;
        show(input, scene, line);
      }
    } catch {
      // The control plane is away for a moment; it is supervised and comes back.
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

function parseLine(data: string): LogLine | null {
  try {
    const line = JSON.parse(data) as Partial<LogLine>;
    return typeof line.text === "string" && typeof line.cursor === "string"
      ? (line as LogLine)
      : null;
  } catch {
    return null;
  }
}

function show(input: StoryInput, scene: Scene, line: LogLine): void {
  const label = line.slot === null ? input.name : `${input.name}.${line.slot}`;
  const text = plain(line.text, WIDTH);
  if (line.stream === "system") {
    say(label, text, /crash|fail|kill/i.test(text) ? "red" : "green");
    scene.left = LINES_PER_SCENE;
    scene.lastShownAt = performance.now();
    input.onSystem?.(line);
    return;
  }
  const now = performance.now();
  const error = line.stream === "stderr" && /^[A-Z][A-Za-z]*Error\b/.test(text);
  if (!error && scene.left <= 0 && now - scene.lastShownAt < QUIET_MS) return;
  if (!error) scene.left--;
  scene.lastShownAt = now;
  say(label, text, error ? "yellow" : undefined);
}
