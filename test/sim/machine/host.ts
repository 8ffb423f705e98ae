// A host: a machine with the real keeper and the real agent on it, and what may befall them.
//
// 1. Both are started again by their service manager a moment after they ended, and with each boot.
// 2. Programs belong to the machine: they outlive agent and keeper, and nothing but the power ends them otherwise.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { Agent } from "../../../agent/agent.ts";
import {
  type Identity,
  IdentityFile,
  identityPath,
  loadIdentity,
} from "../../../agent/identity.ts";
import type { World as AgentWorld, Log, SocketEvents } from "../../../agent/world.ts";
import { outputPath } from "../../../protocol/keeper.ts";
import type { Random } from "../kernel/random.ts";
import { sim } from "../kernel/sim.ts";
import type { Connection, Connections, DialTo, Line } from "../network.ts";
import * as fs from "./fs.ts";
import { type KeeperProcess, startKeeper } from "./keeper.ts";
import { Machine, setTimer, type Task } from "./machine.ts";
import { history, type Program, running } from "./processes.ts";
import { losePower } from "./programs.ts";

export interface HostOptions {
  readonly name: string;
  readonly random: Random;
  readonly slots: number;
  readonly connections: Connections;
  readonly route: (url: string, headers: Readonly<Record<string, string>>) => DialTo;
  readonly signaled: (host: Host, program: Program, signal: string) => void;
  /** What this agent's version makes of a message before it leaves. */
  readonly translate: (text: string) => string;
}

/** A record of the keeper is on the disk this long after it was written, however slow the disk. */
const SYNCED_BY_MS = 2_000;
const RESTART_MS = [200, 3_000] as const;
const BOOT_MS = [3_000, 60_000] as const;

export class Host {
  readonly machine: Machine;
  readonly name: string;
  readonly stateDir: string;
  readonly slots: number;
  readonly line: Line = {
    mood: { delayMs: [1, 30], refusing: null },
    upBlocked: false,
    downBlocked: false,
  };
  readonly publicKey: string;
  readonly #key: Identity["key"];
  readonly #options: HostOptions;
  hostId = "";
  agent: { readonly task: Task; readonly agent: Agent } | null = null;
  keeper: KeeperProcess | null = null;
  /** Never comes back. */
  destroyed = false;
  /** A person wished so; perhaps nobody heard of it yet. */
  removed = false;
  /** There are two of it: both are sent away for good. */
  copied = false;
  /** The copy, not the original. */
  isCopy = false;
  lastPowerLossAt = Number.NEGATIVE_INFINITY;

  constructor(options: HostOptions) {
    this.#options = options;
    this.name = options.name;
    this.slots = options.slots;
    this.machine = new Machine(options.name, options.random);
    this.stateDir = `/m/${options.name}/state`;
    const key = keyFrom(options.random);
    this.publicKey = key.x;
    this.#key = key;
    this.machine.boot();
  }

  /** What `coppice-agent join` leaves on the disk. */
  join(hostId: string, projectId: string): void {
    this.hostId = hostId;
    const identity: Identity = {
      url: "https://coppice.test",
      hostId,
      projectId,
      project: "shop",
      name: this.name,
      slots: this.slots,
      key: this.#key,
      epoch: 0,
      nonce: null,
      policy: {},
    };
    fs.mkdirSync(this.stateDir, { recursive: true });
    fs.writeFileSync(identityPath(this.stateDir), JSON.stringify(identity));
    this.machine.disk.root.sync();
    syncAll(this.machine);
  }

  /** The name by which a copy of its disk goes on. */
  takeOverFrom(other: Host): void {
    this.hostId = other.hostId;
    other.machine.disk.copyTo(this.machine.disk);
    const root = this.machine.disk.root;
    const mine = root.entries.get("m");
    if (mine?.kind !== "dir") throw new Error("nothing to copy");
    const tree = mine.entries.get(other.name)!;
    mine.entries.delete(other.name);
    mine.entries.set(this.name, tree);
  }

