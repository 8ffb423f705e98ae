// A project as it changes: its workers and hosts as the projections know them. No object is woken.
//
// 1. Whoever connects is told of all; then of each change, of several in one second once.
// 2. D1 is asked one small question a second; the lists are read only where the answer is another.
import type { HostView, ProjectStreamEvent, WorkerView } from "../../../protocol/rest.ts";
import { listHosts } from "../../db/hosts.ts";
import { type ProjectMarks, projectMarks } from "../../db/watch-project.ts";
import { listWorkers } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { logLine } from "../call.ts";
import { hostView, workerView } from "../views.ts";
import type { StreamPart } from "./news.ts";
import { HEARTBEAT_MS, Standing } from "./standing.ts";

const EVERY_MS = 1_000;
const PAGE = 200;
const NO_MARKS: ProjectMarks = { workers: "", hosts: "" };

type Watching = Admitted<"projects.watch">;

/** All rows of a list that is read page by page. */
async function all<T>(
  read: (after: string | null) => Promise<T[]>,
  idOf: (row: T) => string,
): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const last = rows.at(-1);
    const page = await read(last === undefined ? null : idOf(last));
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

async function allWorkers({ call, project }: Watching): Promise<WorkerView[]> {
  const page = { projectId: project.id, limit: PAGE };
  const rows = await all(
    (after) => listWorkers(call.db, { ...page, after }),
    ({ row }) => row.id,
  );
  return rows.map((one) => workerView(one, one.projection));
}

async function allHosts({ call, project }: Watching): Promise<HostView[]> {
  const page = { projectId: project.id, limit: PAGE };
  const rows = await all(
    (after) => listHosts(call.db, { ...page, after }),
    ({ row }) => row.id,
  );
  return rows.map((one) => hostView(one, one.projection));
}

/** What is told of the workers, given what was told before: null before the first time. */
function workerEvents(
  before: ReadonlyMap<string, string> | null,
  now: readonly WorkerView[],
): ProjectStreamEvent[] {
  if (before === null) return [{ event: "workers", data: { items: [...now] } }];
  const here = new Set(now.map(({ id }) => id));
  const gone = [...before.keys()].filter((id) => !here.has(id));
  return [
    ...now
      .filter((one) => before.get(one.id) !== JSON.stringify(one))
      .map((data): ProjectStreamEvent => ({ event: "worker", data })),
    ...gone.map((id): ProjectStreamEvent => ({ event: "worker_gone", data: { id } })),
  ];
}

/** Remembers what was told of a project. */
class ProjectEye {
  readonly #watching: Watching;
  #marks = NO_MARKS;
  #workers: ReadonlyMap<string, string> | null = null;
  #hosts: string | null = null;

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  async look(): Promise<ProjectStreamEvent[]> {
    const { call, project } = this.#watching;
    const marks = await projectMarks(call.db, project.id);
    const before = this.#marks;
    const events: ProjectStreamEvent[] = [];
    if (marks.workers !== before.workers) {
      const workers = await allWorkers(this.#watching);
      events.push(...workerEvents(this.#workers, workers));
      this.#workers = new Map(workers.map((one) => [one.id, JSON.stringify(one)]));
    }
    if (marks.hosts !== before.hosts) {
      const items = await allHosts(this.#watching);
      const text = JSON.stringify(items);
      if (text !== this.#hosts) events.push({ event: "hosts", data: { items } });
      this.#hosts = text;
    }
    this.#marks = marks;
    return events;
  }
}

/** Waits, but not longer than the reader stays. */
function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return scheduler.wait(forMs, { signal }).catch(() => {});
}

/** Ends when `signal` aborts. Only the first look may throw. */
export async function* watchProject(
  admitted: Watching,
  signal: AbortSignal,
): AsyncGenerator<StreamPart<readonly ProjectStreamEvent[]>> {
  const eye = new ProjectEye(admitted);
  const standing = new Standing(admitted);
  yield { type: "told", told: await eye.look() };
  let toldAt = Date.now();
  for (;;) {
    await pause(EVERY_MS, signal);
    if (signal.aborted || !(await standing.mayLook())) return;
    const told = await eye.look().catch((error: unknown) => {
      logLine("warn", "look_failed", { requestId: admitted.call.requestId, error: String(error) });
      return [];
    });
    if (told.length > 0) yield { type: "told", told };
    else if (Date.now() - toldAt < HEARTBEAT_MS) continue;
    else yield { type: "heartbeat" };
    toldAt = Date.now();
  }
}
