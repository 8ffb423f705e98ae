// Pages of the log of one deploy: its build, and its predeploy command, from its beginning or behind a cursor; the frames of a build lie among all others.
//
// 1. A cursor is `row.line`, as in the worker's log.
// 2. A build that moved to another host has the lines of both, in the order in which they came.
// 3. Work per page is bounded; what is left out moves the cursor on.
// 4. It is over once its last byte is stored; what a lost host never shipped is not waited for for long.
import type { BuildLogLine } from "../../../protocol/rest.ts";
import { bare, cursorOf, type Place, parseCursor, Splitter } from "../../logs/read-logs.ts";
import type { BuildLogInput, BuildLogPage } from "../../rpc.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { FrameTable } from "./frames.ts";
import type { WorkerParts } from "./parts.ts";

const BATCH_ROWS = 4;
const PAGE_RAW_BYTES = 16_777_216;
const PAGE_TEXT_BYTES = 4_194_304;
const LATE_MS = 10_000;

export function readBuildLog(parts: WorkerParts, input: BuildLogInput): BuildLogPage | null {
  const deploy = parts.deploys.byNumber(input.number);
  if (!deploy) return null;
  const from = (input.cursor === null ? null : parseCursor(input.cursor)) ?? { seq: 0, line: 0 };
  const page = readForward(parts.frames, { deployId: deploy.id, limit: input.limit, from });
  const left = hasLeftBuilding(deploy);
  const isComplete = left && !page.more && mayEnd(parts, deploy);
  return { ...page, building: !left, complete: isComplete, status: deploy.status };
}

function hasLeftBuilding({ kind, status }: StoredDeploy): boolean {
  const isBefore = status === "queued" || status === "building" || status === "predeploy";
  return kind !== "deploy" || !isBefore;
}

function mayEnd({ frames, rim }: WorkerParts, deploy: StoredDeploy): boolean {
  return (
    deploy.kind !== "deploy" ||
    deploy.steps.length === 0 ||
    frames.outputEnded(deploy.id) ||
    rim.now() - deploy.statusAt > LATE_MS
  );
}

function readForward(
  frames: FrameTable,
  { deployId, from, limit }: { deployId: string; limit: number; from: Place },
): { lines: BuildLogLine[]; cursor: string; more: boolean } {
  const splitter = new Splitter(frames);
  const lines: BuildLogLine[] = [];
  let place = from;
  let textBytes = 0;
  let raw = 0;
  for (;;) {
    const batch = frames.ofDeploy(deployId, place.seq, BATCH_ROWS);
    for (const row of batch) {
      const seen = row.seq === place.seq ? place.line : 0;
      let i = 0;
      for (const found of splitter.frameLines(row)) {
        const index = i++;
        if (index < seen) continue;
        if (lines.length >= limit || textBytes >= PAGE_TEXT_BYTES)
          return { lines, cursor: cursorOf(row.seq, index), more: true };
        const { at, text } = bare(found);
        lines.push({ at, text, cursor: cursorOf(row.seq, index + 1) });
        textBytes += text.length;
      }
      place = { seq: row.seq, line: Math.max(i, seen) };
      raw += row.header.end - row.header.start;
    }
    const cursor = cursorOf(place.seq, place.line);
    if (batch.length < BATCH_ROWS) return { lines, cursor, more: false };
    if (raw >= PAGE_RAW_BYTES) return { lines, cursor, more: true };
    place = { seq: place.seq + 1, line: 0 };
  }
}
