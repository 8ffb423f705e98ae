// What a worker's page knows: status, instances, deploys, timeline, and how its stream stands. The tabs share it.
//
// 1. The timeline is a page that was asked for, and what the stream adds to it: an event that both bring stands once.
import { signal } from "@preact/signals";
import type { DeployView, EventView, InstanceView, WorkerView } from "../../protocol/rest.ts";
import { listDeploys, listEvents } from "../api/api.ts";
import { apiWorker } from "../api/paths.ts";
import { follow, type Link } from "./stream.ts";

type Told =
  | { event: "worker"; data: WorkerView }
  | { event: "instances"; data: { items: InstanceView[] } }
  | { event: "deploy"; data: DeployView }
  | { event: "event"; data: EventView };

export type WorkerLive = ReturnType<typeof watchWorker>;

export function watchWorker(project: string, name: string) {
  const worker = signal<WorkerView | null>(null);
  const instances = signal<readonly InstanceView[] | null>(null);
  /** Newest first. */
  const deploys = signal<readonly DeployView[]>([]);
  const moreDeploys = signal<string | null>(null);
  /** Newest first; null before the first page. */
  const events = signal<readonly EventView[] | null>(null);
  const moreEvents = signal<string | null>(null);
  const link = signal<Link>({ phase: "opening" });
  const heardAt = signal<number | null>(null);
  /** Events that the stream brought before the first page was there. */
  let early: EventView[] = [];

  const addDeploys = (items: readonly DeployView[]) => {
    const byNumber = new Map(deploys.value.map((one) => [one.number, one]));
    for (const one of items) byNumber.set(one.number, one);
    deploys.value = [...byNumber.values()].sort((a, b) => b.number - a.number);
  };
  const addEvent = (event: EventView) => {
    if (events.value === null) early.push(event);
    else if (!events.value.some((one) => one.id === event.id))
      events.value = [event, ...events.value];
  };
  const take = ({ event, data }: Told) => {
    if (event === "worker") worker.value = data;
    else if (event === "instances") instances.value = data.items;
    else if (event === "deploy") addDeploys([data]);
    else if (event === "event") addEvent(data);
  };
  const readEvents = async () => {
    const first = events.value === null;
    const page = await listEvents(project, name, moreEvents.value);
    const known = new Set(events.value?.map((one) => one.id));
    events.value = [...(events.value ?? []), ...page.items.filter((one) => !known.has(one.id))];
    moreEvents.value = page.next;
    if (!first) return;
    for (const event of early) addEvent(event);
    early = [];
  };
  const readDeploys = async () => {
    const page = await listDeploys(project, name, moreDeploys.value);
    moreDeploys.value = page.next;
    addDeploys(page.items);
  };
  const close = follow({
    path: `${apiWorker(project, name)}/stream`,
    onEvent: ({ event, data }) => {
      heardAt.value = Date.now();
      take({ event, data: JSON.parse(data) } as Told);
    },
    onLink: (now) => {
      link.value = now;
    },
  });
  return {
    ...{
      project,
      name,
      worker,
      instances,
      deploys,
      moreDeploys,
      events,
      moreEvents,
      link,
      heardAt,
    },
    ...{ addDeploys, readEvents, readDeploys, close },
  };
}
