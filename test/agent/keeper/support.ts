// A real keeper with real children, and a client that speaks to it over its socket.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { KEEPER_ENV, KEEPER_NODE_FLAGS } from "../../../agent/keeper/flags.ts";
import { isAlive, readStat } from "../../../agent/keeper/procfs.ts";
import type { Exit } from "../../../protocol/instance.ts";
import {
  type FromKeeper,
  KEEPER_PROTOCOL,
  type KeeperInstance,
  type KeeperObserved,
  type Lease,
  type ToKeeper,
} from "../../../protocol/keeper.ts";
import { bundled } from "../../support/bundles.ts";

type Welcome = Extract<FromKeeper, { type: "welcome" }>;
type Answer = Extract<FromKeeper, { type: "done" | "failed" }>;
type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** The keeper as it is shipped: its flags suit a bundle, not the stripping of types. */

/** Restarts that a test can wait for. */
export const FAST = { baseMs: 40, capMs: 200, jitter: 0, resetAfterMs: 60_000 };

export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The keeper's clock. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

export function stateDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), "keeper-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

/**
 * An instance's id as the keeper knows it. Without cgroups a keeper finds its processes by that id alone, and the
 * tests of other files run at the same time on this machine; tests themselves only know the short one.
 */
export function fullId(instanceId: string): string {
  return `${instanceId}-${process.pid}`;
}

function outward(message: ToKeeper): ToKeeper {
  switch (message.type) {
    case "ensure": {
      const { instance } = message;
      return { ...message, instance: { ...instance, instanceId: fullId(instance.instanceId) } };
    }
    case "stop":
    case "remove":
      return { ...message, instanceId: fullId(message.instanceId) };
    case "lease":
      return { ...message, leases: message.leases.map((lease) => ({ ...lease, ...full(lease) })) };
    case "forget":
      return { ...message, exits: message.exits.map((key) => ({ ...key, ...full(key) })) };
    default:
      return message;
  }
}

function full({ instanceId }: { readonly instanceId: string }): { readonly instanceId: string } {
  return { instanceId: fullId(instanceId) };
}

export function instanceOf(command: string, changes: Partial<KeeperInstance> = {}): KeeperInstance {
  const instanceId = changes.instanceId ?? "i1";
  return {
    instanceId,
    workerId: "w1",
    slot: 0,
    generation: 1,
    release: 1,
    command,
    cwd: "/",
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", COPPICE_INSTANCE: fullId(instanceId) },
    stopSignal: "SIGTERM",
    graceMs: 2_000,
    restart: FAST,
    mode: "available",
    ...changes,
  };
}

export interface KeeperOptions {
  readonly stateDir?: string;
  readonly bootId?: string;
  readonly cgroups?: boolean;
  /** A file in whose first number it finds the seconds since the boot. */
  readonly uptime?: string;
}

/** Started keepers and everything under them are gone when the test ends. */
export class Keeper {
  readonly stateDir: string;
  readonly process: ChildProcess;
  stderr = "";