  startKeeper(): void {
    if (this.keeper !== null || !this.machine.powered || this.destroyed) return;
    const task = this.machine.task("keeper");
    sim().after(0, task, () => {
      // It may have been asked for twice.
      if (this.keeper !== null) {
        this.machine.end(task);
        return;
      }
      try {
        this.keeper = startKeeper(this.machine, task, {
          stateDir: this.stateDir,
          signaled: (program, signal) => this.#options.signaled(this, program, signal),
        });
      } catch (error) {
        sim().trace(`${task.name} could not start: ${(error as Error).message}`);
        this.machine.end(task);
        sim().after(1_000, sim().nature, () => this.startKeeper());
      }
    });
  }

  startAgent(): void {
    if (this.agent !== null || !this.machine.powered || this.destroyed) return;
    const task = this.machine.task("agent");
    sim().after(0, task, () => {
      // It may have been asked for twice.
      if (this.agent !== null) {
        this.machine.end(task);
        return;
      }
      try {
        this.agent = { task, agent: this.#makeAgent(task) };
        this.agent.agent.start();
      } catch (error) {
        sim().trace(`${task.name} could not start: ${(error as Error).message}`);
        this.agent = null;
        this.#dropLinks(task);
        this.machine.end(task);
        sim().after(1_000, sim().nature, () => this.startAgent());
      }
    });
  }

  #makeAgent(task: Task): Agent {
    const loaded = loadIdentity(this.stateDir);
    if (!loaded.ok) throw new Error(loaded.message);
    const { slots } = loaded.identity;
    return new Agent({
      world: this.#agentWorld(task),
      log: logOf(task),
      state: this.stateDir,
      identity: new IdentityFile(this.stateDir, loaded.identity),
      programPath: "/bin",
      git: { path: "/bin", home: "/root" },
      bootId: this.machine.bootId,
      capacity: { slots, memoryBytes: 1e9, cpus: 2 },
      ownUser: "this host is simulated",
      facts: { agentVersion: "sim", os: "linux", arch: "x64" },
    });
  }

