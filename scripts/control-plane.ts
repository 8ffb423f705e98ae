// The control plane on this machine, as a process of its own: workerd embedded with wrangler.toml's bindings.
// node scripts/control-plane.ts --state DIR --port N [--host ADDRESS]
//
// 1. Tells `ready` over IPC (or as a JSON line on stdout) once migrations are applied and requests are answered.
// 2. workerd's pid is recorded; where this process is SIGKILLed, the next one ends that orphan before it starts.
// 3. When workerd ends unasked, this process ends too, code 1: the supervisor starts both afresh.
// 4. When the launcher is gone (IPC closed), this process ends by itself.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Miniflare } from "miniflare";
import { buildDashboard } from "./build-dashboard.ts";
import { bundleControlPlane } from "./bundle-control-plane.ts";
import { frontModule } from "./local/front.ts";
import { childrenOf, commandLine, identify, isAlive, signal } from "./local/identity.ts";
import { applyMigrations, type MigrationDatabase } from "./local/migrations.ts";
import { endOrphans, forgetRun, recordRun } from "./local/run-record.ts";
import { makeState, readSecrets, statePaths } from "./local/state.ts";
import { WRANGLER_ENV } from "./wrangler-env.ts";

const CRON_MS = 60_000;
const WATCH_MS = 100;
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export interface ControlPlaneReady {
  readonly type: "ready";
  readonly url: string;
  readonly workerdPid: number | null;
}

/** What wrangler makes of `[assets]`; its own type says nothing. */
interface AssetOptions {
  readonly directory: string;
  readonly run_worker_first?: readonly string[] | boolean;
  readonly routerConfig: object;
  readonly assetConfig: object;
}

interface Options {
  readonly state: string;
  readonly port: number;
  readonly host: string;
}

/** wrangler.toml as options of the embedded runtime, with the secrets that only this state directory has. */
async function makeRuntime(options: Options): Promise<Miniflare> {
  // Both read the environment while they load.
  Object.assign(process.env, WRANGLER_ENV);
  const dashboard = buildDashboard(root);
  const wrangler = await import("wrangler");
  const miniflare = await import("miniflare");
  await dashboard;
  const paths = statePaths(options.state);
  const secrets = readSecrets(paths);
  const config = join(root, "wrangler.toml");
  const { workerOptions, main } = wrangler.unstable_getMiniflareWorkerOptions(config);
  const script = await bundleControlPlane(root, main ?? join(root, "src/index.ts"));
  const bindings: Record<string, string> = {
    COPPICE_MASTER_KEY: secrets.masterKey,
    COPPICE_OPERATOR_TOKEN: secrets.operatorToken,
    COPPICE_ALLOW_LOCAL_REPOS: "1",
  };
  for (const name of ["COPPICE_POLICY", "COPPICE_PUBLIC_URL"] as const) {
    const value = process.env[name];
    if (value) bindings[name] = value;
  }
  const { modulesRules: _rules, assets, ...rest } = workerOptions;
  if (!assets) throw new Error("wrangler.toml has no [assets]");
  const { run_worker_first, ...files } = assets as AssetOptions;
  const own = Array.isArray(run_worker_first) ? run_worker_first : [];
  const module = (name: string, contents: string) =>
    ({ type: "ESModule", path: join(root, name), contents }) as const;
  return new miniflare.Miniflare(
    miniflare.convertV4MiniflareOptions({
      host: options.host,
      port: options.port,
      cf: false,
      logRequests: false,
      telemetry: { enabled: false },
      log: new miniflare.NoOpLog(),
      resourcePersistencePath: paths.controlPlane,
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      handleStructuredLogs: ({ level, message }) => console.log(`${level}: ${message}`),
      workers: [
        {
          ...rest,
          name: "coppice",
          modulesRoot: root,
          modules: [
            module("front.mjs", frontModule("./control-plane.mjs", own)),
            module("control-plane.mjs", script),
          ],
          bindings: { ...(workerOptions.bindings as object | undefined), ...bindings },
          serviceBindings: { DASHBOARD: "dashboard" },
        },
        {
          name: "dashboard",
          modules: [module("files.mjs", "export default {};")],
          assets: { ...files, routerConfig: { has_user_worker: false } },
        },
      ],
    }),
  );
}

/** Same as wrangler's own splitter where it is exported, so that a file means the same to both. */
async function splitter(): Promise<(sql: string) => string[]> {
  const wrangler = await import("wrangler");
  return wrangler.unstable_splitSqlQuery;
}

function migrationsDirectory(): string {
  const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
  return join(root, /^migrations_dir\s*=\s*"([^"]+)"/m.exec(toml)?.[1] ?? "migrations");
}

function workerdChild(): number | null {
  return childrenOf(process.pid).find((pid) => commandLine(pid).includes("workerd")) ?? null;
}

async function run(options: Options): Promise<void> {
  const paths = statePaths(options.state);
  makeState(paths);
  for (const orphan of await endOrphans(paths, "workerd")) {
    console.log(`ended a workerd left by an earlier start (pid ${orphan.pid})`);
  }
  const runtime = await makeRuntime(options);
  let ending = false;
  const finish = async (code: number) => {
    if (ending) return;
    ending = true;
    if (code === 0) await runtime.dispose().catch(() => {});
    for (const pid of childrenOf(process.pid)) signal(pid, "SIGKILL");
    forgetRun(paths, "workerd");
    process.exit(code);
  };
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => finish(0));
  process.on("disconnect", () => finish(0));

  const url = await runtime.ready;
  const workerdPid = workerdChild();
  if (workerdPid !== null) {
    recordRun(paths, "workerd", workerdPid, "workerd");
    const identity = identify(workerdPid);
    setInterval(() => {
      if (identity !== null && isAlive(identity)) return;
      console.error("workerd ended unexpectedly");
      void finish(1);
    }, WATCH_MS);
  }
  const database = (await runtime.getD1Database("DB")) as unknown as MigrationDatabase;
  const applied = await applyMigrations(database, migrationsDirectory(), await splitter());
  if (applied.length > 0) console.log(`applied migrations: ${applied.join(", ")}`);
  startCron(runtime);
  const ready: ControlPlaneReady = { type: "ready", url: url.origin, workerdPid };
  if (process.send) process.send(ready);
  else console.log(JSON.stringify(ready));
}

/** Cloudflare's cron trigger, each minute and once at the start: sweeps what a crash left half-applied. */
function startCron(runtime: Miniflare): void {
  const fire = async () => {
    try {
      const fetcher = await runtime.getWorker();
      await fetcher.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    } catch (error) {
      console.error(`cron: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  void fire();
  setInterval(fire, CRON_MS);
}

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    port: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
  },
});
const port = Number(values.port);
if (!values.state || !Number.isInteger(port)) {
  console.error("usage: node scripts/control-plane.ts --state DIR --port N [--host ADDRESS]");
  process.exit(2);
}
await run({ state: values.state, port, host: values.host }).catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  for (const pid of childrenOf(process.pid)) signal(pid, "SIGKILL");
  process.exit(1);
});
