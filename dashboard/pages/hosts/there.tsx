// What runs on a host, asked for when somebody looks: the instances of each worker, and of a host that is being emptied
// why each is still there.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { successorOf, whyStanding } from "../../../client/standing.ts";
import { instanceWhy } from "../../../client/words.ts";
import type { HostView, InstanceView, WorkerView } from "../../../protocol/rest.ts";
import { listInstances } from "../../api/api.ts";
import { pageWorker } from "../../api/paths.ts";
import { Foreign, Loading, State, Why } from "../../parts/basics.tsx";
import { INSTANCE_TONE } from "../../parts/words.ts";
import { plain } from "../../text/plain.ts";

const AGAIN_MS = 3_000;

interface There {
  readonly worker: WorkerView;
  readonly one: InstanceView;
  readonly successor: InstanceView | null;
}

export interface ThereProps {
  readonly project: string;
  readonly hostId: string;
  readonly workers: readonly WorkerView[];
  /** Of the project, for their names. */
  readonly hosts: readonly HostView[];
}

async function readThere({ project, hostId, workers }: ThereProps): Promise<There[]> {
  const lists = await Promise.all(
    workers.map(async (worker) => {
      const { items } = await listInstances(project, worker.name);
      return items
        .filter((one) => one.hostId === hostId)
        .map((one) => ({ worker, one, successor: successorOf(one, items) }));
    }),
  );
  return lists.flat();
}

/** Reads again each few seconds while the number moves, that is while the host is being emptied. */
export function InstancesThere(props: ThereProps & { moving: boolean }) {
  const found = useSignal<readonly There[] | null>(null);
  const error = useSignal<Error | null>(null);
  const { project, hostId, moving } = props;
  const names = props.workers.map((one) => one.name).join(" ");
  useEffect(() => {
    let over = false;
    const read = async () => {
      try {
        const there = await readThere(props);
        if (over) return;
        found.value = there;
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
  }, [project, hostId, names, moving]);
  if (error.value !== null) return <Why error={error.value} />;
  if (found.value === null) return <Loading what="the instances" />;
  if (found.value.length === 0) return <p class="soft">No instance runs there.</p>;
  return (
    <ul class="instance-list">
      {found.value.map((there) => (
        <Row key={there.one.id} {...{ project, there, moving }} hosts={props.hosts} />
      ))}
    </ul>
  );
}

function Row(props: {
  project: string;
  there: There;
  hosts: readonly HostView[];
  moving: boolean;
}) {
  const { project, hosts, moving } = props;
  const { worker, one, successor } = props.there;
  const { mode } = worker;
  const nameOf = (id: string) => hosts.find((host) => host.id === id)?.name;
  const why = moving ? whyStanding(one, successor, { mode, nameOf }) : instanceWhy(one, mode);
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
