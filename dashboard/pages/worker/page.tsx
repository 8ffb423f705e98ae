// A worker: its header with everything one does to it, and the tabs, which share one stream.

import { useEffect, useMemo } from "preact/hooks";
import { useRoute } from "preact-iso";
import { pageProject, pageWorker, TABS, type Tab } from "../../api/paths.ts";
import { watchWorker } from "../../live/worker.ts";
import { Loading } from "../../parts/basics.tsx";
import { fail } from "../../parts/failure.tsx";
import { later } from "../../parts/later.tsx";
import { LinkState } from "../../parts/link.tsx";
import { plain } from "../../text/plain.ts";
import { EventsTab } from "./events.tsx";
import { WorkerHead } from "./head.tsx";

const LogsTab = later(() => import("./logs.tsx"));
const EnvTab = later(() => import("./env.tsx"));
const DeploysTab = later(() => import("./deploys.tsx"));
const SettingsTab = later(() => import("./settings.tsx"));

const TITLES = {
  events: "Events",
  logs: "Logs",
  env: "Environment",
  deploys: "Deploys",
  settings: "Settings",
} as const satisfies Record<Tab, string>;

const PAGES = {
  events: EventsTab,
  logs: LogsTab,
  env: EnvTab,
  deploys: DeploysTab,
  settings: SettingsTab,
} as const;

export default function WorkerPage() {
  const { params } = useRoute();
  const { project = "", worker = "", item } = params;
  const tab = TABS.find((one) => one === params.tab) ?? "events";
  const live = useMemo(() => watchWorker(project, worker), [project, worker]);
  useEffect(() => {
    live.readEvents().catch(fail);
    live.readDeploys().catch(fail);
    return live.close;
  }, [live]);
  useEffect(() => {
    document.title = `${plain(worker)} · ${TITLES[tab]} · Coppice`;
  }, [worker, tab]);
  const Page = PAGES[tab];
  const gone = live.link.value.phase === "refused";
  return (
    <div class={`page ${tab === "logs" ? "tall" : ""}`}>
      <p class="crumb">
        <a href={pageProject(project)}>Workers</a>
      </p>
      <LinkState link={live.link} heardAt={live.heardAt} />
      {live.worker.value === null && !gone && <Loading what="the worker" />}
      {live.worker.value !== null && (
        <>
          <WorkerHead live={live} worker={live.worker.value} />
          <nav class="tabs" aria-label="Parts of the worker">
            {TABS.map((one) => (
              <a
                key={one}
                href={pageWorker(project, worker, one)}
                aria-current={one === tab ? "page" : undefined}
              >
                {TITLES[one]}
              </a>
            ))}
          </nav>
          <Page live={live} item={item ?? null} />
        </>
      )}
    </div>
  );
}
