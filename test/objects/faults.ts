// What goes wrong around an object: D1 that hangs, a clock that is ahead, a machine that fails.
import type { Env } from "../../src/env.ts";
import type { TestHost } from "./fake-host.ts";
import type { TestWorker } from "./support.ts";

export function hang(parts: { env: Env }): void {
  const never = new Promise<never>(() => {});
  const statement = { bind: () => statement, run: () => never, all: () => never, raw: () => never };
  const DB = { prepare: () => statement, batch: () => never };
  parts.env = { ...parts.env, DB: DB as unknown as D1Database };
}

/** An object whose clock stands `aheadMs` before the real one from now on. */
export async function ahead(host: TestHost, aheadMs: number): Promise<void> {
  await host.inside((object) => {
    object.parts.rim.now = () => Date.now() + aheadMs;
  });
}

/** The worker's object lives `aheadMs` later from now on; what fell due meanwhile is done. */
export async function wakeAhead(worker: TestWorker, aheadMs: number): Promise<void> {
  await worker.inside(async (object) => {
    object.parts.rim.now = () => Date.now() + aheadMs;
    await object.alarm();
  });
}

export async function abort(worker: TestWorker): Promise<void> {
  await worker.inside((_object, state) => state.abort("as when the machine fails")).catch(() => {});
}
