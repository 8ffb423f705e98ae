// coppice-agent: joins a host to a project, and runs there. Programs belong to the keeper, not to this process.
//
// 1. SIGTERM and SIGINT end the agent within about a second and leave every program running.
// 2. An error that a person has to act on is one line that says what to do next.
import { createServer } from "node:net";
import { homedir, release } from "node:os";
import type { HostFacts } from "../protocol/channel.ts";
import { Agent } from "./agent.ts";
import { type Args, Refusal, readArgs } from "./commands/args.ts";
import { capacityOf, join } from "./commands/join.ts";
import { DEFAULT_PROGRAM_PATH } from "./environment.ts";
import { IdentityFile, loadIdentity } from "./identity.ts";
import { readBootId } from "./keeper/procfs.ts";
import { realWorld, stderrLog } from "./rim.ts";
import { writeStanding } from "./standing.ts";
import { installedPrefix, ownVersion } from "./upgrade/layout.ts";
import { acceptTrial } from "./upgrade/trial.ts";
import { probeUsers } from "./users/users.ts";
import { messageOf } from "./world.ts";

const VERSION = ownVersion(import.meta.filename, "0.1.0");
const FLUSH_MS = 900;
const LOCK_WAIT_MS = 2_000;
/** The exit code of `programs` where nobody knows for sure. */
const KEEPER_SILENT = 4;

function fail(message: string): never {
  process.stderr.write(`coppice-agent: ${message}\n`);
  process.exit(1);
}

const facts: Omit<HostFacts, "containment" | "holds"> = {
  agentVersion: VERSION.slice(0, 64),
  os: `linux ${release()}`.slice(0, 64),
  arch: process.arch,
};

async function run({ state, programPath }: Args): Promise<void> {
  const loaded = loadIdentity(state);
  if (!loaded.ok) fail(loaded.message);
  await lock(state);
  const agent = new Agent({
    world: realWorld(state),
    log: stderrLog,
    state,
    identity: new IdentityFile(state, loaded.identity),
    programPath,
    git: { path: process.env.PATH ?? DEFAULT_PROGRAM_PATH, home: homedir() },
    bootId: readBootId(),
    capacity: capacityOf(loaded.identity),
    facts,
    ownUser: probeUsers(state),
    onChannel: (channel, reason) => {
      tell(state, channel, reason);
    },
  });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), FLUSH_MS + 100);
    void agent.stop(FLUSH_MS).then(() => process.exit(0));
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.on("SIGHUP", () => {});
  tell(state, "down", "not connected yet");
  agent.start();
  stderrLog.info("agent started", { pid: process.pid, version: VERSION });
}

/** Leaves word of the channel; one that was accepted ends the trial of this version. No failure of this stops the agent. */
function tell(state: string, channel: "open" | "down" | "refused", reason: string | null): void {
  try {
    writeStanding(state, { channel, reason, pid: process.pid, version: VERSION, at: Date.now() });
    const prefix = installedPrefix(process.env);
    if (channel === "open" && prefix !== null && acceptTrial(prefix, "agent", VERSION))
      stderrLog.info("accepted", { version: VERSION });
  } catch (error) {
    stderrLog.warn("no word left of the channel", { message: messageOf(error) });
  }
}

/** One agent per state directory: an abstract socket, which the kernel frees however the process ends. */
async function lock(state: string): Promise<void> {
  const until = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    const taken = await new Promise<boolean>((done) => {
      const server = createServer((socket) => socket.destroy());
      server.once("error", () => done(false));
      server.listen(`\0coppice-agent:${state}`, () => {
        server.unref();
        done(true);
      });
    });
    if (taken) return;
    if (Date.now() > until)
      fail(`another agent already runs on ${state}: stop that one first, or use another --state`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

/** What is seldom wanted is read only then: the agent that runs is not burdened with it. */
async function carryOut(args: Args): Promise<void> {
  switch (args.command) {
    case "run":
      return run(args);
    case "join":
      return join(args, facts);
    case "wait":
      return (await import("./commands/wait.ts")).wait(args);
    case "upgrade":
      return (await import("./commands/upgrade.ts")).upgrade(args);
    case "doctor":
      if (!(await (await import("./commands/doctor.ts")).doctor(args))) process.exitCode = 1;
      return;
    case "programs": {
      const { countPrograms } = await import("./programs.ts");
      const { running, silent } = await countPrograms(args.state);
      process.stdout.write(`${running}\n`);
      if (silent) process.exitCode = KEEPER_SILENT;
      return;
    }
    case "end-programs": {
      const { endPrograms } = await import("./programs.ts");
      const graceMs = args.graceS * 1_000;
      return endPrograms(args.state, args.exclusive ? { graceMs, only: "exclusive" } : { graceMs });
    }
  }
}

async function main(): Promise<void> {
  const args = readArgs(process.argv.slice(2), process.env);
  if (args === null) process.stdout.write(`coppice-agent ${VERSION}\n`);
  else await carryOut(args);
}

process.on("unhandledRejection", (error) => {
  stderrLog.error("a promise was left alone", { message: messageOf(error) });
});
process.on("uncaughtException", (error) => {
  // Whoever started us starts us again; the keeper holds the programs meanwhile.
  stderrLog.error("the agent broke", { message: error.stack ?? error.message });
  process.exit(1);
});
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
main().catch((error) => fail(error instanceof Refusal ? error.message : messageOf(error)));
