// One worker as it changes: status, instances, deploys and timeline, driven by its object's news.
//
// 1. What did not change since it was told is not told again; how long ago a host was heard of is no change.
// 2. Each event is told once and in order; its cursor resumes behind it.
import type { WorkerStreamEvent } from "../../../protocol/rest.ts";
import { type StoredWorker, workerById } from "../../db/workers.ts";
import type { WorkerSnapshot } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { objectCursor } from "../cursor.ts";
import { askWorker } from "../reach.ts";
import { workerView } from "../views.ts";
import { followNews, type StreamPart } from "./news.ts";

const EVERY_MS = 200;

export type ToldOfWorker = WorkerStreamEvent & { readonly cursor: string | null };

/** Remembers what was told, and gives only what is new of it. */
class Told {
  readonly #byName = new Map<string, string>();

  isNew(name: string, value: unknown): boolean {
    const text = JSON.stringify(value);
    if (this.#byName.get(name) === text) return false;
    this.#byName.set(name, text);
    return true;
  }
}

function changes(told: Told, stored: StoredWorker, seen: WorkerSnapshot): ToldOfWorker[] {
  const out: ToldOfWorker[] = [];
  const { overview } = seen;
  if (overview) {
    const data = workerView(stored, { ...overview, at: Date.now() });
    const { statusAt: _, ...rest } = data;
    if (told.isNew("worker", rest)) out.push({ event: "worker", data, cursor: null });
  }
  const standing = seen.instances.map(({ lastHeartbeatAt: _, ...rest }) => rest);
  if (told.isNew("instances", standing))
    out.push({ event: "instances", data: { items: seen.instances }, cursor: null });
  for (const data of seen.deploys) {
    if (told.isNew(data.id, data)) out.push({ event: "deploy", data, cursor: null });
  }
  for (const { cursor, view } of seen.events) out.push({ event: "event", data: view, cursor });
  return out;
}

export interface WorkerNews {
  readonly events: readonly ToldOfWorker[];
  /** Behind all that was told so far. */
  readonly cursor: string;
}

export function watchWorker(
  admitted: Admitted<"workers.read">,
  resume: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamPart<WorkerNews>> {
  const { call } = admitted;
  const { id } = admitted.worker.row;
  const told = new Told();
  let stored: StoredWorker = admitted.worker;
  let after = objectCursor(resume);
  const look = async () => {
    const seen = await askWorker(call, id, (stub) => stub.snapshot({ after }));
    const applied = seen.overview?.appliedVersion;
    // Spec and variables stand in D1, and the object says when they are other ones.
    const moved = seen.events.some(({ view }) => view.kind === "env_changed");
    if (applied === undefined || applied > stored.row.specVersion || moved)
      stored = (await workerById(call.db, id)) ?? stored;
    const events = changes(told, stored, seen);
    const isMoved = seen.cursor !== after;
    after = seen.cursor;
    return {
      told: events.length > 0 || isMoved ? { events, cursor: seen.cursor } : null,
      more: seen.more,
      over: stored.row.deletedAt !== null,
    };
  };
  return followNews(admitted, { path: "/watch/state", everyMs: EVERY_MS, look }, signal);
}
