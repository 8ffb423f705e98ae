// The header of a worker: how it does, which commit is live, how many run; deploy, restart, stop, scale.
import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import type { WorkerView } from "../../../protocol/rest.ts";
import { deploy, patchWorker, restartWorker, startWorker, stopWorker } from "../../api/api.ts";
import { pageDeploy, pageWorker } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Age, Foreign, State } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Stepper } from "../../parts/field.tsx";
import { LiveMark } from "../../parts/link.tsx";
import { WORKER_MEANING, WORKER_TONE } from "../../parts/words.ts";
import { may } from "../../session.ts";
import { clipped, plain } from "../../text/plain.ts";

interface Props {
  readonly live: WorkerLive;
  readonly worker: WorkerView;
}

export function WorkerHead({ live, worker }: Props) {
  return (
    <header class="worker-head">
      <div class="title">
        <h1>
          <Foreign text={worker.name} />
        </h1>
        <span title={WORKER_MEANING[worker.status]} class="big-state">
          <State word={worker.status} tone={WORKER_TONE[worker.status]} />
        </span>
        <LiveMark link={live.link} />
        {may("developer") && <Verbs live={live} worker={worker} />}
      </div>
      {worker.statusReason !== null && <p class="reason">{plain(worker.statusReason)}</p>}
      {worker.envChanged && (
        <p class="reason">
          <a href={pageWorker(live.project, live.name, "env")}>Env changed</a>, deploy to apply
        </p>
      )}
      <div class="head-row">
        <dl class="facts">
          <div>
            <dt>Running</dt>
            <dd>
              {worker.running} of {worker.instances}
            </dd>
          </div>
          <div class="fact-release">
            <dt>Live release</dt>
            <dd>
              <Release live={live} worker={worker} />
            </dd>
          </div>
          <div>
            <dt>Last deploy</dt>
            <dd>
              <Age at={worker.lastDeployAt} />
            </dd>
          </div>
          <div>
            <dt>Last crash</dt>
            <dd>
              <Age at={worker.lastCrashAt} />
            </dd>
          </div>
        </dl>
        {may("developer") && <Scale live={live} worker={worker} />}
      </div>
    </header>
  );
}

function Release({ live, worker }: Props) {
  if (worker.release === null) return <>none yet</>;
  const from = live.deploys.value.find((one) => one.release === worker.release && one.commit);
  return (
    <>
      v{worker.release}
      {from?.commit && <code title={from.commit}>{from.commit.slice(0, 7)}</code>}
      {from?.commitMessage && <bdi class="message">{clipped(from.commitMessage, 80)}</bdi>}
    </>
  );
}

function Verbs({ live, worker }: Props) {
  const { project, name } = live;
  const { route } = useLocation();
  const asking = useSignal(false);
  const ask = (open: boolean) => {
    asking.value = open;
  };
  const stopped = worker.status === "stopped";
  // What was scaled to 0 counts as stopped too, and says so as its reason: there, Start would do nothing.
  const scaledAway = stopped && worker.statusReason !== null;
  const ship = async () => route(pageDeploy(project, name, (await deploy(project, name)).number));
  return (
    <div class="verbs">
      <Action kind="main" run={ship}>
        Deploy
      </Action>
      <Action
        disabled={worker.release === null || stopped}
        run={async () => live.addDeploys([await restartWorker(project, name)])}
      >
        Restart
      </Action>
      {stopped ? (
        <Action disabled={scaledAway} run={() => startWorker(project, name)}>
          Start
        </Action>
      ) : (
        <Action run={() => ask(true)}>Stop</Action>
      )}
      {asking.value && (
        <Dialog title={`Stop ${plain(name)}?`} close={() => ask(false)}>
          <p>
            {worker.running === 1 ? "Its one instance is" : `Its ${worker.running} instances are`}{" "}
            asked to end ({worker.stopSignal}, and after {worker.stopGraceMs / 1_000} s KILL).
            Releases, variables and logs stay; Start brings it back as it was.
          </p>
          <p class="row">
            <Action
              kind="danger"
              run={async () => {
                await stopWorker(project, name);
                ask(false);
              }}
            >
              Stop it
            </Action>
            <Action run={() => ask(false)}>Keep it running</Action>
          </p>
        </Dialog>
      )}
    </div>
  );
}

function Scale({ live, worker }: Props) {
  /** What was chosen and not yet asked for; null follows the worker. */
  const wish = useSignal<number | null>(null);
  const shown = wish.value ?? worker.instances;
  const changed = shown !== worker.instances;
  const apply = async () => {
    await patchWorker(live.project, live.name, { instances: shown });
    wish.value = null;
  };
  return (
    <div class="scale">
      <Stepper
        label="Instances"
        value={shown}
        set={(value) => {
          wish.value = value;
        }}
      />
      {changed && (
        <Action kind="main" run={apply}>
          Scale to {shown}
        </Action>
      )}
    </div>
  );
}
