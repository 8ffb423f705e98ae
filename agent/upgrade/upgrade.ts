// `coppice-agent upgrade`: the version that the control plane serves takes the place of the one that runs here.
//
// 1. Agent first, then keeper, each on trial by itself; a version that is not accepted in time gives its place back.
// 2. No program is touched: an agent may be restarted at any time, and a keeper takes over what runs.
// 3. A keeper is accepted once it answers and knows every instance that the one before it knew.
// 4. The agent's trial goes on though this process ends: start.sh watches it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentManifest } from "../../protocol/agent-bundle.ts";
import { askKeeper, type KeeperWelcome, runningPids } from "../ask-keeper.ts";
import { bringVersion, readManifest, UpgradeError } from "./download.ts";
import { linkedVersion, type Role, relink, runningPid, versionDir } from "./layout.ts";
import { acceptTrial, beginTrial, outcomeOf, readTrial, turnBack } from "./trial.ts";

const LOOK_MS = 100;
const ASK_MS = 1_000;
/** start.sh turns back by itself; it is given this long after the trial's time. */
const MARGIN_MS = 30_000;
const KILL_AFTER_MS = 5_000;
/** What a keeper is started with; where none of it changed, it need not be restarted. */
const KEEPER_FILES = ["keeper.mjs", "keeper.start"];

export interface UpgradeOptions {
  readonly state: string;
  readonly prefix: string;
  /** Address that serves `/agent/…`. */
  readonly from: string;
  /** How long the new version may take until it is accepted, from its first start. */
  readonly trialS: number;
  readonly keeper: boolean;
  readonly say: (line: string) => void;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Throws an UpgradeError where it did not come to the new version; what ran before runs again then. */
export async function upgrade(options: UpgradeOptions): Promise<void> {
  const { prefix, from, say } = options;
  for (const role of ["agent", "keeper"] as const) {
    if (readTrial(prefix, role) !== null)
      throw new UpgradeError(
        `another version of the ${role} is on trial: wait a minute, then try again`,
      );
  }
  const manifest = await readManifest(from);
  if (await bringVersion(prefix, from, manifest))
    say(`${manifest.version} is downloaded, checksums are right`);
  await upgradeAgent(options, manifest);
  if (options.keeper) await upgradeKeeper(options, manifest);
}

/** Whether the role has to change, after saying so where it has not. */
function changes({ prefix, say }: UpgradeOptions, role: Role, version: string): string | null {
  const from = linkedVersion(prefix, role);
  if (from === null) throw new UpgradeError(`${prefix} has no ${role}: run the installer again`);
  if (from !== version) return from;
  say(`the ${role} is at ${version} already`);
  return null;
}

async function upgradeAgent(options: UpgradeOptions, { version }: AgentManifest): Promise<void> {
  const { state, prefix, trialS, say } = options;
  const from = changes(options, "agent", version);
  if (from === null) return;
  const pid = runningPid(state, "agent");
  beginTrial(prefix, "agent", { to: version, from, seconds: trialS });
  if (pid === null) {
    say(`the agent does not run: ${version} is on trial from its next start`);
    return;
  }
  process.kill(pid, "SIGTERM");
  say(
    `the agent is restarted as ${version}; it has ${trialS} s to be accepted by the control plane`,
  );
  const until = performance.now() + trialS * 1_000 + MARGIN_MS;
  while (performance.now() < until) {
    const outcome = outcomeOf(prefix, "agent", version);
    if (outcome.kind === "accepted") return say(`the agent is ${version}`);
    if (outcome.kind === "turned_back")
      throw new UpgradeError(
        `agent ${version} ${outcome.reason}: ${from} runs again. Its log says more (journalctl -u coppice-agent)`,
      );
    await pause(LOOK_MS);
  }
  throw new UpgradeError(
    `agent ${version} is still on trial: is there anything that starts the agent again when it ends?`,
  );
}

function same(prefix: string, one: string, other: string): boolean {
  return KEEPER_FILES.every((name) => {
    const [a, b] = [one, other].map((version) =>
      readFileSync(join(versionDir(prefix, version), name)),
    );
    return a !== undefined && b !== undefined && a.equals(b);
  });
}

async function upgradeKeeper(options: UpgradeOptions, { version }: AgentManifest): Promise<void> {
  const { state, prefix, trialS, say } = options;
  const from = changes(options, "keeper", version);
  if (from === null) return;
  if (same(prefix, from, version)) {
    relink(prefix, "keeper", version);
    return say("the keeper is the same in both versions: it runs on");
  }
  const before = await askKeeper(join(state, "keeper.sock"), ASK_MS);
  const pid = runningPid(state, "keeper");
  beginTrial(prefix, "keeper", { to: version, from, seconds: trialS });
  if (before === null || pid === null) {
    say(`the keeper does not run: ${version} is on trial from its next start`);
    return;
  }
  process.kill(pid, "SIGTERM");
  const programs = runningPids(before).length;
  say(
    `the keeper is restarted as ${version} and takes over ${programs} programs; how those end later is told without their exit code`,
  );
  await awaitKeeper(options, { version, from, before });
}

async function awaitKeeper(
  { state, prefix, trialS, say }: UpgradeOptions,
  { version, from, before }: { version: string; from: string; before: KeeperWelcome },
): Promise<void> {
  const socket = join(state, "keeper.sock");
  const until = performance.now() + trialS * 1_000;
  while (performance.now() < until && outcomeOf(prefix, "keeper", version).kind === "on_trial") {
    const now = await askKeeper(socket, ASK_MS);
    if (now !== null && now.pid !== before.pid && knowsAll(now, before)) {
      acceptTrial(prefix, "keeper", version);
      return say(`the keeper is ${version}`);
    }
    await pause(LOOK_MS);
  }
  turnBack(prefix, "keeper", `did not answer within ${trialS} s with all that ran before`);
  await endKeeper(state, before.pid);
  const back = await answers(socket, performance.now() + MARGIN_MS);
  const outcome = outcomeOf(prefix, "keeper", version);
  const reason = outcome.kind === "turned_back" ? outcome.reason : "was not accepted";
  throw new UpgradeError(
    `keeper ${version} ${reason}: ${back ? `${from} runs again` : `${from} does not answer yet`}. Its log says more (journalctl -u coppice-keeper)`,
  );
}

function knowsAll(now: KeeperWelcome, before: KeeperWelcome): boolean {
  const known = new Set(now.instances.map(({ instanceId }) => instanceId));
  return before.instances.every(({ instanceId }) => known.has(instanceId));
}

/** The one on trial, where it still runs; whoever keeps the service starts the one before. */
async function endKeeper(state: string, oldPid: number): Promise<void> {
  const pid = runningPid(state, "keeper");
  if (pid === null || pid === oldPid) return;
  process.kill(pid, "SIGTERM");
  const until = performance.now() + KILL_AFTER_MS;
  while (runningPid(state, "keeper") === pid) {
    if (performance.now() > until) return void process.kill(pid, "SIGKILL");
    await pause(LOOK_MS);
  }
}

async function answers(socket: string, until: number): Promise<boolean> {
  while (performance.now() < until) {
    if ((await askKeeper(socket, ASK_MS)) !== null) return true;
    await pause(LOOK_MS);
  }
  return false;
}
