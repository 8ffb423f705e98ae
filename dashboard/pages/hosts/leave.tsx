// Taking a host out of use: emptying it by a deadline, or removing it for good, which wants its name typed.
import { useSignal } from "@preact/signals";
import { hostUse } from "../../../client/words.ts";
import type { HostView } from "../../../protocol/rest.ts";
import { drainHost, removeHost } from "../../api/api.ts";
import type { ProjectLive } from "../../live/project.ts";
import { Action, Foreign, Notice, Why } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { plain } from "../../text/plain.ts";
import { InstancesThere } from "./there.tsx";

export interface LeaveProps {
  readonly project: string;
  readonly host: HostView;
  readonly live: ProjectLive;
  readonly close: () => void;
}

const MOST_MINUTES = 1_440;

export function Drain({ project, host, live, close }: LeaveProps) {
  const minutes = useSignal("10");
  const error = useSignal<Error | null>(null);
  const others = (live.hosts.value ?? []).filter(
    (one) => one.id !== host.id && one.status === "online" && hostUse(one) === "open",
  );
  const drain = async (event: Event) => {
    event.preventDefault();
    error.value = null;
    try {
      live.noteHost(await drainHost(project, host.id, Math.round(Number(minutes.value) * 60_000)));
      close();
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  return (
    <Dialog title={`Drain ${plain(host.name)}?`} close={close}>
      <form class="stack" onSubmit={drain}>
        <p>
          {host.used === 0
            ? "Nothing runs there. "
            : `${host.used === 1 ? "Its instance is" : `Its ${host.used} instances are`} started on other hosts, and stopped here once the new ones are healthy; those of exclusive workers stop first. `}
          Afterwards it takes nothing until you end the drain.
        </p>
        {host.used > 0 && others.length === 0 && (
          <Notice tone="warn">
            <p>No other host takes instances now: what runs there has nowhere to go.</p>
          </Notice>
        )}
        <Field
          label="Deadline, minutes"
          value={minutes.value}
          set={(value) => {
            minutes.value = value;
          }}
          input={{ type: "number", min: 0, max: MOST_MINUTES, step: "any", required: true }}
          hint="What is left there by then is stopped, even where it has nowhere to go."
        />
        <Why error={error.value} />
        <p class="row">
          <button type="submit" class="button main">
            Drain it
          </button>
          <Action run={close}>Cancel</Action>
        </p>
      </form>
    </Dialog>
  );
}

export function Remove(props: LeaveProps) {
  const { project, host, live, close } = props;
  const typed = useSignal("");
  const error = useSignal<Error | null>(null);
  const remove = async () => {
    await removeHost(project, host.id);
    close();
  };
  return (
    <Dialog title={`Remove ${plain(host.name)}?`} close={close}>
      <p>With it go, for good:</p>
      <ul>
        <li>its right to connect: to come back, the machine has to join again</li>
        {host.used > 0 && (
          <li>
            the {host.used === 1 ? "instance" : `${host.used} instances`} there, started elsewhere
            where there is room
          </li>
        )}
      </ul>
      {host.used > 0 && (
        <>
          <InstancesThere
            project={project}
            hostId={host.id}
            hosts={live.hosts.value ?? []}
            moving={false}
          />
          <p class="soft">
            A machine that still runs is told nothing: its programs go on until its keeper is
            stopped, exclusive ones until their lease ends. To move them first, drain it.
          </p>
        </>
      )}
      <Field
        label={`Type ${plain(host.name)} to go on`}
        value={typed.value}
        set={(value) => {
          typed.value = value;
        }}
        input={{ class: "mono" }}
      />
      <Why error={error.value} />
      <p class="row">
        <Action
          kind="danger"
          disabled={typed.value !== host.name}
          run={remove}
          onError={(refused) => {
            error.value = refused;
          }}
        >
          Remove <Foreign text={host.name} />
        </Action>
        <Action run={close}>Keep it</Action>
      </p>
    </Dialog>
  );
}
