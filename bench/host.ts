// A host as it is shipped: keeper and agent, bundled, with their flags, under a control plane as small as can be.
//
// 1. Both run from one copy of the Node binary that nothing else on the machine maps: what they share with each
//    other counts once, and nothing is shared with the bench.
// 2. Instances come on either of two ways: wanted by the control plane, as on a host, or asked of the keeper
//    directly, where a bench needs a restart policy of its own. The agent sees and reports both.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { AGENT_ENV, AGENT_NODE_FLAGS } from "../agent/flags.ts";
import { KEEPER_ENV, KEEPER_NODE_FLAGS } from "../agent/keeper/flags.ts";
import type { Desired } from "../protocol/channel.ts";
import type { FromKeeper, KeeperInstance, ToKeeper } from "../protocol/keeper.ts";
import { DEFAULT_POLICY, type RestartPolicy } from "../protocol/policy.ts";
import { bundleAgent } from "../scripts/bundle-agent.ts";
import { makeRepo } from "../test/support/agent-host.ts";
import { FakeControlPlane } from "../test/support/fake-control-plane.ts";
import { until } from "./measure.ts";

const PATH = process.env.PATH ?? "/usr/bin:/bin";
/** What comes from the control plane belongs to this worker; what a bench asks of the keeper to the other. */
const WORKER = "wrk_wanted";
const DIRECT_WORKER = "wrk_direct";

export interface InstanceOptions {
  readonly id: string;
  readonly command: string;
  readonly restart?: RestartPolicy;
}

/** How the Nodes of keeper and agent are started. */
export interface NodeOptions {
  readonly keeperFlags: readonly string[];
  readonly keeperEnv: Readonly<Record<string, string>>;
  readonly agentFlags: readonly string[];
  readonly agentEnv: Readonly<Record<string, string>>;
}

const SHIPPED: NodeOptions = {
  keeperFlags: KEEPER_NODE_FLAGS,
  keeperEnv: KEEPER_ENV,
  agentFlags: AGENT_NODE_FLAGS,
  agentEnv: AGENT_ENV,
};

/** A copy of our Node binary. */
export function privateNode(dir: string, name: string): string {
  const path = join(dir, `node-${name}`);
  rmSync(path, { force: true });
  copyFileSync(process.execPath, path);
  return path;
}

export class HostRig {
  readonly keeper: ChildProcess;
  readonly agent: ChildProcess;
  readonly containment: string;
  readonly #plane: FakeControlPlane;
  readonly #source: { readonly repo: string; readonly commit: string };
  readonly #direct: Direct;

  private constructor(parts: {
    keeper: ChildProcess;
    agent: ChildProcess;
    containment: string;
    plane: FakeControlPlane;
    source: { repo: string; commit: string };
    direct: Direct;
  }) {
    this.keeper = parts.keeper;
    this.agent = parts.agent;
    this.containment = parts.containment;
    this.#plane = parts.plane;
    this.#source = parts.source;
    this.#direct = parts.direct;
  }

  static async start(dir: string, options: NodeOptions = SHIPPED): Promise<HostRig> {
    const { keeperFlags, keeperEnv, agentFlags, agentEnv } = options;
    const node = privateNode(dir, "host");
    const bundles = await bundleAgent(dir);
    const state = join(dir, "state");
    mkdirSync(state, { mode: 0o700 });
    const plane = await FakeControlPlane.start();
    plane.joinTokens.set("join-me", "fresh");
    const join_ = [bundles.agent, "join", "--state", state, "--url", plane.url, "--name", "bench"];
    await promisify(execFile)(node, join_, { env: { PATH, TOKEN: "join-me" } });
    plane.list(WORKER);

    const keeperArgs = [...keeperFlags, bundles.keeper, "--state", state];
    const keeper = spawn(node, keeperArgs, { stdio: "ignore", env: { PATH, ...keeperEnv } });
    const socket = join(state, "keeper.sock");
    await until("the keeper's socket", () => existsSync(socket));
    const agentArgs = [...agentFlags, bundles.agent, "run", "--state", state];
    const env = { PATH, HOME: dir, ...agentEnv };
    const agent = spawn(node, [...agentArgs, "--program-path", PATH], { stdio: "ignore", env });
    await until("the agent's hello", () => plane.worker(WORKER).hellos > 0);
    const containment = plane.hellos.at(-1)?.facts.containment ?? "unknown";
    const source = makeRepo(join(dir, "repo"), { README: "Nothing to build.\n" });
    const direct = await Direct.connect(socket);
    return new HostRig({ keeper, agent, containment, plane, source, direct });
  }

