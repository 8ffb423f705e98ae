// The keeper's process: `keeper --state DIR`. Here alone are the real clock, chance and the socket's path.
//
// 1. SIGTERM and SIGINT end the keeper and leave every program running; so does its death.
// 2. An error that nobody caught is one line on stderr, and the keeper goes on.
import { mkdirSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type FromKeeper, KEEPER_PROTOCOL } from "../../protocol/keeper.ts";
import { makeClock, readUptimeMs } from "./clock.ts";
import { contain } from "./containment.ts";
import { InstanceStore } from "./instance-store.ts";
import { Journal } from "./journal.ts";
import { takeLock } from "./lock.ts";
import { closeInherited, setOomScore } from "./process.ts";
import { readBootId } from "./procfs.ts";
import { KeeperServer } from "./server.ts";
import { Supervisor, welcome } from "./supervisor.ts";
import { messageOf, type World } from "./world.ts";

const OWN_OOM_SCORE_ADJ = -900;

let uptimePath = "/proc/uptime";
const clock = makeClock(() => readUptimeMs(uptimePath));
const world: World = {
  nowMs: clock.nowMs,
  sleptMs: clock.sleptMs,
  wallMs: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  log: (line) => {
    try {
      writeSync(2, `keeper: ${line}\n`);
    } catch {}
  },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      state: { type: "string" },
      /** For tests: pretends that the host was rebooted. */
      "boot-id": { type: "string" },
      /** For tests: as on a host that gives us no cgroups. */
      "no-cgroup": { type: "boolean", default: false },
      /** For tests: where the time since the boot is read. */
      uptime: { type: "string", default: uptimePath },
    },
  });
  if (values.state === undefined) throw new Error("usage: keeper --state DIR");
  uptimePath = values.uptime;
  const stateDir = resolve(values.state);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(stateDir, world);
  if (!lock.held) throw new Error(`another keeper (${lock.by}) already serves ${stateDir}`);

  closeInherited();
  // What programs write is theirs to share, or not: not decided by whoever started the keeper.
  process.umask(0o022);

  const { log } = world;
  const journal = new Journal({ dir: stateDir, log, after: world.after });
  const { fence, limiter, setpriv, containment, house } = contain({
    stateDir,
    world,
    cgroups: !values["no-cgroup"],
  });
  const bootId = values["boot-id"] ?? readBootId();
  const supervisor = new Supervisor({
    stateDir,
    bootId,
    world,
    journal,
    fence,
    limiter,
    setpriv,
    store: new InstanceStore(stateDir, world),
    childOomScoreAdj: setOomScore("self", OWN_OOM_SCORE_ADJ) ? 0 : null,
    emit: (message: FromKeeper) => server.broadcast(message),
  });
  const host = {
    protocol: KEEPER_PROTOCOL,
    bootId,
    pid: process.pid,
    containment,
    house,
  } as const;
  const end = () => {
    server.close();
    fence.close();
    limiter.close();
    lock.release();
    process.exit(0);
  };
  const server: KeeperServer = new KeeperServer({
    path: join(stateDir, "keeper.sock"),
    log,
    welcome: () => welcome(supervisor, host),
    handle: (command) => supervisor.handle(command),
    onLast: end,
  });
  supervisor.resume();
  await server.listen();

  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.on("SIGHUP", () => {});
  const { memory, cpus, pids, openFiles } = house.limits;
  log(
    `ready, pid ${process.pid}, ${containment}; limits: memory ${memory}, cpus ${cpus}, pids ${pids}, open files ${openFiles}`,
  );
}

process.on("uncaughtException", (error) => world.log(`not caught: ${error.stack ?? error}`));
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
main().catch((error) => {
  world.log(messageOf(error));
  process.exit(1);
});
