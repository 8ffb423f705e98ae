// What goes wrong around an object: D1 that hangs, a clock that is ahead, a machine that fails.
import type { HostId } from "../../protocol/ids.ts";
import type { Env } from "../../src/env.ts";
import type { HostObjectRpc, Reservation } from "../../src/rpc.ts";
import type { TestHost } from "./fake-host.ts";
import type { TestWorker } from "./support.ts";

export function hang(parts: { env: Env }): void {
  const never = new Promise<never>(() => {});
  const statement = { bind: () => statement, run: () => never, all: () => never, raw: () => never };
  const DB = { prepare: () => statement, batch: () => never };
  parts.env = { ...parts.env, DB: DB as unknown as D1Database };
}

interface Between {
  /** Which reservations count. */
  readonly keys: RegExp;
  /** The first one is answered once this is over. */
  readonly reserve?: (hostId: HostId) => Promise<void>;
  /** The first confirmation is answered so, and the room given back. */
  readonly confirm?: readonly string[];
}

/** Something happens between what a host's object was asked by a worker and the answer: once, and never again. */
export async function between(worker: TestWorker, { confirm, keys, reserve }: Between) {
  const done = new Set<string>();
  const isFirst = (what: string, all: readonly string[]) => {
    if (done.has(what) || !all.some((key) => keys.test(key))) return false;
    done.add(what);
    return true;
  };
  await worker.inside(({ parts }) => {
    const { HOST_OBJECT } = parts.env;
    const names = new Map<string, HostId>();
    const idFromName = (name: string) => {
      const id = HOST_OBJECT.idFromName(name);
      names.set(id.toString(), name as HostId);
      return id;
    };
    const get = (id: DurableObjectId) => {
      const stub = HOST_OBJECT.get(id) as unknown as HostObjectRpc;
      return {
        release: (all: string[]) => stub.release(all),
        confirm: async (all: string[]) => {
          if (!confirm || !isFirst("confirm", all)) return stub.confirm(all);
          await stub.release(all);
          return confirm;
        },
        reserve: async (wanted: Reservation[]) => {
          const answer = await stub.reserve(wanted);
          const all = wanted.map((one) => one.key);
          if (reserve && isFirst("reserve", all)) await reserve(names.get(id.toString())!);
          return answer;
        },
      };
    };
    const slow = { idFromName, get } as unknown as DurableObjectNamespace;
    Object.assign(parts, { env: { ...parts.env, HOST_OBJECT: slow } });
  });
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
