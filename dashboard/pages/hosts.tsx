// The machines of a project: how each does, how much room it has; adding one, taking one out of use.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { JoinTokenView } from "../../protocol/rest.ts";
import { inviteHost } from "../api/api.ts";
import { Action, Copyable, Foreign, Loading } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { LinkState, LiveMark } from "../parts/link.tsx";
import { may } from "../session.ts";
import { plain } from "../text/plain.ts";
import { now, span } from "../text/time.ts";
import { Frozen } from "./hosts/frozen.tsx";
import { Host } from "./hosts/host.tsx";
import { Drain, Remove } from "./hosts/leave.tsx";
import { useProject } from "./project.tsx";

export default function HostsPage() {
  const { project = "" } = useRoute().params;
  const live = useProject(project);
  const invited = useSignal<JoinTokenView | null>(null);
  const leaving = useSignal<{ readonly id: string; readonly how: "drain" | "remove" } | null>(null);
  const hosts = live.hosts.value;
  const leaver = hosts?.find((one) => one.id === leaving.value?.id);
  const close = () => {
    leaving.value = null;
  };
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
      <Frozen project={project} live={live} />
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
            <Host
              key={host.id}
              {...{ project, host, live }}
              drain={() => (leaving.value = { id: host.id, how: "drain" })}
              remove={() => (leaving.value = { id: host.id, how: "remove" })}
            />
          ))}
        </ul>
      )}
      {invited.value !== null && (
        <Invitation invited={invited.value} close={() => (invited.value = null)} />
      )}
      {leaver && leaving.value?.how === "drain" && (
        <Drain {...{ project, live, close }} host={leaver} />
      )}
      {leaver && leaving.value?.how === "remove" && (
        <Remove {...{ project, live, close }} host={leaver} />
      )}
    </div>
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
