// Keeps child processes of the launcher running: start, restart after an unexpected end, ordered stop.
//
// 1. A child has its own session: Ctrl-C in the terminal reaches the launcher alone, which then stops in order.
// 2. An end that nobody asked for is followed by a new start, 200 ms later at first, doubling to 5 s.
// 3. Every child is recorded in the state directory before anybody relies on it, so that a later start can end it.
// 4. No full disk keeps a child from coming back: without a log file it writes nowhere, and what can't be started
//    now is started later.
// 5. A child may hold an IPC channel: it tells when it is ready, and learns from its end that the launcher died.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { gone, identify, signal } from "./local/identity.ts";

export interface PartSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where stdout and stderr are appended. */
  readonly logFile: string;
  /** The child says over IPC that it is ready, with its first message; otherwise it is ready once spawned. */
  readonly ipc: boolean;
  /** TERM to KILL. */
  readonly graceMs: number;
}

export interface PartExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly uptimeMs: number;
}

export interface PartEvents {
  readonly spawned?: (pid: number) => void;
  /** Only for an end that nobody asked for. */
  readonly ended?: (exit: PartExit, restartInMs: number) => void;
}

type Phase =
  | { readonly kind: "idle" }
  | {
      readonly kind: "running";
      readonly child: ChildProcess;
      readonly since: number;
      readonly ready: boolean;
    }
  | { readonly kind: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly kind: "stopped" };

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;
const CALM_AFTER_MS = 10_000;

/** One supervised process. */
export class Part {
  readonly spec: PartSpec;
  readonly #events: PartEvents;
  #phase: Phase = { kind: "idle" };
  #delayMs = FIRST_DELAY_MS;
  #starts = 0;
  #retired = false;

  constructor(spec: PartSpec, events: PartEvents = {}) {
    this.spec = spec;
    this.#events = events;
  }

  get pid(): number | null {
    return this.#phase.kind === "running" ? (this.#phase.child.pid ?? null) : null;
  }

  /** Whether the present process said that it is ready. */
  get ready(): boolean {
    return this.#phase.kind === "running" && this.#phase.ready;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.#phase.kind === "running" || this.#phase.kind === "stopped") return;
    if (this.#phase.kind === "waiting") clearTimeout(this.#phase.timer);
    this.#starts++;
    let child: ChildProcess;
    try {
      child = spawnLogged(this.spec);
    } catch {
      this.#again({ code: null, signal: null, uptimeMs: 0 });
      return;
    }
    this.#phase = { kind: "running", child, since: performance.now(), ready: !this.spec.ipc };
    if (child.pid !== undefined) this.#events.spawned?.(child.pid);
    child.on("message", () => {
      if (this.#phase.kind === "running" && this.#phase.child === child) {
        this.#phase = { ...this.#phase, ready: true };
      }
    });
    child.on("error", () => this.#onEnd(child, null, null));
    child.on("exit", (code, name) => this.#onEnd(child, code, name));
  }

  #onEnd(child: ChildProcess, code: number | null, name: NodeJS.Signals | null): void {
    if (this.#phase.kind !== "running" || this.#phase.child !== child) return;
    const uptimeMs = performance.now() - this.#phase.since;
    if (uptimeMs > CALM_AFTER_MS) this.#delayMs = FIRST_DELAY_MS;
    this.#again({ code, signal: name, uptimeMs });
  }

  #again(exit: PartExit): void {
    if (this.#retired) {
      this.#phase = { kind: "stopped" };
      return;
    }
    const restartInMs = this.#delayMs;
    this.#delayMs = Math.min(MAX_DELAY_MS, this.#delayMs * 2);
    const timer = setTimeout(() => this.start(), restartInMs);
    this.#phase = { kind: "waiting", timer };
    this.#events.ended?.(exit, restartInMs);
  }

  /** Its next end is the last one: it is about to be told to end in its own words. One that has ended stays so. */
  retire(): void {
    this.#retired = true;
    if (this.#phase.kind !== "waiting") return;
    clearTimeout(this.#phase.timer);
    this.#phase = { kind: "stopped" };
  }

  /** TERM, grace, KILL; never started again. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const phase = this.#phase;
    this.#phase = { kind: "stopped" };
    if (phase.kind === "waiting") clearTimeout(phase.timer);
    if (phase.kind !== "running" || phase.child.pid === undefined) return;
    const { child } = phase;
    const ended = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once("exit", () => resolve());
    });
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), this.spec.graceMs);
    await ended;
    clearTimeout(timer);
  }

  /** Kills the present process without a word, as a fault; the supervisor starts it again. Resolves when it is gone. */
  async kill(name: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
    const { pid } = this;
    const identity = pid === null ? null : identify(pid);
    if (pid === null || identity === null) return null;
    signal(pid, name);
    if (name === "SIGKILL") await gone(identity, 5_000);
    return pid;
  }
}

function spawnLogged(spec: PartSpec): ChildProcess {
  const log = openLog(spec.logFile);
  try {
    return spawn(spec.command, [...spec.args], {
      env: spec.env,
      stdio: spec.ipc ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
      detached: true,
    });
  } finally {
    if (log !== "ignore") closeSync(log);
  }
}

function openLog(path: string): number | "ignore" {
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return "ignore";
  }
}
