// Going back to an older release: what would be different is shown before it is asked for.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { ReleaseDiffView, ReleaseField } from "../../../protocol/rest.ts";
import { diffRelease, rollBack } from "../../api/api.ts";
import { pageDeploy } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Foreign, Loading, Why } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { clipped, plain } from "../../text/plain.ts";

const FIELD_NAMES = {
  repo: "Repository",
  rootDir: "Root directory",
  buildCommand: "Build command",
  predeployCommand: "Predeploy command",
  startCommand: "Start command",
  stopSignal: "Stop signal",
  stopGraceMs: "Grace before KILL, ms",
  mode: "Mode",
  memoryBytes: "Memory, bytes",
  cpus: "Cores",
  pids: "Processes",
  openFiles: "Open files",
} as const satisfies Record<ReleaseField, string>;

export function RollBack({ live, release }: { live: WorkerLive; release: number }) {
  const asking = useSignal(false);
  return (
    <>
      <Action
        run={() => {
          asking.value = true;
        }}
      >
        Roll back to v{release} …
      </Action>
      {asking.value && (
        <Ask
          live={live}
          release={release}
          close={() => {
            asking.value = false;
          }}
        />
      )}
    </>
  );
}

function Ask({ live, release, close }: { live: WorkerLive; release: number; close: () => void }) {
  const { project, name } = live;
  const { route } = useLocation();
  const diff = useSignal<ReleaseDiffView | null>(null);
  const error = useSignal<Error | null>(null);
  useEffect(() => {
    diffRelease(project, name, release).then(
      (found) => {
        diff.value = found;
      },
      (refused) => {
        error.value = refused;
      },
    );
  }, [project, name, release]);
  const run = async () =>
    route(pageDeploy(project, name, (await rollBack(project, name, release)).number));
  return (
    <Dialog title={`Roll back to v${release}?`} close={close}>
      {diff.value === null && error.value === null && <Loading what="the difference" />}
      {diff.value !== null && <Difference diff={diff.value} />}
      <p>
        Its files, commands and variables come back as a new release, without a build and without a
        predeploy command. Deploys that are under way are canceled.
      </p>
      <Why error={error.value} />
      <p class="row">
        <Action
          kind="main"
          disabled={diff.value === null}
          run={run}
          onError={(refused) => {
            error.value = refused;
          }}
        >
          Roll back
        </Action>
        <Action run={close}>Leave it</Action>
      </p>
    </Dialog>
  );
}

function Side({ side }: { side: ReleaseDiffView["from"] }) {
  return (
    <>
      v{side.release} <code title={side.commit}>{side.commit.slice(0, 7)}</code>{" "}
      {side.commitMessage !== null && <bdi>{clipped(side.commitMessage, 80)}</bdi>}
    </>
  );
}

function Difference({ diff }: { diff: ReleaseDiffView }) {
  const { env, fields, from, to } = diff;
  const sameEnv = env.added.length + env.removed.length + env.changed.length === 0;
  return (
    <ul class="difference">
      <li>
        From <Side side={from} />
      </li>
      <li>
        to <Side side={to} />
        {from.commit === to.commit && ": the same commit"}
      </li>
      {fields.map((one) => (
        <li key={one.field}>
          {FIELD_NAMES[one.field]}: <code>{plain(one.from ?? "none")}</code> →{" "}
          <code>{plain(one.to ?? "none")}</code>
        </li>
      ))}
      {env.added.map((one) => (
        <li key={one.name}>
          <Foreign text={one.name} /> comes back
        </li>
      ))}
      {env.removed.map((one) => (
        <li key={one.name}>
          <Foreign text={one.name} /> goes
        </li>
      ))}
      {env.changed.map((one) => (
        <li key={one.name}>
          <Foreign text={one.name} />{" "}
          {one.to === one.from ? "of another source" : `as of version ${one.to}, not ${one.from}`}
        </li>
      ))}
      {sameEnv && <li>Variables: the same</li>}
    </ul>
  );
}
