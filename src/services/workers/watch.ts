// What a worker's object tells of its instances, releases, crashes and events.
import type {
  CrashGroupView,
  CrashQuery,
  CrashView,
  EventView,
  InstanceView,
  PageQuery,
  ReleaseView,
} from "../../../protocol/rest.ts";
import type { Page, PageInput } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { numberCursor } from "../cursor.ts";
import { askWorker } from "../reach.ts";

const MOST_GROUPS = 200;

type Reading = Admitted<"workers.read">;

export function pageInput(page: PageQuery): PageInput {
  return { cursor: numberCursor(page.cursor), limit: page.limit };
}

export async function listInstances({ call, worker }: Reading): Promise<Page<InstanceView>> {
  const items = await askWorker(call, worker.row.id, (stub) => stub.instances());
  return { items, next: null };
}

export async function listReleases(
  { call, worker }: Reading,
  page: PageQuery,
): Promise<Page<ReleaseView>> {
  const input = pageInput(page);
  return askWorker(call, worker.row.id, (stub) => stub.releases(input));
}

export async function listCrashes(
  { call, worker }: Reading,
  { group, ...page }: CrashQuery,
): Promise<Page<CrashView>> {
  const input = { ...pageInput(page), ...(group === undefined ? {} : { group }) };
  return askWorker(call, worker.row.id, (stub) => stub.crashes(input));
}

/** As many as are kept; there is no second page. */
export async function listCrashGroups({ call, worker }: Reading): Promise<Page<CrashGroupView>> {
  const items = await askWorker(call, worker.row.id, (stub) => stub.crashGroups(MOST_GROUPS));
  return { items, next: null };
}

export async function listEvents(
  { call, worker }: Reading,
  page: PageQuery,
): Promise<Page<EventView>> {
  const input = pageInput(page);
  return askWorker(call, worker.row.id, (stub) => stub.events(input));
}
