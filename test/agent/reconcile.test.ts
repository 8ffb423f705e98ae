// The plan: what stops, what starts, and that carrying it out leaves nothing to do.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newerDesired, type Operation, reconcile } from "../../agent/reconcile.ts";
import type { Desired, DesiredRelease } from "../../protocol/channel.ts";
import type { KeeperObserved, KeeperState } from "../../protocol/keeper.ts";

const IDS = ["ins_a", "ins_b", "ins_c", "ins_d", "ins_e"];

const release = (number: number): DesiredRelease => ({
  number,
  source: { repo: "/r", commit: "a".repeat(40), rootDir: ".", buildCommand: null },
  digest: "sha256:x",
  startCommand: "true",
  stopSignal: "SIGTERM",
  stopGraceMs: 1_000,
  mode: "available",
  env: {},
  allowLocalRepo: true,
});

const desiredOf = (change: Partial<Desired>): Desired => ({
  type: "desired",
  revision: 1,
  projectId: "prj_1",
  project: "p",
  worker: "w",
  releases: [release(1), release(2)],
  run: [],
  stop: [],
  builds: [],
  jobs: [],
  ...change,
});

const stateOf: fc.Arbitrary<KeeperState> = fc.constantFrom<KeeperState>(
  { kind: "starting" },
  { kind: "running", attempt: 1, pid: 9, startedAt: 0, uptimeMs: 0, adopted: false },
  { kind: "backoff", attempt: 1, restartInMs: 5 },
  { kind: "stopping", attempt: 1, pid: 9, reason: "stopped" },
  { kind: "stopping", attempt: 1, pid: 9, reason: "fenced", fencing: true },
  { kind: "stopped", attempt: 1, reason: "stopped" },
);

const observedOf = (instanceId: string, state: KeeperState): KeeperObserved => ({
  instanceId,
  workerId: "wrk_1",
  slot: 0,
  generation: 1,
  release: 1,
  attempt: 1,
  restarts: 0,
  state,
});

const someIds = fc.subarray(IDS);

