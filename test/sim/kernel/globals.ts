// The globals of the runtime, as the simulated world has them: clock, chance, waiting, the console.
//
// 1. Nobody but the queue waits: a timer of the real runtime that somebody sets while a world runs is a mistake.

import { ProcessEnded } from "../machine/machine.ts";
import { pidExists } from "../machine/processes.ts";
import { SimResponse, WebSocketPair, WebSocketRequestResponsePair } from "../platform/sockets.ts";
import { sim } from "./sim.ts";

const RealDate = Date;

class SimDate extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(sim().wall());
    else super(...(args as [number]));
  }
  static override now(): number {
    return sim().wall();
  }
}

function wait(delayMs: number, options?: { readonly signal?: AbortSignal }): Promise<void> {
  return new Promise((resolve, reject) => {
    const handle = sim().after(delayMs, sim().current, resolve);
    options?.signal?.addEventListener("abort", () => {
      handle.cancel();
      reject(new Error("aborted"));
    });
  });
}

function say(level: string): (...what: unknown[]) => void {
  return (...what) => {
    const text = what.map((one) => (one instanceof Error ? one.message : String(one))).join(" ");
    sim().trace(`${sim().current.name} ${level}: ${text.replaceAll("\n", " ").slice(0, 200)}`);
  };
}

function unexpected(name: string): () => never {
  return () => {
    throw new Error(`${name} of the real runtime was called inside the world`);
  };
}

/** Puts the world's globals in place of the real ones; gives the way back. */
export function enterWorld(): () => void {
  const before = Object.getOwnPropertyDescriptors(globalThis);
  const { subtle } = globalThis.crypto;
  const put = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const names = [
    "Date",
    "crypto",
    "scheduler",
    "Response",
    "WebSocketPair",
    "WebSocketRequestResponsePair",
    "setTimeout",
    "setInterval",
  ];
  put("Date", SimDate);
  put("crypto", {
    subtle,
    getRandomValues: <T extends Uint8Array>(bytes: T): T => {
      sim().random.fill(bytes);
      return bytes;
    },
    randomUUID: () => `00000000-0000-4000-8000-${String(sim().random.int(1e11, 9e11))}`,
  });
  put("scheduler", { wait });
  put("Response", SimResponse);
  put("WebSocketPair", WebSocketPair);
  put("WebSocketRequestResponsePair", WebSocketRequestResponsePair);
  put("setTimeout", unexpected("setTimeout"));
  put("setInterval", unexpected("setInterval"));
  const console = { ...globalThis.console };
  for (const level of ["log", "info", "warn", "error"] as const)
    globalThis.console[level] = say(level);
  const { kill } = process;
  process.kill = (pid: number) => {
    if (pidExists(pid)) return true;
    throw Object.assign(new Error("kill ESRCH"), { code: "ESRCH" });
  };
  const rejected = (error: unknown) => {
    if (error instanceof ProcessEnded || !sim().current.alive) return;
    sim().fail("nothing-throws", `a promise was left alone: ${(error as Error).stack}`);
  };
  process.on("unhandledRejection", rejected);
  return () => {
    process.off("unhandledRejection", rejected);
    for (const name of names) {
      const descriptor = before[name as keyof typeof before];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete (globalThis as Record<string, unknown>)[name];
    }
    Object.assign(globalThis.console, console);
    process.kill = kill;
  };
}
