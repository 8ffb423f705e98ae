// All that a watcher shows of a worker, in one look: how it is, and which events came since the last look.
import type { SnapshotInput, WorkerSnapshot } from "../../rpc.ts";
import type { WorkerParts } from "./parts.ts";
import { workerOverview } from "./projection.ts";
import { deployView, instanceViews } from "./views.ts";
import { mayHear } from "./watch.ts";

const NEWEST_DEPLOYS = 5;
const EVENTS = 200;

export function takeSnapshot(parts: WorkerParts, { after }: SnapshotInput): WorkerSnapshot {
  mayHear(parts, "watcher");
  const { deploys, timeline } = parts;
  const newest = timeline.newestSeq();
  const from = after === null || !/^\d{1,15}$/.test(after) ? newest : Number(after);
  const events = timeline.eventsAfter(from, EVENTS);
  // One that is older but not over yet still changes.
  const shown = new Map(
    [...deploys.page(Number.MAX_SAFE_INTEGER, NEWEST_DEPLOYS), ...deploys.active()].map((one) => [
      one.number,
      one,
    ]),
  );
  return {
    overview: workerOverview(parts),
    instances: instanceViews(parts),
    deploys: [...shown.values()].sort((a, b) => a.number - b.number).map(deployView),
    events: events.map(({ seq, view }) => ({ cursor: String(seq), view })),
    cursor: String(events.at(-1)?.seq ?? from),
    more: events.length === EVENTS,
  };
}
