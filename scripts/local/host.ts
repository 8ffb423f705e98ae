// The local host: joins its project once, starts and ends with the launcher.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { shutDownKeeper } from "../../agent/ask-keeper.ts";
import type { HostView, JoinTokenView } from "../../protocol/rest.ts";
import type { AgentBundles } from "../bundle-agent.ts";
import type { Part } from "../supervisor.ts";
import type { Api } from "./api.ts";
import { end, identify, signal } from "./identity.ts";
import { readJson, type StatePaths, writePrivate } from "./state.ts";
import { waitUntil } from "./wait.ts";

const run = promisify(execFile);

/** What is ours in the agent's own file: whether it has joined, and where it calls. */
function agentFile(paths: StatePaths): string {
  return join(paths.host, "agent.json");
}

export function hasJoined(paths: StatePaths): boolean {
  return existsSync(agentFile(paths));
}

/** The control plane moved to another port: while the agent is down, its file is told. */
export function followUrl(paths: StatePaths, url: string): void {
  const identity = readJson(agentFile(paths)) as Record<string, unknown> | null;
  if (identity !== null && identity.url !== url)
    writePrivate(agentFile(paths), { ...identity, url });
}

export interface JoinInput {
  readonly api: Api;
  readonly paths: StatePaths;
  readonly bundles: AgentBundles;
  readonly projectId: string;
  readonly name: string;
}

/** One join token, used at once. */
export async function joinHost(input: JoinInput): Promise<void> {
  const { api, paths, bundles, projectId, name } = input;
  const { token } = await api.json<JoinTokenView>(`/v1/projects/${projectId}/join-tokens`, {
    method: "POST",
    body: {},
  });
  await run(
    process.execPath,
    [bundles.agent, "join", "--state", paths.host, "--url", api.url, "--name", name],
    { env: { PATH: process.env.PATH, HOME: process.env.HOME, TOKEN: token } },
  );
}

export async function hostOnline(
  api: Api,
  projectId: string,
  withinMs: number,
  name: string,
): Promise<HostView> {
  return waitUntil({ what: `host ${name} to come online`, withinMs, everyMs: 100 }, async () => {
    const { items } = await api.json<{ items: HostView[] }>(`/v1/projects/${projectId}/hosts`);
    return items.find((host) => host.name === name && host.status === "online") ?? null;
  });
}

/**
 * Ends agent, programs and keeper, in this order: what the keeper does to end the programs is not news that the
 * control plane has to act on. It journals their ends as stopped; the next agent reports them together with the
 * same instances running again. Where the keeper is silent, the processes are ended from here.
 */
export async function endHost(input: {
  readonly paths: StatePaths;
  readonly keeper: Part;
  readonly agent: Part;
  readonly graceMs: number;
}): Promise<void> {
  const { paths, keeper, agent, graceMs } = input;
  await agent.stop();
  keeper.retire();
  const answer = await shutDownKeeper(paths.keeperSocket, { graceMs, withinMs: 3_000 });
  if (answer.kind === "silent") {
    for (const pid of answer.pids) signalGroup(pid, "SIGKILL");
  }
  await keeper.stop();
  await endStrays(paths);
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  if (!signal(-pid, name)) signal(pid, name);
}

/** Programs of this host, known by the environment that the agent gave them. A zombie is none. */
export function programsOf(paths: StatePaths): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return (
          /(^|\0)COPPICE_INSTANCE=/.test(environment) &&
          environment.includes(`${paths.host}/`) &&
          identify(pid) !== null
        );
      } catch {
        return false;
      }
    });
}

/** Ends programs that no keeper looks after any more. */
export async function endStrays(paths: StatePaths): Promise<number> {
  const strays = programsOf(paths);
  for (const pid of strays) {
    const identity = identify(pid);
    if (identity !== null) await end(identity, 500);
  }
  return strays.length;
}
