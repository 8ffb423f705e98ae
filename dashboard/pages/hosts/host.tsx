// One host as a card: how it does, whether it takes instances, how much of it is taken, what runs there.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { holdsText, hostUse, labelText, userText } from "../../../client/words.ts";
import type { HostView } from "../../../protocol/rest.ts";
import { cordonHost, uncordonHost, undrainHost } from "../../api/api.ts";
import type { ProjectLive } from "../../live/project.ts";
import { Action, Age, Foreign, State } from "../../parts/basics.tsx";
import { HOST_MEANING, HOST_TONE, USE_MEANING, USE_TONE } from "../../parts/words.ts";
import { may } from "../../session.ts";
import { plain } from "../../text/plain.ts";
import { bytes, now, span } from "../../text/time.ts";
import { InstancesThere } from "./there.tsx";

interface Props {
  readonly project: string;
  readonly host: HostView;
  readonly live: ProjectLive;
  readonly drain: () => void;
  readonly remove: () => void;
}

export function Host(props: Props) {
  const { project, host, live } = props;
  const hosts = live.hosts.value ?? [];
  const use = hostUse(host);
  return (
    <li class="card">
      <div class="title">
        <h2>
          <Foreign text={host.name} />
        </h2>
        <State word={host.status} tone={HOST_TONE[host.status]} />
        {use !== "open" && <State word={use} tone={USE_TONE[use]} />}
      </div>
      {host.status !== "online" && (
        <p>
          {host.frozen === null
            ? HOST_MEANING[host.status]
            : "Silent for so long that it counts as lost; what it ran is not replaced for now."}
        </p>
      )}
      {use !== "open" && (
        <p>
          {USE_MEANING[use]} <Deadline host={host} />
        </p>
      )}
      <Shares host={host} />
      <Facts host={host} />
      {host.used > 0 && <There {...{ project, host, hosts }} moving={use === "draining"} />}
      {may("admin") && host.status !== "removed" && <Verbs {...props} />}
    </li>
  );
}

function Deadline({ host: { drainUntil, used } }: { host: HostView }) {
  if (drainUntil === null || used === 0) return null;
  const leftMs = Date.parse(drainUntil) - now.value;
  const left = `${used} ${used === 1 ? "instance" : "instances"} left`;
  return leftMs > 0 ? (
    <>
      {left}, {span(leftMs)} to the deadline.
    </>
  ) : (
    <>{left}, which stop now: the deadline passed.</>
  );
}

/** Asked for when it is opened; while the host is emptied it stands open. */
function There(props: {
  project: string;
  host: HostView;
  hosts: readonly HostView[];
  moving: boolean;
}) {
  const { project, host, hosts, moving } = props;
  const open = useSignal(moving);
  useEffect(() => {
    if (moving) open.value = true;
  }, [moving]);
  return (
    <details
      class="more"
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>
        {host.used} {host.used === 1 ? "instance" : "instances"}
        <span class="hidden"> on {plain(host.name)}</span>
      </summary>
      {open.value && <InstancesThere {...{ project, hosts, moving }} hostId={host.id} />}
    </details>
  );
}

function Verbs({ project, host, live, drain, remove }: Props) {
  const use = hostUse(host);
  const draining = use === "draining" || use === "drained";
  const name = plain(host.name);
  const change = (ask: typeof cordonHost) => async () => live.noteHost(await ask(project, host.id));
  return (
    <p class="row">
      {use === "open" && (
        <Action run={change(cordonHost)} label={`Cordon ${name}`}>
          Cordon
        </Action>
      )}
      {use === "cordoned" && (
        <Action run={change(uncordonHost)} label={`Uncordon ${name}`}>
          Uncordon
        </Action>
      )}
      {draining ? (
        <Action run={change(undrainHost)} label={`End drain of ${name}`}>
          End drain
        </Action>
      ) : (
        <Action run={drain} label={`Drain ${name}`}>
          Drain …
        </Action>
      )}
      <Action kind="quiet" run={remove} label={`Remove ${name}`}>
        Remove …
      </Action>
    </p>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** So much of so much, with a bar. */
function Share(props: { name: string; of: string; taken: number; all: number; words: string }) {
  const { name, of, taken, all, words } = props;
  return (
    <Fact name={name}>
      {words}
      <meter
        min={0}
        max={all}
        value={taken}
        aria-label={`${name} of ${of}${name === "Slots" ? " in use" : " set aside"}`}
      />
    </Fact>
  );
}

function Shares({ host }: { host: HostView }) {
  const { capacity, heldCpus, heldMemoryBytes, used } = host;
  if (capacity === null) return null;
  const of = plain(host.name);
  const held = heldMemoryBytes === 0 ? "0" : bytes(heldMemoryBytes);
  return (
    <dl class="facts shares">
      <Share
        {...{ name: "Slots", of, taken: used, all: capacity.slots }}
        words={`${used} of ${capacity.slots}`}
      />
      <Share
        {...{ name: "Memory", of, taken: heldMemoryBytes, all: capacity.memoryBytes }}
        words={`${held} of ${bytes(capacity.memoryBytes)}`}
      />
      <Share
        {...{ name: "Cores", of, taken: heldCpus, all: capacity.cpus }}
        words={`${Math.round(heldCpus * 100) / 100} of ${capacity.cpus}`}
      />
    </dl>
  );
}

function Facts({ host }: { host: HostView }) {
  const { facts, region } = host;
  return (
    <dl class="facts">
      {region !== null && (
        <Fact name="Region">
          <Foreign text={region} />
        </Fact>
      )}
      {Object.keys(host.labels).length > 0 && (
        <Fact name="Labels">
          <Foreign text={labelText(host.labels)} />
        </Fact>
      )}
      {facts !== null && (
        <>
          <Fact name="System">
            {plain(facts.os)} {plain(facts.arch)}
          </Fact>
          <Fact name="Agent">{plain(facts.agentVersion)}</Fact>
          <Fact name="Containment">
            {facts.containment === "cgroup" ? "cgroups" : "best effort"}
          </Fact>
          <Fact name="Limits held by">{holdsText(facts.holds)}</Fact>
          {facts.holds !== undefined && <Fact name="Programs run as">{userText(facts.holds)}</Fact>}
        </>
      )}
      {host.status !== "online" && (
        <Fact name="Heard">
          <Age at={host.lastHeardAt} />
        </Fact>
      )}
      <Fact name="Joined">
        <Age at={host.joinedAt} />
      </Fact>
    </dl>
  );
}