const situation = fc.record({
  run: someIds,
  stop: someIds,
  gone: someIds,
  shipped: someIds,
  ready: fc.subarray([1, 2]),
  known: fc.dictionary(fc.constantFrom(...IDS), stateOf),
  told: fc.boolean(),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function planOf(it: Situation, instances: Map<string, KeeperObserved>): Operation[] {
  const desired = desiredOf({
    run: it.run.map((instanceId, i) => ({
      instanceId,
      slot: i,
      generation: i,
      release: (i % 3) + 1,
    })),
    stop: it.stop.map((instanceId) => ({ instanceId, reason: "stopped", graceMs: 1 })),
  });
  return reconcile({
    desired: it.told ? desired : null,
    instances,
    gone: new Set(it.gone),
    releaseOnDisk: ({ number }) =>
      it.ready.includes(number) ? { kind: "ready", cwd: `/r/${number}` } : { kind: "absent" },
    isShipped: (id) => it.shipped.includes(id),
  });
}

function knownOf(it: Situation): Map<string, KeeperObserved> {
  return new Map(Object.entries(it.known).map(([id, state]) => [id, observedOf(id, state)]));
}

test("only a tombstone stops, only a wanted one without a tombstone starts, only a stopped and let go one is removed", () => {
  fc.assert(
    fc.property(situation, (it) => {
      const known = knownOf(it);
      for (const operation of planOf(it, known)) {
        if (operation.kind === "stop") {
          expect(it.told && it.stop).toContain(operation.tombstone.instanceId);
        } else if (operation.kind === "ensure") {
          const { instanceId } = operation.instance;
          expect(it.run).toContain(instanceId);
          expect([...it.stop, ...it.gone, ...known.keys()]).not.toContain(instanceId);
          expect(it.ready).toContain(operation.release.number);
        } else if (operation.kind === "remove") {
          expect(it.gone).toContain(operation.instanceId);
          expect(it.shipped).toContain(operation.instanceId);
          expect(known.get(operation.instanceId)?.state.kind).toBe("stopped");
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

test("carrying the plan out leaves nothing to do", () => {
  fc.assert(
    fc.property(situation, (it) => {
      const known = knownOf(it);
      let ready = it.ready;
      for (let round = 0; round < 2; round++) {
        for (const operation of planOf({ ...it, ready }, known)) {
          if (operation.kind === "prepare") ready = [...ready, operation.release.number];
          else if (operation.kind === "remove") known.delete(operation.instanceId);
          else if (operation.kind === "ensure") {
            const { instanceId } = operation.instance;
            known.set(instanceId, observedOf(instanceId, { kind: "starting" }));
          } else if (operation.kind === "begin") {
            const { jobId } = operation.job;
            known.set(jobId, observedOf(jobId, { kind: "starting" }));
          } else {
            const { instanceId } = operation.tombstone;
            known.set(
              instanceId,
              observedOf(instanceId, { kind: "stopping", attempt: 1, pid: 1, reason: "stopped" }),
            );
          }
        }
      }
      expect(planOf({ ...it, ready }, known)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test("a tombstone is marked though the instance is being fenced: else it would start again under its next lease", () => {
  const plan = (state: KeeperState) =>
    reconcile({
      desired: desiredOf({ stop: [{ instanceId: "ins_a", reason: "stopped", graceMs: 1 }] }),
      instances: new Map([["ins_a", observedOf("ins_a", state)]]),
      gone: new Set(),
      releaseOnDisk: () => ({ kind: "absent" }),
      isShipped: () => true,
    }).map(({ kind }) => kind);
  const stopping = { kind: "stopping", attempt: 1, pid: 9, reason: "fenced" } as const;
  expect(plan({ ...stopping, fencing: true })).toEqual(["stop"]);
  expect(plan(stopping)).toEqual([]);
});

describe("a job", () => {
  const job = {
    ...{ jobId: "dep_1-predeploy", generation: 4, release: 1, kind: "predeploy" },
    ...{ command: "node migrate.js", begun: false },
  };
  const plan = (more: Partial<Parameters<typeof reconcile>[0]>, begun = false) =>
    reconcile({
      desired: desiredOf({ jobs: [{ ...job, begun }] }),
      instances: new Map(),
      gone: new Set(),
      releaseOnDisk: () => ({ kind: "ready", cwd: "/r/1" }),
      isShipped: () => true,
      ...more,
    }).map(({ kind }) => kind);
  const held = (kind: KeeperState) => new Map([[job.jobId, observedOf(job.jobId, kind)]]);

  test("waits for its release, and is begun once that lies there", () => {
    expect(plan({ releaseOnDisk: () => ({ kind: "absent" }) })).toEqual(["prepare"]);
    expect(plan({})).toEqual(["begin"]);
  });

  test("is not begun where the keeper has it, where its end is known, or where the object knows that it began", () => {
    expect(plan({ instances: held({ kind: "starting" }) })).toEqual([]);
    expect(plan({ instances: held({ kind: "stopped", attempt: 1, reason: "stopped" }) })).toEqual(
      [],
    );
    expect(plan({ gone: new Set([job.jobId]) })).toEqual([]);
    expect(plan({}, true)).toEqual([]);
  });

  test("is stopped by a tombstone, and removed like an instance", () => {
    const stop = [{ instanceId: job.jobId, reason: "stopped" as const, graceMs: 1 }];
    const running = held({ ...RUNS, kind: "running" });
    expect(plan({ desired: desiredOf({ stop }), instances: running })).toEqual(["stop"]);
    const stopped = held({ kind: "stopped", attempt: 1, reason: "stopped" });
    const gone = new Set([job.jobId]);
    expect(plan({ desired: desiredOf({}), instances: stopped, gone })).toEqual(["remove"]);
  });
});
const RUNS = { attempt: 1, pid: 9, startedAt: 0, uptimeMs: 0, adopted: false };

test("an older revision does not replace the one held", () => {
  const held = desiredOf({ revision: 5 });
  expect(newerDesired(held, desiredOf({ revision: 4 }))).toBe(held);
  const again = desiredOf({ revision: 5 });
  expect(newerDesired(held, again)).toBe(again);
  expect(newerDesired(null, again)).toBe(again);
});

test("each operation says why", () => {
  const plan = reconcile({
    desired: desiredOf({
      run: [
        { instanceId: "ins_a", slot: 0, generation: 1, release: 1 },
        { instanceId: "ins_b", slot: 1, generation: 2, release: 2 },
        { instanceId: "ins_c", slot: 2, generation: 3, release: 2 },
      ],
      stop: [{ instanceId: "ins_d", reason: "replaced", graceMs: 1 }],
    }),
    instances: new Map([
      ["ins_d", observedOf("ins_d", { kind: "backoff", attempt: 1, restartInMs: 1 })],
    ]),
    gone: new Set(),
    releaseOnDisk: ({ number }) =>
      number === 1
        ? { kind: "ready", cwd: "/r/1" }
        : { kind: "failed", message: "no", again: true },
    isShipped: () => true,
  });
  expect(plan.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
    "stop: tombstone",
    "ensure: wanted",
    "prepare: again",
  ]);
});
