// coppice-agent: joins a host to a project, and runs there. Programs belong to the keeper, not to this process.
//
// 1. SIGTERM and SIGINT end the agent within about a second and leave every program running.
// 2. An error that a person has to act on is one line that says what to do next.
import { createServer } from "node:net";
import { availableParallelism, homedir, hostname, release, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Capacity, HostFacts } from "../protocol/channel.ts";
import { Agent } from "./agent.ts";
import { DEFAULT_PROGRAM_PATH } from "./environment.ts";
import { IdentityFile, joinProject, loadIdentity } from "./identity.ts";
import { readBootId, realWorld, stderrLog } from "./rim.ts";
import { messageOf } from "./world.ts";

const VERSION = "0.1.0";
const FLUSH_MS = 900;
const LOCK_WAIT_MS = 2_000;
const DEFAULT_SLOTS = 100;
const USAGE = `usage:
  coppice-agent run  --state DIR [--program-path PATH]
  coppice-agent join --state DIR --url URL [--name NAME] [--slots N]   (join token in TOKEN)
  coppice-agent --version`;

function fail(message: string): never {
  process.stderr.write(`coppice-agent: ${message}\n`);
  process.exit(1);
}

function capacity(slots: number): Capacity {
  return { slots, memoryBytes: totalmem(), cpus: availableParallelism() };
}

const facts: Omit<HostFacts, "containment"> = {
  agentVersion: VERSION,
  os: `linux ${release()}`.slice(0, 64),
  arch: process.arch,
};

interface Args {
  readonly state: string;
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly slots: string | undefined;
  readonly programPath: string;
}

async function join({ state, url, name, slots }: Args): Promise<void> {
  const token = process.env.TOKEN;
  delete process.env.TOKEN;
  if (url === undefined) fail("--url is missing: give the control plane's address");
  if (!token) fail("no join token: put it into the environment variable TOKEN");
  const count = slots === undefined ? DEFAULT_SLOTS : Number(slots);
  if (!Number.isInteger(count) || count < 1) fail(`--slots ${slots} is not a number from 1`);
  const outcome = await joinProject({
    state,
    url,
    token,
    name: name ?? hostName(),
    capacity: capacity(count),
    facts: { ...facts, containment: "best_effort" },
    fetch,
  });
  if (!outcome.ok) fail(outcome.message);
  const { identity } = outcome;
  process.stdout.write(`joined project ${identity.project} as host ${identity.name}\n`);
}

/** The machine's name, as a host may be called. */
function hostName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name.slice(0, 63).replace(/-+$/, "") || "host";
}

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
    capacity: capacity(loaded.identity.slots),
    facts,
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
  agent.start();
  stderrLog.info("agent started", { pid: process.pid, version: VERSION });
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

async function main(): Promise<void> {
  const { values, positionals } = parse();
  if (values.version) {
    process.stdout.write(`coppice-agent ${VERSION}\n`);
    return;
  }
  const [command] = positionals;
  if (command !== "run" && command !== "join") fail(USAGE);
  if (values.state === undefined)
    fail("--state is missing: give the directory of the agent's state");
  const args: Args = {
    state: resolve(values.state),
    url: values.url,
    name: values.name,
    slots: values.slots,
    programPath: values["program-path"] ?? DEFAULT_PROGRAM_PATH,
  };
  await (command === "run" ? run(args) : join(args));
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        state: { type: "string" },
        url: { type: "string" },
        name: { type: "string" },
        slots: { type: "string" },
        "program-path": { type: "string" },
        version: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return fail(`${messageOf(error)}\n${USAGE}`);
  }
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
main().catch((error) => fail(messageOf(error)));
