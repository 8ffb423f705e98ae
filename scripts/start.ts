// `npm start`: control plane, keeper, agent and a sample worker on this machine, until Ctrl-C.
//
// 1. One launcher per state directory. What an earlier one left running is ended first, by its record.
// 2. The parts are started in order and stopped in reverse: agent, programs with their keeper, control plane.
// 3. Stopping changes nothing that is wanted: the next start runs the same instances.
// 4. Whatever stands in the way is said in one line, with what to do.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { NewTokenView, ProjectView, SignInLinkView } from "../protocol/rest.ts";
import { type AgentBundles, bundleAgent } from "./bundle-agent.ts";
import { Api } from "./local/api.ts";
import { createDemo, DEMO_FOLDER, DEMO_NAME, demoPath, demoPid, findDemo } from "./local/demo.ts";
import { followUrl, hasJoined, hostOnline } from "./local/host.ts";
import { fleetPaths, knownFleet, LocalHost } from "./local/local-host.ts";
import { readOptions, type StartOptions } from "./local/options.ts";
import { takeOrders } from "./local/orders.ts";
import { controlPlanePart } from "./local/parts.ts";
import {
  PreflightError,
  readCheckout,
  requireGit,
  requirePort,
  requireShortPath,
} from "./local/preflight.ts";
import { endOrphans, takeLock } from "./local/run-record.ts";
import {
  makeState,
  readMemory,
  readSecrets,
  type StatePaths,
  writeMemory,
  writePrivate,
} from "./local/state.ts";
import { followStory } from "./local/story.ts";
import { blank, bold, say } from "./local/terminal.ts";
import { waitUntil } from "./local/wait.ts";
import type { Part, PartEvents } from "./supervisor.ts";

const PROJECT = "local";
const HOST = "local";
const READY_MS = 30_000;
/** Programs get at most this long when everything ends. */
const END_GRACE_MS = 5_000;
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

interface Running {
  /** Set once, before the parts are stopped: what is still being brought up starts nothing any more. */
  ending: boolean;
  readonly controlPlane: Part;
  hosts: LocalHost[];
}

async function preflight(options: StartOptions): Promise<() => void> {
  const { paths, port } = options;
  await requireGit();
  requireShortPath(paths.host);
  makeState(paths);
  const lock = takeLock(paths);
  if (lock.kind === "busy") {
    throw new PreflightError(
      `Coppice already runs on ${paths.root} (pid ${lock.pid}): use that one, end it with Ctrl-C, or set COPPICE_STATE_DIR and COPPICE_PORT to start another.`,
    );
  }
  try {
    for (const orphan of await endAllOrphans(paths)) {
      say(
        "coppice",
        `ended the ${orphan.name} that an earlier start left behind (pid ${orphan.pid})`,
      );
    }
    await requirePort(port);
  } catch (error) {
    lock.release();
    throw error;
  }
  return lock.release;
}

/** Of the control plane and of every host that was ever started here. */
async function endAllOrphans(paths: StatePaths) {
  const ended = await Promise.all([paths, ...knownFleet(paths)].map((one) => endOrphans(one)));
  return ended.flat();
}

/** Says that a part ended and comes back; the log file has the reason. */
function watched(name: string, logs: string): PartEvents {
  return {
    ended: ({ code, signal }, restartInMs) =>
      say(
        "coppice",
        `the ${name} ended (${signal ?? `code ${code}`}), back in ${restartInMs} ms; see ${logs}`,
        "yellow",
      ),
  };
}

/** Waits until migrations are applied and requests answered. Three starts in vain are enough. */
async function controlPlaneUp(part: Part, logFile: string): Promise<void> {
  await waitUntil({ what: `the control plane (see ${logFile})`, withinMs: READY_MS }, () => {
    return part.ready || part.starts > 3;
  });
  if (!part.ready) throw new Error(`the control plane does not start: see ${logFile}`);
}

interface Place {
  readonly api: Api;
  readonly project: ProjectView;
  readonly token: string;
}

/** Project and token: found from the last start, or made. */
async function makePlace(options: StartOptions, operator: Api): Promise<Place> {
  const memory = readMemory(options.paths);
  const { items } = await operator.json<{ items: ProjectView[] }>("/v1/projects?limit=200");
  const project =
    items.find((item) => item.id === memory.projectId || item.name === PROJECT) ??
    (await operator.json<ProjectView>("/v1/projects", { method: "POST", body: { name: PROJECT } }));
  let token = memory.projectId === project.id ? memory.token : null;
  if (token === null) {
    const made = await operator.json<NewTokenView>(`/v1/projects/${project.id}/tokens`, {
      method: "POST",
      body: { name: "local", role: "admin" },
    });
    token = made.token;
  }
  writeMemory(options.paths, { ...memory, port: options.port, projectId: project.id, token });
  return { api: new Api(operator.url, token), project, token };
}

/** The first one keeps its state in the launcher's own directory, the others beside it. */
function makeHosts({ hosts, paths }: StartOptions, bundles: AgentBundles): LocalHost[] {
  return Array.from({ length: hosts }, (_, i) => {
    const name = i === 0 ? HOST : `${HOST}-${i + 1}`;
    const own = i === 0 ? paths : fleetPaths(paths.root, name);
    const events = watched(hosts === 1 ? "host's process" : `process of host ${name}`, own.logs);
    return new LocalHost({ name, paths: own, bundles, events });
  });
}

