// What a worker's object tells of its instances, releases, crashes and events.
import {
  CrashView,
  EventView,
  type InstanceView,
  type PageQuery,
  type ReleaseView,
} from "../../../protocol/rest.ts";
import type { Page, PageInput } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { objectCursor } from "../cursor.ts";
import { askWorker } from "../reach.ts";

type Reading = Admitted<"workers.read">;

export function pageInput(page: PageQuery): PageInput {
  return { cursor: objectCursor(page.cursor), limit: page.limit };
}

/** The fields of the view; what an object keeps beside them is its own. */
function shown<T extends object>(view: { readonly shape: object }, page: Page<T>): Page<T> {
  const fields = Object.keys(view.shape);
  const items = page.items.map(
    (item) => Object.fromEntries(fields.map((field) => [field, item[field as keyof T]])) as T,
  );
  return { items, next: page.next };
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
  page: PageQuery,
): Promise<Page<CrashView>> {
  const input = pageInput(page);
  return shown(CrashView, await askWorker(call, worker.row.id, (stub) => stub.crashes(input)));
}

export async function listEvents(
  { call, worker }: Reading,
  page: PageQuery,
): Promise<Page<EventView>> {
  const input = pageInput(page);
  return shown(EventView, await askWorker(call, worker.row.id, (stub) => stub.events(input)));
}
