// The frame of every page and the table of addresses. Only the project page is loaded at once; the rest on demand.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, Route, Router, useLocation } from "preact-iso";
import { pageProject } from "./api/paths.ts";
import { ProjectPage } from "./pages/project.tsx";
import { Action, Loading, Notice } from "./parts/basics.tsx";
import { Failure } from "./parts/failure.tsx";
import { later } from "./parts/later.tsx";
import { askWho, session } from "./session.ts";
import { Top } from "./top.tsx";

const SignInPage = later(() => import("./pages/sign-in.tsx"));
const DevicePage = later(() => import("./pages/device.tsx"));
const ProjectsPage = later(() => import("./pages/projects.tsx"));
const NewWorkerPage = later(() => import("./pages/new-worker.tsx"));
const WorkerPage = later(() => import("./pages/worker/page.tsx"));
const HostsPage = later(() => import("./pages/hosts.tsx"));
const GroupsPage = later(() => import("./pages/groups.tsx"));
const TokensPage = later(() => import("./pages/tokens.tsx"));

/** What is not ours (docs, status page, API) is left to the browser. */
const OURS = /^\/(?:$|p\/|sign-in|device)/;

export function App() {
  return (
    <LocationProvider scope={OURS}>
      <Gate />
    </LocationProvider>
  );
}

/** Nothing but signing in is shown to nobody; afterwards they land where they wanted to go. */
function Gate() {
  const { path } = useLocation();
  const now = session.value;
  if (path === "/sign-in")
    return (
      <Alone>
        <SignInPage />
      </Alone>
    );
  if (now.phase === "asking") return <Loading what="who you are" />;
  if (now.phase === "out")
    return (
      <Alone>
        <SignInPage />
      </Alone>
    );
  if (now.phase === "away")
    return (
      <Alone>
        <Away why={now.why} />
      </Alone>
    );
  return (
    <>
      <Top />
      <Failure />
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path="/" component={Home} />
          <Route path="/device" component={DevicePage} />
          <Route path="/p/:project" component={ProjectPage} />
          <Route path="/p/:project/new" component={NewWorkerPage} />
          <Route path="/p/:project/hosts" component={HostsPage} />
          <Route path="/p/:project/groups/:group?" component={GroupsPage} />
          <Route path="/p/:project/tokens" component={TokensPage} />
          <Route path="/p/:project/w/:worker/:tab?/:item?" component={WorkerPage} />
          <Route default component={Nowhere} />
        </Router>
      </main>
    </>
  );
}

function Alone({ children }: { children: ComponentChildren }) {
  return (
    <main id="main" class="alone">
      {children}
    </main>
  );
}

function Away({ why }: { why: Error }) {
  return (
    <Notice tone="warn" alert>
      <h1>The control plane is not reachable</h1>
      <p>{why.message} Your workers run on: their hosts keep them alive without it.</p>
      <Action kind="main" run={askWho}>
        Try again
      </Action>
    </Notice>
  );
}

function Home() {
  const { route } = useLocation();
  const now = session.value;
  const own = now.phase === "in" ? now.who.project : null;
  useEffect(() => {
    if (own !== null) route(pageProject(own.name), true);
  }, [own]);
  return own === null ? <ProjectsPage /> : null;
}

function Nowhere() {
  return (
    <div class="page narrow">
      <h1>Nothing here</h1>
      <p>
        There is no page at this address. <a href="/">To your project</a>
      </p>
    </div>
  );
}
