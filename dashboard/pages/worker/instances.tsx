// The instances as they are now: where each runs, as which process, since when, and when it comes back.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { instanceWhy, MODE_MEANING } from "../../../client/words.ts";
import type { HostView, InstanceView, WorkerView } from "../../../protocol/rest.ts";
import { listHosts } from "../../api/api.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Foreign, Loading, State } from "../../parts/basics.tsx";
import { INSTANCE_TONE } from "../../parts/words.ts";
import { plain } from "../../text/plain.ts";
import { now, span } from "../../text/time.ts";

export function Instances({ live }: { live: WorkerLive }) {
  const hosts = useSignal<readonly HostView[]>([]);
  const instances = live.instances.value;
  const known = new Set(hosts.value.map((host) => host.id));
  const strange = instances?.some((one) => one.hostId !== null && !known.has(one.hostId)) ?? false;
  useEffect(() => {
    // Without names the ids are shown; that is no reason for a message.
    if (strange)
      listHosts(live.project).then(
        ({ items }) => (hosts.value = items),
        () => {},
      );
  }, [strange]);
  const nameOf = (id: string) => hosts.value.find((host) => host.id === id)?.name ?? id;
  return (
    <section class="instances" aria-labelledby="instances">
      <h2 id="instances">Instances</h2>
      {live.worker.value?.mode === "exclusive" && (
        <p class="small soft">exclusive: {MODE_MEANING.exclusive}.</p>
      )}
      {instances === null && <Loading what="the instances" />}
      {instances !== null && instances.length === 0 && <p class="soft">None runs.</p>}
      {instances !== null && instances.length > 0 && (
        <ul class="instance-list">
          {instances.map((one) => (
            <Instance
              key={one.id}
              one={one}
              host={one.hostId === null ? null : nameOf(one.hostId)}
              mode={live.worker.value?.mode ?? "available"}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Instance(props: { one: InstanceView; host: string | null; mode: WorkerView["mode"] }) {
  const { one, host, mode } = props;
  const why = instanceWhy(one, mode);
  const up = one.startedAt !== null && (one.state === "running" || one.state === "healthy");
  const dueMs = one.restartAt === null ? null : Date.parse(one.restartAt) - now.value;
  const facts = [
    `v${one.release}`,
    `generation ${one.generation}`,
    one.pid !== null && `pid ${one.pid}`,
    one.attempt > 0 && `attempt ${one.attempt}`,
    up && one.startedAt !== null && `up ${span(now.value - Date.parse(one.startedAt))}`,
    one.state === "backoff" &&
      dueMs !== null &&
      (dueMs > 0 ? `again in ${span(Math.ceil(dueMs / 1_000) * 1_000)}` : "again at once"),
    one.restarts > 0 && `${one.restarts} ${one.restarts === 1 ? "restart" : "restarts"}`,
  ].filter((fact) => typeof fact === "string");
  return (
    <li>
      <div class="row">
        <strong class="slot">{one.slot}</strong>
        <State word={one.state} tone={INSTANCE_TONE[one.state]} />
        {host !== null && (
          <span class="host soft">
            on <Foreign text={host} />
          </span>
        )}
      </div>
      <p class="small soft">{facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join(" · ")}</p>
      {why !== null && <p class="small">{plain(why)}</p>}
    </li>
  );
}
