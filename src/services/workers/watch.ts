// What a worker's object tells of its instances, releases, crashes and events.
import type {
  CrashView,
  EventView,
  InstanceView,
  PageQuery,
  ReleaseView,
} from "../../../protocol/rest.ts";
import type { Page, PageInput } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";

type Reading = Admitted<"workers.read">;

export function pageInput(page: PageQuery): PageInput {
  return { cursor: page.cursor ?? null, limit: page.limit };
}

export async function listInstances({ call, worker }: Reading): Promise<Page<InstanceView>> {
  const items = await askWorker(call, worker.row.id, (stub) => stub.instances());
  return { items, next: null };
}

export function listReleases(
  { call, worker }: Reading,
  page: PageQuery,
): Promise<Page<ReleaseView>> {
  return askWorker(call, worker.row.id, (stub) => stub.releases(pageInput(page)));
}

export function listCrashes({ call, worker }: Reading, page: PageQuery): Promise<Page<CrashView>> {
  return askWorker(call, worker.row.id, (stub) => stub.crashes(pageInput(page)));
}

export function listEvents({ call, worker }: Reading, page: PageQuery): Promise<Page<EventView>> {
  return askWorker(call, worker.row.id, (stub) => stub.events(pageInput(page)));
}
