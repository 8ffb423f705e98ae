// Tells the local keeper to end its programs because the host goes down. One exchange, then the keeper is gone.
import { createConnection } from "node:net";
import type { FromKeeper, ToKeeper } from "../../protocol/keeper.ts";

export type ShutdownAnswer =
  | { readonly kind: "done" }
  /** Nobody listens, or it did not answer in time: what still runs has to be ended by other means. */
  | { readonly kind: "silent"; readonly pids: readonly number[] };

const PROTOCOL = 1;

/** Resolves once every program has ended, or `withinMs` after the programs' longest grace. */
export function shutDownKeeper(
  socketPath: string,
  times: { readonly graceMs: number; readonly withinMs: number },
): Promise<ShutdownAnswer> {
  return new Promise((resolve) => {
    const pids: number[] = [];
    const socket = createConnection(socketPath);
    const finish = (answer: ShutdownAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => finish({ kind: "silent", pids }),
      times.graceMs + times.withinMs,
    );
    const send = (message: ToKeeper) => socket.write(`${JSON.stringify(message)}\n`);
    socket.on("connect", () => {
      send({ type: "hello", protocol: PROTOCOL });
      send({ type: "shutdown", id: 1, graceMs: times.graceMs });
    });
    let rest = "";
    socket.on("data", (chunk) => {
      rest += chunk.toString("utf8");
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const message = parse(line);
        if (message?.type === "welcome") pids.push(...runningPids(message));
        if (message?.type === "done" && message.id === 1) finish({ kind: "done" });
      }
    });
    socket.on("error", () => finish({ kind: "silent", pids }));
    socket.on("close", () => finish({ kind: "silent", pids }));
  });
}

function parse(line: string): FromKeeper | null {
  try {
    return JSON.parse(line) as FromKeeper;
  } catch {
    return null;
  }
}

function runningPids(message: Extract<FromKeeper, { type: "welcome" }>): number[] {
  return message.instances.flatMap((instance) => {
    const { state } = instance;
    return "pid" in state && state.pid !== null ? [state.pid] : [];
  });
}