  private constructor(stateDir: string, args: readonly string[]) {
    this.stateDir = stateDir;
    this.process = spawn(
      process.execPath,
      [...KEEPER_NODE_FLAGS, bundled("keeper"), "--state", stateDir, ...args],
      {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, ...KEEPER_ENV, KEEPER_SECRET: "1", PORT: "1" },
      },
    );
    this.process.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
  }

  static spawn(options: KeeperOptions = {}): Keeper {
    const args: string[] = [];
    if (options.bootId !== undefined) args.push("--boot-id", options.bootId);
    if (options.cgroups === false) args.push("--no-cgroup");
    if (options.uptime !== undefined) args.push("--uptime", options.uptime);
    const keeper = new Keeper(options.stateDir ?? stateDirectory(), args);
    onTestFinished(() => keeper.#tearDown());
    return keeper;
  }

  static async start(options: KeeperOptions = {}): Promise<Keeper> {
    const keeper = Keeper.spawn(options);
    await until("keeper ready", () => {
      if (keeper.process.exitCode !== null) throw new Error(`keeper ended: ${keeper.stderr}`);
      return keeper.stderr.includes("keeper: ready");
    });
    return keeper;
  }

  async connect(): Promise<Client> {
    const client = new Client(join(this.stateDir, "keeper.sock"));
    await client.hello();
    return client;
  }

  /** As the power of the OOM killer would. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended();
  }

  async ended(): Promise<number | null> {
    await until("keeper ended", () => this.process.exitCode !== null || this.process.signalCode);
    return this.process.exitCode;
  }

  output(instanceId: string, stream: "stdout" | "stderr" = "stdout"): string {
    const dir = join(this.stateDir, "instances", fullId(instanceId));
    const files = readdirSync(dir).filter((name) => name.endsWith(`.${stream}`));
    const byAttempt = files.sort(
      (a, b) => Number(a.split(".").at(-2)) - Number(b.split(".").at(-2)),
    );
    return byAttempt.map((name) => readFileSync(join(dir, name), "utf8")).join("");
  }

  async #tearDown(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const client = await this.connect().catch(() => null);
    client?.send({ type: "shutdown", id: 1, graceMs: 0 });
    await until("keeper down", () => this.process.exitCode !== null, 5_000).catch(() =>
      this.process.kill("SIGKILL"),
    );
  }
}

function shortIds(name: string, value: unknown): unknown {
  return name === "instanceId" ? String(value).replace(`-${process.pid}`, "") : value;
}

/** Keeps the state that the keeper tells, as an agent would. */
export class Client {
  readonly socket: Socket;
  welcome: Welcome | null = null;
  readonly instances = new Map<string, KeeperObserved>();
  readonly exits: Exit[] = [];
  readonly raw: FromKeeper[] = [];
  #answers = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(path: string) {
    this.socket = createConnection(path);
    let text = "";
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line, shortIds) as FromKeeper);
    });
    onTestFinished(() => void this.socket.destroy());
  }

  send(message: ToKeeper): void {
    this.socket.write(`${JSON.stringify(outward(message))}\n`);
  }

  async hello(): Promise<Welcome> {
    // As the agent of the version before: it is served, too.
    this.send({ type: "hello", protocol: KEEPER_PROTOCOL - 1 });
    return until("welcome", () => this.welcome);
  }

  async ask(message: Unnumbered<ToKeeper>): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.send({ ...message, id } as ToKeeper);
    return answer;
  }

  async ensure(instance: KeeperInstance): Promise<Answer> {
    return this.ask({ type: "ensure", instance });
  }

  async stop(instanceId: string, graceMs = 2_000): Promise<Answer> {
    return this.ask({ type: "stop", instanceId, graceMs, reason: "stopped" });
  }

  /** A lease for them that was asked for just now; gives its end. */
  async lease({ termMs = 0, killMs = 0, ids = ["i1"] }): Promise<Lease> {
    const lease = { termAtMs: nowMs() + termMs, killAtMs: nowMs() + Math.max(termMs, killMs) };
    const leases = ids.map((instanceId) => ({ instanceId, ...lease }));
    const answer = await this.ask({ type: "lease", leases });
    if (answer.type !== "done") throw new Error(answer.message);
    return lease;
  }

  state(instanceId = "i1") {
    return this.instances.get(instanceId)?.state ?? null;
  }

  /** The running process of at least this attempt. */
  async running(instanceId = "i1", attempt = 1) {
    return until(`${instanceId} runs attempt ${attempt}`, () => {
      const state = this.state(instanceId);
      return state?.kind === "running" && state.attempt >= attempt ? state : null;
    });
  }

  async exit(attempt: number, instanceId = "i1"): Promise<Exit> {
    return until(`exit of ${instanceId} attempt ${attempt}`, () =>
      this.exits.find((exit) => exit.instanceId === instanceId && exit.attempt === attempt),
    );
  }

  async is(kind: KeeperObserved["state"]["kind"], instanceId = "i1") {
    return until(`${instanceId} is ${kind}`, () => this.state(instanceId)?.kind === kind);
  }

  #take(message: FromKeeper): void {
    this.raw.push(message);
    if (message.type === "welcome") {
      this.welcome = message;
      for (const instance of message.instances) this.instances.set(instance.instanceId, instance);
      this.exits.push(...message.exits);
    } else if (message.type === "instance") {
      this.instances.set(message.instance.instanceId, message.instance);
    } else if (message.type === "exit") {
      this.exits.push(message.exit);
    } else if (message.type === "removed") {
      this.instances.delete(message.instanceId);
    } else {
      this.#answers.get(message.id)?.(message);
    }
  }
}

/** A process by what nobody else can have: pid and start time. */
export function handleOf(pid: number): { pid: number; alive: () => boolean } {
  const born = readStat(pid)?.born ?? -1;
  return { pid, alive: () => isAlive(pid, born) };
}
