// One exchange with the keeper over its socket, for those that come and go: what runs, and the end of it all.
import { createConnection, type Socket } from "node:net";
import {
  type FromKeeper,
  KEEPER_ONLY_SINCE,
  KEEPER_PROTOCOL,
  type KeeperInstance,
  type KeeperObserved,
  type ToKeeper,
} from "../protocol/keeper.ts";

export type KeeperWelcome = Extract<FromKeeper, { type: "welcome" }>;

/** Its first answer; null where nobody answers within that time. */
export function askKeeper(socketPath: string, withinMs: number): Promise<KeeperWelcome | null> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath);
    const finish = (answer: KeeperWelcome | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), withinMs);
    socket.on("connect", () => send(socket, { type: "hello", protocol: KEEPER_PROTOCOL }));
    onMessages(socket, (message) => {
      if (message?.type === "welcome") finish(message);
    });
    socket.on("error", () => finish(null));
    socket.on("close", () => finish(null));
  });
}

export type ShutdownAnswer =
  | { readonly kind: "done" }
  /** Nobody listens, or it did not answer in time: what still runs has to be ended by other means. */
  | { readonly kind: "silent"; readonly pids: readonly number[] };

export interface ShutdownOptions {
  readonly graceMs: number;
  readonly withinMs: number;
  /** Those of one mode alone. */
  readonly only?: KeeperInstance["mode"];
}

/** Ends every program, or those of one mode. Resolves once they have ended, or `withinMs` after the programs' longest grace. */
export function shutDownKeeper(
  socketPath: string,
  { graceMs, withinMs, only }: ShutdownOptions,
): Promise<ShutdownAnswer> {
  return new Promise((resolve) => {
    const pids: number[] = [];
    const socket = createConnection(socketPath);
    const finish = (answer: ShutdownAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish({ kind: "silent", pids }), graceMs + withinMs);
    const shutdown = () =>
      send(socket, { type: "shutdown", id: 1, graceMs, ...(only && { only }) });
    const stops = new Stops(socket, graceMs);
    socket.on("connect", () => {
      send(socket, { type: "hello", protocol: KEEPER_PROTOCOL });
      // Of one mode: only where the keeper knows what that is.
      if (only === undefined) shutdown();
    });
    onMessages(socket, (message) => {
      if (message === null) return;
      if (message.type === "welcome") {
        pids.push(...runningPids(message));
        if (only !== undefined && message.protocol >= KEEPER_ONLY_SINCE) shutdown();
        else if (only !== undefined) stops.ask(message, only);
      }
      stops.hear(message);
      const isDone = message.type === "done" && message.id === 1;
      if (isDone || stops.areDone) finish({ kind: "done" });
    });
    socket.on("error", () => finish({ kind: "silent", pids }));
    socket.on("close", () => finish({ kind: "silent", pids }));
  });
}

/** For a keeper that can't shut down a part: stops those of one mode, one by one. They stay stopped, and it goes on. */
class Stops {
  readonly #socket: Socket;
  readonly #graceMs: number;
  #left: Set<string> | null = null;

  constructor(socket: Socket, graceMs: number) {
    this.#socket = socket;
    this.#graceMs = graceMs;
  }

  get areDone(): boolean {
    return this.#left?.size === 0;
  }

  ask({ instances }: KeeperWelcome, mode: KeeperInstance["mode"]): void {
    const those = instances.filter((one) => (one.mode ?? "available") === mode && !hasEnded(one));
    this.#left = new Set(those.map(({ instanceId }) => instanceId));
    for (const [at, { instanceId }] of those.entries())
      send(this.#socket, {
        ...{ type: "stop", id: at + 2, instanceId },
        ...{ graceMs: this.#graceMs, reason: "stopped" },
      });
  }

  hear(message: FromKeeper): void {
    if (message.type === "instance" && hasEnded(message.instance))
      this.#left?.delete(message.instance.instanceId);
    if (message.type === "removed") this.#left?.delete(message.instanceId);
  }
}

function hasEnded({ state }: KeeperObserved): boolean {
  return state.kind === "stopped";
}

function send(socket: Socket, message: ToKeeper): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

function onMessages(socket: Socket, take: (message: FromKeeper | null) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => {
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(parse(line));
  });
}

function parse(line: string): FromKeeper | null {
  try {
    return JSON.parse(line) as FromKeeper;
  } catch {
    return null;
  }
}

/** Processes of the instances. */
export function runningPids({ instances }: KeeperWelcome): number[] {
  return instances.flatMap(({ state }) =>
    "pid" in state && state.pid !== null ? [state.pid] : [],
  );
}
