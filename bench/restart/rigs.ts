// The three that are compared, each behind the same few verbs: the keeper as it is shipped (bundled, with its
// flags), a bare Node loop, and a C loop.
//
// 1. Keeper and bare Node run from copies of the Node binary of their own: the pages that they share with the
//    bench itself, or with each other, would make both look smaller than they are on a host.
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { build } from "esbuild";
import { KEEPER_ENV, KEEPER_NODE_FLAGS } from "../../agent/keeper/flags.ts";
import type { FromKeeper, KeeperInstance, ToKeeper } from "../../protocol/keeper.ts";
import { DEFAULT_POLICY, type RestartPolicy } from "../../protocol/policy.ts";
import { until } from "../measure.ts";

export interface Life {
  readonly what: "s" | "d";
  readonly ns: number;
}

/** What the children of one rig told, in order of time. */
export function readLives(file: string): Life[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "latin1").split("\n").filter(Boolean);
  const lives = lines.map((line) => ({ what: line[0] as "s" | "d", ns: Number(line.slice(2)) }));
  return lives.sort((a, b) => a.ns - b.ns);
}

/** From each death to the next first instruction, ms. */
export function gapsMs(lives: readonly Life[]): number[] {
  return lives.flatMap((life, at) => {
    const before = lives[at - 1];
    return life.what === "s" && before?.what === "d" ? [(life.ns - before.ns) / 1e6] : [];
  });
}

/** A process that answers each line with "done". */
export class LineRig {
  readonly process: ChildProcess;
  readonly #lines: Interface;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.process.stdout! });
  }

  async ask(line: string): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#lines.once("line", () => resolve()));
    this.process.stdin!.write(`${line}\n`);
    await answered;
  }

  close(): void {
    this.process.kill("SIGKILL");
  }
}

export function startBareNode(dir: string, command: string): LineRig {
  const node = privateNode(dir, "bare");
  return new LineRig(node, [join(import.meta.dirname, "bare-node.mjs"), command]);
}

export interface InstanceOptions {
  readonly id: string;
  readonly command: string;
  readonly restart?: RestartPolicy;
}

export class KeeperRig {
  readonly process: ChildProcess;
  containment = "unknown";
  readonly #socket: Socket;
  readonly #answers = new Map<number, (message: FromKeeper) => void>();
  #lastId = 0;

  private constructor(process: ChildProcess, socket: Socket) {
    this.process = process;
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => this.#take(JSON.parse(line)));
  }

  static async start(dir: string): Promise<KeeperRig> {
    const bundle = join(dir, "keeper.mjs");
    const entryPoints = [join(import.meta.dirname, "../../agent/keeper/main.ts")];
    const shape = { bundle: true, platform: "node", format: "esm", minify: true } as const;
    await build({ ...shape, entryPoints, outfile: bundle });
    const state = join(dir, "state");
    mkdirSync(state);
    const args = [...KEEPER_NODE_FLAGS, bundle, "--state", state];
    const env = { PATH: process.env.PATH ?? "", ...KEEPER_ENV };
    const keeper = spawn(privateNode(dir, "keeper"), args, { stdio: "ignore", env });
    const path = join(state, "keeper.sock");
    await until("the keeper's socket", () => existsSync(path));
    const socket = createConnection(path);
    await new Promise((resolve) => socket.once("connect", resolve));
    const rig = new KeeperRig(keeper, socket);
    rig.#send({ type: "hello", protocol: 1 });
    await until("welcome", () => rig.containment !== "unknown");
    return rig;
  }

  /**
   * The processes whose memory and CPU count as ours. The agent joins the keeper here once a host runs
   * both; until then figures carry the keeper's name.
   */
  pids(): number[] {
    return [this.process.pid!];
  }

  async ensureAll(instances: readonly InstanceOptions[]): Promise<void> {
    await Promise.all(
      instances.map((one) => this.#ask((id) => ({ type: "ensure", id, instance: shape(one) }))),
    );
  }

  /** Stops and forgets them: nothing of them is left. */
  async removeAll(ids: readonly string[]): Promise<void> {
    const stop = { type: "stop", graceMs: 0, reason: "stopped" } as const;
    await Promise.all(ids.map((instanceId) => this.#ask((id) => ({ ...stop, id, instanceId }))));
    for (const instanceId of ids) {
      for (;;) {
        const answer = await this.#ask((id) => ({ type: "remove", id, instanceId }));
        if (answer.type === "done") break;
      }
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.#send({ type: "shutdown", id: 0, graceMs: 0 });
    await ended;
    this.#socket.destroy();
  }

  #ask(make: (id: number) => ToKeeper): Promise<FromKeeper> {
    const id = ++this.#lastId;
    const answer = new Promise<FromKeeper>((resolve) => this.#answers.set(id, resolve));
    this.#send(make(id));
    return answer;
  }

  #send(message: ToKeeper): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #take(message: FromKeeper): void {
    if (message.type === "welcome") this.containment = message.containment;
    if (message.type === "exit") this.#send({ type: "forget", id: 0, exits: [message.exit] });
    if (message.type !== "done" && message.type !== "failed") return;
    this.#answers.get(message.id)?.(message);
    this.#answers.delete(message.id);
  }
}

function shape({ id, command, restart }: InstanceOptions): KeeperInstance {
  return {
    instanceId: id,
    workerId: "bench",
    slot: 0,
    generation: 1,
    release: 1,
    command,
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", COPPICE_INSTANCE: id },
    stopSignal: "SIGTERM",
    graceMs: 1_000,
    restart: restart ?? DEFAULT_POLICY.restart,
    mode: "available",
  };
}

function privateNode(dir: string, name: string): string {
  const path = join(dir, `node-${name}`);
  rmSync(path, { force: true });
  copyFileSync(process.execPath, path);
  return path;
}