  #agentWorld(task: Task): AgentWorld {
    const { connections, route, translate } = this.#options;
    const { machine } = this;
    return {
      now: () => sim().wall(),
      elapsed: () => machine.elapsed(),
      sleptMs: () => machine.sleptMs,
      random: () => machine.random.next(),
      after: (delayMs, run) => setTimer(task, delayMs, run),
      spawn: () => ({
        pid: null,
        ended: Promise.resolve({ code: 0, signal: null, stdout: "", stderr: "", error: null }),
        killGroup: () => {},
      }),
      dial: (url, headers, events: SocketEvents) => {
        const socket = connections.dial(task, this.line, route(url, headers), events);
        return {
          send: (data) => socket.send(typeof data === "string" ? translate(data) : data),
          close: (code, reason) => socket.close(code, reason),
          terminate: () => socket.terminate(),
        };
      },
      ask: () => Promise.reject(new Error("nothing is stored here")),
      connectKeeper: (events) => {
        if (this.keeper !== null) return this.keeper.connect(task, events);
        sim().after(1, task, () => events.closed("nobody listens"));
        return { write: () => {}, destroy: () => {} };
      },
      bornAt: () => null,
      killLeftover: () => {},
      killMarked: () => {},
      killUser: () => {},
      runsBelow: () => false,
    };
  }

  links(task: Task | undefined = this.agent?.task): Connection[] {
    return [...this.#options.connections.open].filter((one) => one.client === task);
  }

  #dropLinks(task: Task): void {
    for (const link of this.links(task)) link.drop();
  }

  /** `againMs`: when its service manager starts it anew. */
  killAgent(againMs = this.machine.random.int(...RESTART_MS)): void {
    const { agent } = this;
    if (agent === null) return;
    this.agent = null;
    this.machine.end(agent.task);
    this.#dropLinks(agent.task);
    sim().after(againMs, sim().nature, () => this.startAgent());
  }

  killKeeper(againMs = this.machine.random.int(...RESTART_MS)): void {
    const { keeper } = this;
    if (keeper === null) return;
    this.keeper = null;
    this.machine.end(keeper.task);
    keeper.drop();
    for (const program of running(this.machine))
      if (program.parent === keeper.task) {
        program.unvouched ||= program.startedAt === sim().now;
        program.parent = null;
      }
    sim().after(againMs, sim().nature, () => this.startKeeper());
  }

  /** Those that died in the middle of their writes are found dead. */
  reap(): void {
    if (this.agent !== null && !this.agent.task.alive) this.killAgent();
    if (this.keeper !== null && !this.keeper.task.alive) this.killKeeper();
  }

  losePower(backMs = this.machine.random.skewed(...BOOT_MS)): void {
    if (!this.machine.powered) return;
    const { machine } = this;
    machine.powered = false;
    this.lastPowerLossAt = sim().now;
    for (const program of running(machine)) losePower(program);
    for (const program of history)
      if (program.machine === machine && program.bootId === machine.bootId)
        program.forgotten ||= program.startedAt > sim().now - SYNCED_BY_MS;
    for (const link of this.links()) link.silent = true;
    for (const task of [...machine.tasks]) machine.end(task);
    this.keeper?.drop();
    this.agent = null;
    this.keeper = null;
    machine.disk.losePower(machine.random);
    this.#measureOutput();
    sim().after(backMs, sim().nature, () => this.bootUp());
  }

  /** What the disk still holds of each program's output. */
  #measureOutput(): void {
    const sizeOf = (program: Program, stream: "stdout" | "stderr") => {
      const path = join(this.stateDir, outputPath(program, stream));
      const node = this.machine.disk.find(path);
      return node?.kind === "file" ? node.size : 0;
    };
    for (const program of history)
      if (program.machine === this.machine && program.survived === null)
        program.survived = { stdout: sizeOf(program, "stdout"), stderr: sizeOf(program, "stderr") };
  }

  bootUp(): void {
    if (this.destroyed || this.machine.powered) return;
    this.machine.boot();
    this.machine.wallOffset = this.machine.random.int(-500, 500);
    sim().trace(`${this.name} boots as ${this.machine.bootId}`);
    this.startKeeper();
    this.startAgent();
  }

  pause(forMs: number): void {
    const { machine } = this;
    if (machine.paused || !machine.powered) return;
    machine.pause();
    const { boots } = machine;
    sim().after(forMs, sim().nature, () => {
      if (machine.boots === boots) machine.resume();
    });
  }

  stopAgent(forMs: number): void {
    const { agent, machine } = this;
    if (agent === null) return;
    agent.task.stopped = true;
    sim().after(forMs, sim().nature, () => {
      agent.task.stopped = false;
      if (agent.task.alive && !machine.paused) sim().thaw(agent.task);
    });
  }

  /** Nothing that was to be known of it has to be known any more. */
  get isOut(): boolean {
    return this.destroyed || this.copied || this.removed;
  }

  destroy(): void {
    this.losePower(0);
    this.destroyed = true;
  }
}

function syncAll(machine: Machine): void {
  const visit = (node: typeof machine.disk.root) => {
    node.sync();
    for (const one of node.entries.values()) {
      if (one.kind === "dir") visit(one);
      else one.sync();
    }
  };
  visit(machine.disk.root);
}

/** An ed25519 key pair from the seed: PKCS#8 with those 32 bytes. */
function keyFrom(random: Random): Identity["key"] {
  const bytes = Buffer.alloc(32);
  random.fill(bytes);
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytes]);
  const key: KeyObject = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return key.export({ format: "jwk" }) as Identity["key"];
}

function logOf(task: Task): Log {
  const say =
    (level: string): Log["info"] =>
    (what, fields) => {
      if (level === "info" && !process.env.SIM_INFO) return;
      sim().trace(`${task.name} ${level}: ${what} ${fields ? JSON.stringify(fields) : ""}`);
    };
  return { info: say("info"), warn: say("warn"), error: say("error") };
}
