// Many hosts were lost at once: what they ran is not replaced for now, and somebody who knows better may go on with it.
import { useSignal } from "@preact/signals";
import { frozenWords } from "../../../client/words.ts";
import type { HostView } from "../../../protocol/rest.ts";
import { thawHosts } from "../../api/api.ts";
import type { ProjectLive } from "../../live/project.ts";
import { Action, Foreign, Notice } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { may } from "../../session.ts";

export function Frozen({ project, live }: { project: string; live: ProjectLive }) {
  const asking = useSignal(false);
  const frozen = (live.hosts.value ?? []).filter((one) => one.frozen !== null);
  const words = frozenWords(frozen);
  if (words === null) return null;
  return (
    <>
      <Notice tone="bad">
        <p>
          <strong>{words}.</strong> What they ran is not replaced for now: so many at once point to
          the network rather than to them. It will be once enough are back, or after 15 minutes.
        </p>
        {may("admin") && (
          <Action
            run={() => {
              asking.value = true;
            }}
          >
            Replace now …
          </Action>
        )}
      </Notice>
      {asking.value && <Thaw {...{ project, live, frozen }} close={() => (asking.value = false)} />}
    </>
  );
}

function Thaw(props: {
  project: string;
  live: ProjectLive;
  frozen: readonly HostView[];
  close: () => void;
}) {
  const { project, live, frozen, close } = props;
  const thaw = async () => {
    await thawHosts(project);
    for (const host of frozen) live.noteHost({ ...host, frozen: null });
    close();
  };
  return (
    <Dialog title="Are they dead?" close={close}>
      <p>
        What{" "}
        {frozen.map((host, at) => (
          <span key={host.id}>
            {at > 0 && ", "}
            <strong>
              <Foreign text={host.name} />
            </strong>
          </span>
        ))}{" "}
        ran is started on other hosts, where there is room. Should they run after all, instances of
        available workers run twice until they are back; those of exclusive workers never do.
      </p>
      <p class="row">
        <Action kind="main" run={thaw}>
          They are dead: replace
        </Action>
        <Action run={close}>Wait</Action>
      </p>
    </Dialog>
  );
}
