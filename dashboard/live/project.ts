// What a project's page knows: its workers and hosts, since when, and how its stream stands.
import { signal } from "@preact/signals";
import type { HostView, WorkerView } from "../../protocol/rest.ts";
import { apiProject } from "../api/paths.ts";
import { follow, type Link } from "./stream.ts";

export interface ProjectLive {
  readonly workers: { readonly value: readonly WorkerView[] | null };
  readonly hosts: { readonly value: readonly HostView[] | null };
  readonly link: { readonly value: Link };
  /** When the stream said something last. */
  readonly heardAt: { readonly value: number | null };
  /** What a change answered: shown at once, until the stream says more. */
  readonly noteHost: (host: HostView) => void;
  readonly close: () => void;
}

type Told =
  | { event: "workers"; data: { items: WorkerView[] } }
  | { event: "worker"; data: WorkerView }
  | { event: "worker_gone"; data: { id: string } }
  | { event: "hosts"; data: { items: HostView[] } };

export function watchProject(project: string): ProjectLive {
  const workers = signal<readonly WorkerView[] | null>(null);
  const hosts = signal<readonly HostView[] | null>(null);
  const link = signal<Link>({ phase: "opening" });
  const heardAt = signal<number | null>(null);

  const take = ({ event, data }: Told) => {
    const known = workers.value ?? [];
    if (event === "workers") workers.value = data.items;
    else if (event === "hosts") hosts.value = data.items;
    else if (event === "worker_gone") workers.value = known.filter((one) => one.id !== data.id);
    else if (event === "worker") {
      const isNew = !known.some((one) => one.id === data.id);
      workers.value = isNew
        ? [...known, data]
        : known.map((one) => (one.id === data.id ? data : one));
    }
  };
  const close = follow({
    path: `${apiProject(project)}/stream`,
    onEvent: ({ event, data }) => {
      heardAt.value = Date.now();
      take({ event, data: JSON.parse(data) } as Told);
    },
    onLink: (now) => {
      link.value = now;
    },
  });
  const noteHost = (host: HostView) => {
    hosts.value = hosts.value?.map((one) => (one.id === host.id ? host : one)) ?? null;
  };
  return { workers, hosts, link, heardAt, noteHost, close };
}
