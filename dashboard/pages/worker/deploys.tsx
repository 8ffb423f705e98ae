// The deploys of a worker, newest first; one of them with its stages, durations, reason, last lines and build log.
import { useEffect } from "preact/hooks";
import type { DeployView } from "../../../protocol/rest.ts";
import { cancelDeploy, getDeploy } from "../../api/api.ts";
import { pageDeploy, pageWorker } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Age, Foreign, Loading, Notice, State } from "../../parts/basics.tsx";
import { fail } from "../../parts/failure.tsx";
import { later } from "../../parts/later.tsx";
import { DEPLOY_TONE } from "../../parts/words.ts";
import { may } from "../../session.ts";
import { clipped, plain } from "../../text/plain.ts";
import { now, span } from "../../text/time.ts";
import { Tail } from "./crash.tsx";
import { RollBack } from "./rollback.tsx";
import { Stages } from "./stages.tsx";

const BuildLog = later(() => import("./build-log.tsx"));

export default function DeploysTab({ live, item }: { live: WorkerLive; item: string | null }) {
  const number = item !== null && /^\d+$/.test(item) ? Number(item) : null;
  return number === null ? <DeployList live={live} /> : <OneDeploy live={live} number={number} />;
}

function DeployList({ live }: { live: WorkerLive }) {
  const deploys = live.deploys.value;
  return (
    <section aria-labelledby="deploys">
      <h2 id="deploys" class="hidden">
        Deploys
      </h2>
      {deploys.length === 0 && <p class="soft">None yet.</p>}
      <ol class="deploys" reversed>
        {deploys.map((one) => (
          <li key={one.id}>
            <Summary live={live} deploy={one} />
          </li>
        ))}
      </ol>
      {live.moreDeploys.value !== null && (
        <Action run={live.readDeploys}>Show earlier deploys</Action>
      )}
    </section>
  );
}

function lasted(deploy: DeployView): string {
  const end = deploy.endedAt === null ? now.value : Date.parse(deploy.endedAt);
  return span(Math.max(0, end - Date.parse(deploy.createdAt)));
}

function Summary({ live, deploy }: { live: WorkerLive; deploy: DeployView }) {
  const isLive = deploy.release !== null && deploy.release === live.worker.value?.release;
  return (
    <div class="deploy-line">
      <a class="number" href={pageDeploy(live.project, live.name, deploy.number)}>
        {KINDS[deploy.kind]} {deploy.number}
      </a>
      <State
        word={deploy.status === "live" && !isLive ? "was live" : deploy.status}
        tone={deploy.status === "live" && !isLive ? "none" : DEPLOY_TONE[deploy.status]}
      />
      <span class="commit">
        <Commit deploy={deploy} />
      </span>
      <span class="soft small">
        {deploy.release !== null && `v${deploy.release}`}
        {deploy.restores !== null && ` with what v${deploy.restores} was`}
        {deploy.release !== null && " · "}
        by <Foreign text={deploy.actor} /> · <Age at={deploy.createdAt} /> · took {lasted(deploy)}
      </span>
      {deploy.reason !== null && <p class="reason">{plain(deploy.reason)}</p>}
      <BackTo live={live} deploy={deploy} />
    </div>
  );
}

/** To a release that was live before; a rollback to any other has to be asked for by name. */
function BackTo({ live, deploy }: { live: WorkerLive; deploy: DeployView }) {
  const { release, status } = deploy;
  const present = live.worker.value?.release ?? null;
  if (status !== "live" || release === null || present === null || release === present) return null;
  return may("developer") ? <RollBack live={live} release={release} /> : null;
}

const KINDS = { deploy: "Deploy", restart: "Restart", rollback: "Rollback" } as const;

function Commit({ deploy }: { deploy: DeployView }) {
  return (
    <>
      {deploy.commit !== null && <code title={deploy.commit}>{deploy.commit.slice(0, 7)}</code>}{" "}
      {deploy.commitMessage !== null && <bdi>{clipped(deploy.commitMessage, 100)}</bdi>}{" "}
      {deploy.ref !== null && deploy.ref !== deploy.commit && (
        <span class="soft">
          from <Foreign text={deploy.ref.slice(0, 80)} />
        </span>
      )}
    </>
  );
}

function OneDeploy({ live, number }: { live: WorkerLive; number: number }) {
  const deploy = live.deploys.value.find((one) => one.number === number);
  const missing = deploy === undefined;
  useEffect(() => {
    if (missing)
      getDeploy(live.project, live.name, number).then((one) => live.addDeploys([one]), fail);
  }, [missing, number]);
  if (deploy === undefined) return <Loading what={`deploy ${number}`} />;
  const { project, name } = live;
  const under = deploy.endedAt === null;
  return (
    <section aria-labelledby="deploy" class="stack">
      <p class="crumb">
        <a href={pageWorker(project, name, "deploys")}>All deploys</a>
      </p>
      <div class="title">
        <h2 id="deploy">
          {KINDS[deploy.kind]} {number}
        </h2>
        <State word={deploy.status} tone={DEPLOY_TONE[deploy.status]} />
        {under && may("developer") && (
          <Action run={async () => live.addDeploys([await cancelDeploy(project, name, number)])}>
            Cancel
          </Action>
        )}
      </div>
      <p class="commit">
        <Commit deploy={deploy} />
        <span class="soft">
          {" "}
          · by <Foreign text={deploy.actor} /> · <Age at={deploy.createdAt} /> ·{" "}
          {under ? "for" : "took"} {lasted(deploy)}
        </span>
      </p>
      <Stages deploy={deploy} />
      {deploy.reason !== null && (
        <Notice tone={DEPLOY_TONE[deploy.status]} alert={deploy.status === "failed"}>
          <p>
            <strong>Why:</strong> {plain(deploy.reason)}
          </p>
          {deploy.tail.length > 0 && (
            <>
              <h3>Last lines</h3>
              <Tail lines={deploy.tail} none="" />
            </>
          )}
        </Notice>
      )}
      <BackTo live={live} deploy={deploy} />
      {deploy.status === "live" && deploy.release === live.worker.value?.release && (
        <p>
          Release v{deploy.release} is live.{" "}
          <a href={pageWorker(project, name, "logs")}>See its logs</a>
        </p>
      )}
      {deploy.kind === "deploy" && <BuildLog key={number} live={live} number={number} />}
    </section>
  );
}
