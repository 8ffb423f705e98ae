// The status page over a fresh D1: components put there as their objects would, time at will, D1 that can fail.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { DayTable, LedgerKind } from "../../protocol/status-page.ts";
import { openDb } from "../../src/db/client.ts";
import { writeLedger } from "../../src/db/ledgers.ts";
import { DAY_MS, dayOf } from "../../src/domain/uptime.ts";
import type { Env } from "../../src/env.ts";
import { answerStatus, forgetAll, type Wanted } from "../../src/status/answer.ts";
import { judgeMinute } from "../../src/status/judge.ts";
import { packModel } from "../../src/status/keeper.ts";
import { realEnv } from "../http/support.ts";
import { freshId } from "../objects/support.ts";

export const db = openDb(realEnv.DB);

/** As after a restart of the control plane, with an edge that forgot as well. */
export async function restart(origin = "https://coppice.test"): Promise<void> {
  forgetAll();
  await caches.default.delete(new Request(`${origin}/.status-model`));
}

const TABLES = [
  "status_components",
  "worker_ledgers",
  "incidents",
  "incident_updates",
  "maintenances",
  "status_clock",
];

/** Nothing is public, nothing was ever judged, nothing is remembered. */
export async function emptyBoard(): Promise<void> {
  await realEnv.DB.batch(TABLES.map((table) => realEnv.DB.prepare(`DELETE FROM ${table}`)));
  await restart();
}

let named = 0;

export async function addProject(
  name = `shop-${++named}`,
): Promise<{ id: ProjectId; name: string }> {
  const id = freshId("project");
  await realEnv.DB.prepare(
    "INSERT INTO projects (id, name, wrapped_key, created_at) VALUES (?, ?, '', 0)",
  )
    .bind(id, name)
    .run();
  return { id, name };
}

export interface ComponentInput {
  readonly name?: string;
  readonly heading?: string | null;
  readonly public?: boolean;
  readonly kind?: LedgerKind | null;
  /** ms ago. */
  readonly sinceMs?: number;
  readonly days?: DayTable;
}

/** A worker, and what its owner and its object said of it. */
export class TestComponent {
  readonly id: WorkerId = freshId("worker");
  version = 0;

  static async add(
    project: { readonly id: ProjectId },
    input: ComponentInput = {},
  ): Promise<TestComponent> {
    const one = new TestComponent();
    const name = input.name ?? `worker ${one.id.slice(-6)}`;
    await realEnv.DB.batch([
      realEnv.DB.prepare(
        "INSERT INTO workers (id, project_id, name, spec_version, applied_version, created_at) VALUES (?, ?, ?, 1, 1, 0)",
      ).bind(one.id, project.id, `inner-${one.id}`),
      realEnv.DB.prepare("INSERT INTO status_components VALUES (?, ?, ?, ?, ?, 0, 0)").bind(
        one.id,
        project.id,
        input.public === false ? 0 : 1,
        name,
        input.heading ?? null,
      ),
    ]);
    if (input.kind !== null) await one.is(input.kind ?? "up", input);
    return one;
  }

  async is(kind: LedgerKind, input: { sinceMs?: number; days?: DayTable; at?: number } = {}) {
    const at = input.at ?? Date.now();
    const since = at - (input.sinceMs ?? 0);
    this.version++;
    const { id: workerId, version } = this;
    await writeLedger(db, { workerId, version, kind, since, days: input.days ?? {}, at });
  }
}

/** All days of three months up, but what `odd` says of some of them (0 is today). */
export function goodDays(
  now: number,
  odd: (back: number) => Partial<DayTable[number]> = () => ({}),
) {
  const days: Record<number, DayTable[number]> = {};
  for (let back = 90; back > 0; back--) {
    const sums = { up: DAY_MS, degraded: 0, down: 0, unknown: 0, idle: 0, ...odd(back) };
    const other = sums.degraded + sums.down + sums.unknown + sums.idle;
    days[dayOf(now) - back] = { ...sums, up: Math.max(0, DAY_MS - other) };
  }
  return days;
}

export const FAILING = new Proxy(
  {},
  {
    get() {
      throw new Error("D1_ERROR: Network connection lost.");
    },
  },
) as D1Database;

/** Asks as a request does, at any time. */
export async function ask(
  wanted: Wanted,
  more: {
    readonly project?: string;
    readonly now?: number;
    readonly d1?: D1Database;
    readonly snapshot?: string | null;
    readonly ifNoneMatch?: string;
  } = {},
): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await answerStatus(wanted, {
    asking: {
      db: openDb(more.d1 ?? realEnv.DB),
      origin: "https://coppice.test",
      now: more.now ?? Date.now(),
      later: (work) => ctx.waitUntil(work.catch(() => {})),
      shelf: { read: async () => more.snapshot ?? null },
    },
    project: more.project ?? null,
    ifNoneMatch: more.ifNoneMatch ?? null,
  });
  await waitOnExecutionContext(ctx);
  return response;
}

export const page = async (more: Parameters<typeof ask>[1] = {}) =>
  (await ask({ form: "page" }, more)).text();

export async function snapshotOf(now = Date.now()): Promise<string> {
  return packModel(await judgeMinute(db, now));
}

/** Objects that may not be woken. */
export function untouchable(): { readonly env: Partial<Env>; readonly woken: () => number } {
  let woken = 0;
  const namespace = {
    idFromName: (name: string) => name,
    get: () => {
      woken++;
      throw new Error("an object was woken");
    },
  } as unknown as DurableObjectNamespace;
  const env = { WORKER_OBJECT: namespace, HOST_OBJECT: namespace, STATUS_OBJECT: namespace };
  return { env, woken: () => woken };
}
