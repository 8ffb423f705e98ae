// How the host channel stands, left in a file for those that ask from outside: the installer, `upgrade`, `doctor`.
import { join } from "node:path";
import * as z from "zod";
import { readIfThere, replaceFile } from "./durable.ts";

export const Standing = z.object({
  /** `refused`: not tried again before somebody mended the cause. */
  channel: z.enum(["open", "down", "refused"]),
  /** What to do, or why it is down. */
  reason: z.string().nullable(),
  /** Of the agent that wrote this. */
  pid: z.int(),
  version: z.string(),
  /** ms since the epoch. */
  at: z.number(),
});
export type Standing = z.infer<typeof Standing>;

function pathOf(state: string): string {
  return join(state, "channel.json");
}

export function writeStanding(state: string, standing: Standing): void {
  replaceFile(pathOf(state), `${JSON.stringify(standing)}\n`);
}

/** Null where no agent wrote one yet, or that agent runs no more. */
export function readStanding(state: string): Standing | null {
  try {
    const standing = Standing.parse(JSON.parse(readIfThere(pathOf(state)) ?? ""));
    process.kill(standing.pid, 0);
    return standing;
  } catch {
    return null;
  }
}
