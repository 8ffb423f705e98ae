// The files that programs write and we ship: measured, read, partly freed, deleted.
//
// 1. Nothing is freed that was not acknowledged as durable, and never the end that a crash would want to show.
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { StreamKey } from "../../protocol/channel.ts";
import type { AttemptKey } from "../../protocol/instance.ts";
import { outputPath } from "../../protocol/keeper.ts";
import { codeOf, type Spawn } from "../world.ts";
import { MOST_MASKED_BYTES } from "./mask.ts";

/** Freed in steps of this much, so that a flood costs few calls. */
const FREE_STEP_BYTES = 8 * 1_048_576;
const KEPT_TAIL_BYTES = 131_072;
const BLOCK_BYTES = 4_096;

export function spoolPath(state: string, key: StreamKey): string {
  return key.stream === "build"
    ? join(state, "builds", key.instanceId, `${key.bootId}.${key.attempt}.build`)
    : join(state, outputPath(key, key.stream));
}

/** Bytes written so far, or null where the file is not there. */
export function spoolSize(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

/** That range, or as much of it as there is. */
export function readSpool(path: string, range: { start: number; end: number }): Buffer {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
  try {
    const end = Math.min(range.end, fstatSync(fd).size);
    const bytes = Buffer.allocUnsafe(Math.max(0, end - range.start));
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(fd, bytes, filled, bytes.length - filled, range.start + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

export function deleteSpool(path: string): void {
  try {
    unlinkSync(path);
    if (path.endsWith(".build")) rmdirSync(dirname(path));
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY"].includes(codeOf(error) ?? "")) throw error;
  }
}

/** Up to where a file that is still written may be freed now; null where it isn't worth a call. */
export function freeableUpTo(spool: { acked: number; size: number; freed: number }): number | null {
  // What is framed next may begin inside of a secret: what stands before it is looked at.
  const keep = Math.min(spool.acked - MOST_MASKED_BYTES, spool.size - KEPT_TAIL_BYTES);
  const upTo = Math.floor(keep / BLOCK_BYTES) * BLOCK_BYTES;
  return upTo - spool.freed >= FREE_STEP_BYTES ? upTo : null;
}

/** Gives the blocks of that range back while the writer goes on; false where the host can't. */
export async function punchHole(
  spawn: Spawn,
  options: { path: string; from: number; upTo: number },
): Promise<boolean> {
  const { path, from, upTo } = options;
  const range = ["--offset", String(from), "--length", String(upTo - from)];
  const { code } = await spawn({
    command: "fallocate",
    args: ["--punch-hole", ...range, "--", path],
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    captureBytes: 1_024,
  }).ended;
  return code === 0;
}

const OUTPUT_NAME = /^(.+)\.(\d+)\.(stdout|stderr)$/;

/** The streams whose files lie in an instance's directory. */
export function findOutput(state: string, instanceId: string): StreamKey[] {
  let names: string[];
  try {
    names = readdirSync(join(state, "instances", instanceId));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  return names.flatMap((name) => {
    const [, bootId, attempt, stream] = OUTPUT_NAME.exec(name) ?? [];
    if (bootId === undefined || (stream !== "stdout" && stream !== "stderr")) return [];
    return [{ instanceId, bootId, attempt: Number(attempt), stream }];
  });
}

export function streamsOf(attempt: AttemptKey): [StreamKey, StreamKey] {
  const { instanceId, bootId, attempt: number } = attempt;
  const key = { instanceId, bootId, attempt: number };
  return [
    { ...key, stream: "stdout" },
    { ...key, stream: "stderr" },
  ];
}
