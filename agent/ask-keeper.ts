// One exchange with the keeper over its socket, for those that come and go: what runs, and the end of it all.
import { createConnection, type Socket } from "node:net";
import {
  type FromKeeper,
  KEEPER_PROTOCOL,
  type KeeperInstance,
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

/** Ends every program, or those of one mode. Resolves once they have ended, or `withinMs` after the programs' longest grace. */
export function shutDownKeeper(
  socketPath: string,
  {
    graceMs,
    withinMs,
    only,
  }: {
    readonly graceMs: number;
    readonly withinMs: number;
    readonly only?: KeeperInstance["mode"];
  },
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
    socket.on("connect", () => {
      send(socket, { type: "hello", protocol: KEEPER_PROTOCOL });
      send(socket, { type: "shutdown", id: 1, graceMs, ...(only && { only }) });
    });
    onMessages(socket, (message) => {
      if (message?.type === "welcome") pids.push(...runningPids(message));
      if (message?.type === "done" && message.id === 1) finish({ kind: "done" });
    });
    socket.on("error", () => finish({ kind: "silent", pids }));
    socket.on("close", () => finish({ kind: "silent", pids }));
  });
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
