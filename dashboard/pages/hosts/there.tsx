// What runs on a host, asked for when somebody looks: the instances, and of a host that is being emptied why each is
// still there.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { whyStanding } from "../../../client/standing.ts";
import { instanceWhy } from "../../../client/words.ts";
import type { HostInstanceView, HostView } from "../../../protocol/rest.ts";
import { listHostInstances } from "../../api/api.ts";
import { pageWorker } from "../../api/paths.ts";
import { Foreign, Loading, State, Why } from "../../parts/basics.tsx";
import { INSTANCE_TONE } from "../../parts/words.ts";
import { plain } from "../../text/plain.ts";

const AGAIN_MS = 3_000;

export interface ThereProps {
  readonly project: string;
  readonly hostId: string;
  /** Of the project, for their names. */
  readonly hosts: readonly HostView[];
}

/** Reads again each few seconds while the number moves, that is while the host is being emptied. */
export function InstancesThere(props: ThereProps & { moving: boolean }) {
  const found = useSignal<readonly HostInstanceView[] | null>(null);
  const error = useSignal<Error | null>(null);
  const { project, hostId, moving } = props;
  useEffect(() => {
    let over = false;
    const read = async () => {
      try {
        const { items } = await listHostInstances(project, hostId);
        if (over) return;
        found.value = items;
        error.value = null;
      } catch (refused) {
        if (!(refused instanceof Error)) throw refused;
        error.value = refused;
      }
    };
    void read();
    const timer = moving ? setInterval(() => document.hidden || void read(), AGAIN_MS) : undefined;
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [project, hostId, moving]);
  if (error.value !== null) return <Why error={error.value} />;
  if (found.value === null) return <Loading what="the instances" />;
  if (found.value.length === 0) return <p class="soft">No instance runs there.</p>;
  return (
    <ul class="instance-list">
      {found.value.map((there) => (
        <Row key={there.instance.id} {...{ project, there, moving }} hosts={props.hosts} />
      ))}
    </ul>
  );
}

function Row(props: {
  project: string;
  there: HostInstanceView;
  hosts: readonly HostView[];
  moving: boolean;
}) {
  const { project, hosts, moving } = props;
  const { worker, instance: one, successor } = props.there;
  const { mode } = one;
  const nameOf = (id: string) => hosts.find((host) => host.id === id)?.name;
  const why = moving ? whyStanding(one, successor, nameOf) : instanceWhy(one, mode);
  return (
    <li>
      <div class="row">
        <a href={pageWorker(project, worker.name)}>
          <Foreign text={worker.name} />
          <span class="hidden"> instance</span> {one.slot}
        </a>
        <State word={one.state} tone={INSTANCE_TONE[one.state]} />
        {mode === "exclusive" && <span class="small soft">exclusive</span>}
      </div>
      {why !== null && <p class="small">{plain(why)}</p>}
    </li>
  );
}