  /** The processes whose memory and CPU count as ours. */
  pids(): number[] {
    return [this.keeper.pid!, this.agent.pid!];
  }

  /** The control plane wants exactly these from now on; resolves once the agent has reported them all. */
  async want(ids: readonly string[], startCommand: string): Promise<void> {
    const { repo, commit } = this.#source;
    const number = 1 + (this.#worker.desired?.releases[0]?.number ?? 0);
    const release: Desired["releases"][number] = {
      number,
      source: { repo, commit, rootDir: ".", buildCommand: null },
      digest: "sha256:unknown",
      startCommand,
      stopSignal: "SIGTERM",
      stopGraceMs: 1_000,
      mode: "available",
      env: {},
      allowLocalRepo: true,
    };
    const run = ids.map((instanceId, slot) => ({
      instanceId,
      slot,
      generation: number,
      release: number,
    }));
    this.#worker.want({ releases: [release], run, stop: [] });
    await until("all are reported", () => {
      const reported = new Set(this.#worker.report?.instances.map((one) => one.instanceId));
      return ids.every((id) => reported.has(id));
    });
  }

  /** The control plane wants none of them any more; resolves once nothing of them is left. */
  async wantNone(): Promise<void> {
    const run = this.#worker.desired?.run ?? [];
    const stop = run.map(({ instanceId }) => {
      return { instanceId, reason: "stopped", graceMs: 1_000 } as const;
    });
    this.#worker.want({ run: [], stop });
    const { revision } = this.#worker.desired!;
    await until("none is left", () => {
      const { report } = this.#worker;
      return report?.revision === revision && report.instances.length === 0;
    });
  }

  async ensureAll(instances: readonly InstanceOptions[]): Promise<void> {
    const answers = await Promise.all(
      instances.map((one) =>
        this.#direct.ask((id) => ({ type: "ensure", id, instance: keeperInstance(one) })),
      ),
    );
    for (const answer of answers) if (answer.type === "failed") throw new Error(answer.message);
  }

  /** Stops and forgets them: nothing of them is left. */
  async removeAll(ids: readonly string[]): Promise<void> {
    const stop = { type: "stop", graceMs: 0, reason: "stopped" } as const;
    const { ask } = this.#direct;
    await Promise.all(ids.map((instanceId) => ask((id) => ({ ...stop, id, instanceId }))));
    for (const instanceId of ids) {
      for (;;) {
        const answer = await ask((id) => ({ type: "remove", id, instanceId }));
        if (answer.type === "done") break;
      }
    }
  }

  async close(): Promise<void> {
    const ended = (process: ChildProcess) =>
      new Promise((resolve) => {
        if (process.exitCode !== null || process.signalCode !== null) resolve(null);
        else process.once("exit", resolve);
      });
    const agentEnded = ended(this.agent);
    this.agent.kill("SIGKILL");
    await agentEnded;
    const keeperEnded = ended(this.keeper);
    this.#direct.shutdown();
    await keeperEnded;
    await this.#plane.stop();
    if (this.#plane.faults.length > 0) throw new Error(this.#plane.faults[0]);
  }

  get #worker() {
    return this.#plane.worker(WORKER);
  }
}

/** A client of the keeper that is told nothing but answers: it never says hello. */
class Direct {
  readonly #socket: Socket;
  readonly #answers = new Map<number, (message: FromKeeper) => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => {
      const message = JSON.parse(line) as FromKeeper;
      if (message.type !== "done" && message.type !== "failed") return;
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    });
  }

  static async connect(path: string): Promise<Direct> {
    const socket = createConnection(path);
    await new Promise((resolve) => socket.once("connect", resolve));
    return new Direct(socket);
  }

  readonly ask = (make: (id: number) => ToKeeper): Promise<FromKeeper> => {
    const id = ++this.#lastId;
    const answer = new Promise<FromKeeper>((resolve) => this.#answers.set(id, resolve));
    this.#socket.write(`${JSON.stringify(make(id))}\n`);
    return answer;
  };

  /** Ends the keeper with all its programs. */
  shutdown(): void {
    this.#socket.write(`${JSON.stringify({ type: "shutdown", id: 0, graceMs: 0 })}\n`);
  }
}

function keeperInstance({ id, command, restart }: InstanceOptions): KeeperInstance {
  return {
    instanceId: id,
    workerId: DIRECT_WORKER,
    slot: 0,
    generation: 1,
    release: 1,
    command,
    cwd: "/",
    env: { PATH, COPPICE_INSTANCE: id },
    stopSignal: "SIGTERM",
    graceMs: 1_000,
    restart: restart ?? DEFAULT_POLICY.restart,
    mode: "available",
  };
}
