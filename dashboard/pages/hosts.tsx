// The machines of a project: how each does, how much room it has; adding one, removing one.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { HostView, JoinTokenView } from "../../protocol/rest.ts";
import { inviteHost, removeHost } from "../api/api.ts";
import { Action, Age, Copyable, Foreign, Loading, State } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { LinkState, LiveMark } from "../parts/link.tsx";
import { HOST_MEANING, HOST_TONE } from "../parts/words.ts";
import { may } from "../session.ts";
import { plain } from "../text/plain.ts";
import { bytes, now, span } from "../text/time.ts";
import { useProject } from "./project.tsx";

export default function HostsPage() {
  const { project = "" } = useRoute().params;
  const live = useProject(project);
  const invited = useSignal<JoinTokenView | null>(null);
  const leaving = useSignal<HostView | null>(null);
  const hosts = live.hosts.value;
  useEffect(() => {
    document.title = `Hosts · ${plain(project)} · Coppice`;
  }, [project]);
  const invite = async () => {
    invited.value = await inviteHost(project);
  };
  return (
    <div class="page">
      <div class="title">
        <h1>
          Hosts <span class="soft">of</span> <Foreign text={project} />
        </h1>
        <LiveMark link={live.link} />
        {may("admin") && (
          <Action kind="main" run={invite}>
            Add host
          </Action>
        )}
      </div>
      <LinkState link={live.link} heardAt={live.heardAt} />
      {hosts === null && live.link.value.phase !== "refused" && <Loading what="the hosts" />}
      {hosts !== null && hosts.length === 0 && (
        <p class="lead">
          No host yet. A host is any Linux machine with a way out to the internet; it needs no open
          port.
        </p>
      )}
      {hosts !== null && hosts.length > 0 && (
        <ul class="hosts">
          {hosts.map((host) => (
            <Host key={host.id} host={host} remove={() => (leaving.value = host)} />
          ))}
        </ul>
      )}
      {invited.value !== null && (
        <Invitation invited={invited.value} close={() => (invited.value = null)} />
      )}
      {leaving.value !== null && (
        <Remove project={project} host={leaving.value} close={() => (leaving.value = null)} />
      )}
    </div>
  );
}

function Host({ host, remove }: { host: HostView; remove: () => void }) {
  const { capacity, facts } = host;
  return (
    <li class="card">
      <div class="title">
        <h2>
          <Foreign text={host.name} />
        </h2>
        <State word={host.status} tone={HOST_TONE[host.status]} />
        {may("admin") && host.status !== "removed" && (
          <Action kind="quiet" run={remove} label={`Remove ${plain(host.name)}`}>
            Remove
          </Action>
        )}
      </div>
      {host.status !== "online" && <p>{HOST_MEANING[host.status]}</p>}
      <dl class="facts">
        <div>
          <dt>Instances</dt>
          <dd>
            {host.used}
            {capacity !== null && ` of ${capacity.slots}`}
            {capacity !== null && (
              <meter
                min={0}
                max={capacity.slots}
                value={host.used}
                aria-label={`Slots of ${plain(host.name)} in use`}
              />
            )}
          </dd>
        </div>
        {capacity !== null && (
          <div>
            <dt>Machine</dt>
            <dd>
              {capacity.cpus} CPU, {bytes(capacity.memoryBytes)}
            </dd>
          </div>
        )}
        {facts !== null && (
          <>
            <div>
              <dt>System</dt>
              <dd>
                {plain(facts.os)} {plain(facts.arch)}
              </dd>
            </div>
            <div>
              <dt>Agent</dt>
              <dd>{plain(facts.agentVersion)}</dd>
            </div>
            <div>
              <dt>Containment</dt>
              <dd>{facts.containment === "cgroup" ? "cgroups" : "best effort"}</dd>
            </div>
          </>
        )}
        {host.status !== "online" && (
          <div>
            <dt>Heard</dt>
            <dd>
              <Age at={host.lastHeardAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>Joined</dt>
          <dd>
            <Age at={host.joinedAt} />
          </dd>
        </div>
      </dl>
    </li>
  );
}

function Invitation({ invited, close }: { invited: JoinTokenView; close: () => void }) {
  const left = Date.parse(invited.expiresAt) - now.value;
  return (
    <Dialog title="Add a host" close={close}>
      <p>Run this on the machine, as a user who may use sudo:</p>
      <Copyable label="Command that joins the machine" text={invited.command} />
      <details>
        <summary>For a machine that is yet to be made (cloud-init)</summary>
        <p>Give it this as its user data:</p>
        <Copyable label="User data for cloud-init" text={invited.cloudInit} />
      </details>
      <p class="soft">
        The token works once and {left > 0 ? `for ${span(left)} more` : "no longer"}; it is shown
        only here. The host appears in the list by itself.
      </p>
    </Dialog>
  );
}

function Remove(props: { project: string; host: HostView; close: () => void }) {
  const { project, host, close } = props;
  return (
    <Dialog title={`Remove ${plain(host.name)}?`} close={close}>
      <p>
        {host.used === 0
          ? "No instance runs there."
          : `Its ${host.used === 1 ? "instance is" : `${host.used} instances are`} started elsewhere where there is room.`}{" "}
        It may not connect any more; to come back, it has to join again.
      </p>
      <p class="row">
        <Action
          kind="danger"
          run={async () => {
            await removeHost(project, host.id);
            close();
          }}
        >
          Remove it
        </Action>
        <Action run={close}>Keep it</Action>
      </p>
    </Dialog>
  );
}
