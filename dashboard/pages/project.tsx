// The project: its workers in one table, or three ways in where there are none yet.

import { useEffect, useMemo } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { HostView, WorkerView } from "../../protocol/rest.ts";
import { pageHosts, pageNew, pageWorker } from "../api/paths.ts";
import { type ProjectLive, watchProject } from "../live/project.ts";
import { Age, Foreign, Loading, Notice, State } from "../parts/basics.tsx";
import { LinkState, LiveMark } from "../parts/link.tsx";
import { WORKER_MEANING, WORKER_TONE } from "../parts/words.ts";
import { may } from "../session.ts";
import { plain } from "../text/plain.ts";
import { WaysIn } from "./ways-in.tsx";

/** The stream of a project, for as long as its page is shown. */
export function useProject(project: string): ProjectLive {
  const live = useMemo(() => watchProject(project), [project]);
  useEffect(() => live.close, [live]);
  return live;
}

export function ProjectPage() {
  const { project = "" } = useRoute().params;
  const live = useProject(project);
  const workers = live.workers.value;
  useEffect(() => {
    document.title = `${plain(project)} · Coppice`;
  }, [project]);
  const empty = workers !== null && workers.length === 0;
  return (
    <div class="page">
      <div class="title">
        <h1>
          Workers <span class="soft">in</span> <Foreign text={project} />
        </h1>
        <LiveMark link={live.link} />
        {may("developer") && !empty && (
          <a class="button main" href={pageNew(project)}>
            New service
          </a>
        )}
      </div>
      <LinkState link={live.link} heardAt={live.heardAt} />
      <HostsHint project={project} hosts={live.hosts.value} />
      {workers === null && live.link.value.phase !== "refused" && <Loading what="the workers" />}
      {empty && <WaysIn project={project} />}
      {workers !== null && !empty && <WorkerTable project={project} workers={workers} />}
    </div>
  );
}

function HostsHint({ project, hosts }: { project: string; hosts: readonly HostView[] | null }) {
  if (hosts === null || hosts.some((host) => host.status === "online")) return null;
  return (
    <Notice tone="warn">
      <p>
        {hosts.length === 0 ? "No host has joined yet" : "No host is online"}: workers wait until
        there is one.{" "}
        <a href={pageHosts(project)}>{hosts.length === 0 ? "Add a host" : "See the hosts"}</a>
      </p>
    </Notice>
  );
}

function WorkerTable({ project, workers }: { project: string; workers: readonly WorkerView[] }) {
  return (
    <table class="workers">
      <thead>
        <tr>
          <th scope="col">Worker</th>
          <th scope="col">State</th>
          <th scope="col" class="num">
            Running
          </th>
          <th scope="col" class="wide">
            Release
          </th>
          <th scope="col" class="wide">
            Last deploy
          </th>
          <th scope="col" class="wide">
            Last crash
          </th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <WorkerRow key={worker.id} project={project} worker={worker} />
        ))}
      </tbody>
    </table>
  );
}

function WorkerRow({ project, worker }: { project: string; worker: WorkerView }) {
  const release = worker.release === null ? "none yet" : `v${worker.release}`;
  return (
    <tr>
      <th scope="row">
        <a href={pageWorker(project, worker.name)}>
          <Foreign text={worker.name} />
        </a>
      </th>
      <td class="state-cell">
        <span title={WORKER_MEANING[worker.status]}>
          <State word={worker.status} tone={WORKER_TONE[worker.status]} />
        </span>
        {worker.statusReason !== null && <span class="sub">{plain(worker.statusReason)}</span>}
        {worker.envChanged && <span class="sub">env changed, deploy to apply</span>}
      </td>
      <td class="num">
        {worker.running}
        <span class="soft"> / {worker.instances}</span>
      </td>
      <td class="wide">{release}</td>
      <td class="wide">
        <Age at={worker.lastDeployAt} />
      </td>
      <td class="wide">
        <Age at={worker.lastCrashAt} />
      </td>
      <td class="sub-cell narrow-only">
        <span class="sub">
          {worker.lastDeployAt === null ? (
            "not deployed yet"
          ) : (
            <>
              {release} · deployed <Age at={worker.lastDeployAt} />
            </>
          )}
          {worker.lastCrashAt !== null && (
            <>
              {" "}
              · crashed <Age at={worker.lastCrashAt} />
            </>
          )}
        </span>
      </td>
    </tr>
  );
}
