// The status page under load: a real control plane with 50 public workers is asked for it 500 times a second, a second of
// that in turn with a second of a static file at the same rate.
//
// 1. Never more than RATE requests a second, to 127.0.0.1 alone; each is sent when it is due, however slow the last was.
// 2. Whether an object was woken is seen from outside: the runtime opens an object's file when it wakes and holds it
//    open for about 10 s. That this would be seen is shown at the end, by asking for the workers themselves.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NewTokenView, ProjectView, WorkerView } from "../protocol/rest.ts";
import { Api } from "../scripts/local/api.ts";
import { controlPlanePart } from "../scripts/local/parts.ts";
import { makeState, readJson, readSecrets, statePaths } from "../scripts/local/state.ts";
import { waitUntil } from "../scripts/local/wait.ts";
import { freePort } from "../test/support/cluster.ts";
import {
  type BenchOptions,
  cpuSeconds,
  type Figures,
  median,
  percentile,
  round,
  say,
} from "./measure.ts";

const RATE = 500;
const TICK_MS = 10;
const SECONDS = 10;
const COMPONENTS = 50;
const MOST_SOCKETS = 100;
/** The page is made anew behind an answer after 15 s; an idle object is let go after about 10 s. */
const QUIET_WITHIN_MS = 60_000;

interface Tally {
  readonly ms: number[];
  failures: number;
  bytes: number;
}

function ask(url: string, agent: Agent, tally: Tally): Promise<void> {
  const began = performance.now();
  return new Promise((done) => {
    const fail = () => {
      tally.failures++;
      done();
    };
    const request = get(url, { agent, timeout: 10_000 }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () => {
        if (response.statusCode !== 200) return fail();
        tally.ms.push(performance.now() - began);
        tally.bytes = bytes;
        done();
      });
      response.on("error", fail);
    });
    request.on("timeout", () => request.destroy(new Error("too slow")));
    request.on("error", fail);
  });
}

/** One second at the full rate; gives how long it took until all were answered, ms. */
async function oneSecond(url: string, agent: Agent, tally: Tally): Promise<number> {
  const began = performance.now();
  const perTick = (RATE * TICK_MS) / 1_000;
  const sent: Promise<void>[] = [];
  for (let tick = 0; tick < 1_000 / TICK_MS; tick++) {
    await sleep(Math.max(0, began + tick * TICK_MS - performance.now()));
    for (let at = 0; at < perTick; at++) sent.push(ask(url, agent, tally));
  }
  await Promise.all(sent);
  return performance.now() - began;
}

/** Which objects of workers and hosts the runtime has open. */
function awake(pid: number): Set<string> {
  const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return /\/do\/coppice-(?:Worker|Host)Object\/[0-9a-f]{64}\.sqlite/.exec(path)?.[0] ?? [];
    } catch {
      return [];
    }
  });
  return new Set(files);
}

/** A project with public workers; what it takes to ask for them again. */
async function publish(operator: Api): Promise<{ api: Api; workers: string }> {
  const project = await operator.json<ProjectView>("/v1/projects", { body: { name: "bench" } });
  const tokens = `/v1/projects/${project.id}/tokens`;
  const body = { name: "bench", role: "admin" };
  const api = new Api(operator.url, (await operator.json<NewTokenView>(tokens, { body })).token);
  const workers = `/v1/projects/${project.id}/workers`;
  for (let at = 0; at < COMPONENTS; at++) {
    const { id } = await api.json<WorkerView>(workers, {
      body: {
        ...{
          name: `worker-${at}`,
          repo: "https://git.example/shop",
          startCommand: "node worker.js",
        },
        deploy: false,
      },
    });
    const page = { public: true, name: `Worker ${at}`, group: `Group ${at % 5}` };
    await api.json(`${workers}/${id}/status-page`, { method: "PUT", body: page });
  }
  return { api, workers };
}

export async function status({ seconds, full }: BenchOptions): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), "coppice-bench-status-"));
  const paths = statePaths(directory);
  makeState(paths);
  const port = await freePort();
  const plane = controlPlanePart({ paths, port });
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  try {
    await plane.start();
    await waitUntil({ what: "the control plane", withinMs: 30_000 }, () => plane.ready);
    const { pid: workerdPid } = readJson(join(paths.run, "workerd.json")) as { pid: number };
    const url = `http://127.0.0.1:${port}`;
    say(`publishing ${COMPONENTS} workers`);
    const { api, workers } = await publish(new Api(url, readSecrets(paths).operatorToken));
    say("waiting until no object is awake");
    await waitUntil({ what: "the objects to sleep", withinMs: QUIET_WITHIN_MS }, () => {
      return awake(workerdPid).size === 0;
    });
    return await measure({
      url,
      agent,
      workerdPid,
      api,
      workers,
      seconds: seconds ?? (full ? 60 : SECONDS),
    });
  } finally {
    agent.destroy();
    await plane.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Rig {
  readonly url: string;
  readonly agent: Agent;
  readonly workerdPid: number;
  readonly api: Api;
  readonly workers: string;
  readonly seconds: number;
}

async function measure({ url, agent, workerdPid, api, workers, seconds }: Rig): Promise<Figures> {
  const page: Tally = { ms: [], failures: 0, bytes: 0 };
  const file: Tally = { ms: [], failures: 0, bytes: 0 };
  const woken = new Set<string>();
  const watch = setInterval(() => {
    for (const one of awake(workerdPid)) woken.add(one);
  }, 200);
  let pageMs = 0;
  const cpuS = { page: 0, file: 0 };
  for (let second = 0; second < seconds; second++) {
    const begun = cpuSeconds(workerdPid);
    pageMs += await oneSecond(`${url}/status`, agent, page);
    const between = cpuSeconds(workerdPid);
    await oneSecond(`${url}/favicon.svg`, agent, file);
    cpuS.page += between - begun;
    cpuS.file += cpuSeconds(workerdPid) - between;
  }
  clearInterval(watch);
  for (const one of awake(workerdPid)) woken.add(one);
  say(
    `${page.ms.length} pages in ${round(pageMs / 1_000)} s; now waking the workers, to see that it is seen`,
  );
  const { items } = await api.json<{ items: WorkerView[] }>(`${workers}?limit=100`);
  for (const { id } of items) await api.json(`${workers}/${id}`);
  return {
    status_asked_per_s: RATE,
    status_answered_per_s: round((page.ms.length / pageMs) * 1_000, 0),
    status_p50_ms: round(median(page.ms), 2),
    status_p99_ms: round(percentile(page.ms, 0.99), 2),
    static_file_p50_ms: round(median(file.ms), 2),
    static_file_p99_ms: round(percentile(file.ms, 0.99), 2),
    // Of the runtime alone: this hardly depends on what else the machine does.
    status_cpu_ms_per_page: round((cpuS.page / page.ms.length) * 1_000),
    static_file_cpu_ms: round((cpuS.file / file.ms.length) * 1_000),
    status_failures: page.failures,
    status_page_bytes: page.bytes,
    status_objects_woken: woken.size,
    objects_woken_by_asking_for_them: awake(workerdPid).size,
  };
}