async function startHosts(
  options: StartOptions,
  running: Running,
  place: Place,
  bundles: AgentBundles,
): Promise<void> {
  const { api, project } = place;
  running.hosts = makeHosts(options, bundles);
  for (const host of running.hosts) {
    if (!hasJoined(host.paths)) {
      await host.join(api, project.id);
      say("host", `"${host.name}" joined project "${project.name}"`);
    }
    if (running.ending) throw new Error("asked to end while starting");
    followUrl(host.paths, api.url);
    host.start();
  }
  for (const { name } of running.hosts) {
    const view = await hostOnline(api, project.id, READY_MS, name);
    const how = view.facts?.containment === "cgroup" ? "cgroups" : "no cgroups here: best effort";
    say("host", `"${name}" is online (${how})`);
  }
}

type Demo = "created" | "continued" | "none";

async function startDemo(options: StartOptions, place: Place): Promise<Demo> {
  const { api, project } = place;
  if ((await findDemo(api, project.id)) !== null) {
    say(DEMO_NAME, "goes on where it was");
    return "continued";
  }
  const memory = readMemory(options.paths);
  if (memory.demoCreated) return "none";
  const checkout = await readCheckout(root, DEMO_FOLDER);
  if (typeof checkout === "string") {
    say(
      "coppice",
      `no sample worker: this folder is not a git repository to deploy from (${checkout})`,
    );
    return "none";
  }
  await createDemo(api, project.id, checkout);
  writeMemory(options.paths, { ...memory, demoCreated: true });
  const where = checkout.branch ?? checkout.commit.slice(0, 12);
  say(DEMO_NAME, `deploying ${DEMO_FOLDER} from ${checkout.repo} (${where})`);
  return "created";
}

/** Prints how to kill the sample, each time that its process is another one. */
async function hintKill(place: Place, seen: { pid: number | null }): Promise<void> {
  try {
    const pid = await demoPid(place.api, place.project.id);
    if (pid === null || pid === seen.pid) return;
    seen.pid = pid;
    say("try it", `kill it yourself:  ${bold(`kill -9 ${pid}`)}`);
  } catch {
    // Only a hint.
  }
}

async function stopAll(options: StartOptions, { controlPlane, hosts }: Running): Promise<void> {
  await Promise.all(hosts.map((host) => host.end(END_GRACE_MS)));
  await controlPlane.stop();
  // A control plane that had to be killed could not take its workerd along.
  await endAllOrphans(options.paths);
}

/** Resolves at the first Ctrl-C, TERM or closed terminal. A second one changes nothing: the end is bounded. */
function untilAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (!asked) blank();
        asked = true;
        resolve(name);
      });
    }
  });
}

async function tell(place: Place, demo: Demo, ended: AbortSignal): Promise<void> {
  const seen: { pid: number | null } = { pid: null };
  const timer = setInterval(() => void hintKill(place, seen), 1_000);
  await followStory({
    api: place.api,
    path: demoPath(place.project.id),
    name: DEMO_NAME,
    pastLines: demo === "created" ? 200 : 1,
    signal: ended,
  });
  clearInterval(timer);
}

async function bringUp(
  options: StartOptions,
  running: Running,
): Promise<{ place: Place; demo: Demo }> {
  const { paths, port } = options;
  const url = `http://127.0.0.1:${port}`;
  const operator = new Api(url, readSecrets(paths).operatorToken);
  const bundling = bundleAgent(paths.bin);
  running.controlPlane.start();
  await controlPlaneUp(running.controlPlane, join(paths.logs, "control-plane.log"));
  say("control", `plane is up at ${bold(url)}`);
  const place = await makePlace(options, operator);
  await startHosts(options, running, place, await bundling);
  const demo = options.demo ? await startDemo(options, place) : "none";
  writePrivate(paths.local, { url, token: place.token, project: place.project.name });
  say(
    "coppice",
    `ready. API ${bold(`${url}/docs`)}, token in ${paths.local}; Ctrl-C ends everything`,
  );
  say(
    "coppice",
    `dashboard ${bold(await signInLink(place.api))} (works once; \`coppice open\` makes another)`,
  );
  blank();
  return { place, demo };
}

/** A link that signs a browser in, once; the plain address where none could be made. */
async function signInLink(api: Api): Promise<string> {
  try {
    return (await api.json<SignInLinkView>("/v1/sign-in-links", { method: "POST", body: {} })).url;
  } catch {
    return `${api.url}/`;
  }
}

async function main(): Promise<number> {
  const options = readOptions(root, process.argv.slice(2));
  if (options === null) return 0;
  const release = await preflight(options);
  const { paths, port } = options;
  const controlPlane = controlPlanePart({
    paths,
    port,
    events: watched("control plane", paths.logs),
  });
  const running: Running = { ending: false, controlPlane, hosts: [] };
  const asked = untilAsked();
  const ended = new AbortController();
  let code = 0;
  void asked.then((name) => {
    if (name !== "SIGINT") say("coppice", `was sent ${name}`);
  });
  try {
    const up = await Promise.race([bringUp(options, running), asked]);
    if (typeof up === "object") {
      if (options.hosts > 1) takeOrders(running.hosts);
      const telling =
        up.demo !== "none" ? tell(up.place, up.demo, ended.signal) : Promise.resolve();
      await asked;
      ended.abort();
      await telling;
    }
  } catch (error) {
    say("coppice", error instanceof Error ? error.message : String(error), "red");
    code = 1;
  }
  ended.abort();
  running.ending = true;
  say("coppice", "ending: agent, programs, keeper, control plane …");
  await stopAll(options, running);
  release();
  say("coppice", code === 0 ? "ended. `npm start` goes on from here." : "ended.");
  return code;
}

// A reader of our lines that went away (`npm start | head`) is no reason to leave everything running without us.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof PreflightError ? error.message : error);
  process.exit(1);
}
