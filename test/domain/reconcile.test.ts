// Exactly N, whatever happens in which order: tables for the named cases, properties for the rest.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostId } from "../../protocol/ids.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { reconcile } from "../../src/domain/reconcile.ts";
import { MOVES } from "../../src/domain/slots.ts";
import { occupies } from "../../src/domain/worker.ts";
import { HOST, SPEC, scaled, World } from "./world.ts";

function live(instances = 3, mode: WorkerSpec["mode"] = "available"): World {
  const world = new World();
  world.spec = { ...SPEC, instances, mode };
  world.deploy();
  world.run({ healthy: false });
  world.run({ healthy: true });
  return world;
}

describe("scaling", () => {
  test("5, 2, 0, 3 leaves exactly so many occupants and keeps the low slots", () => {
    const world = live(5);
    const first = world.instances.map((one) => one.id);
    scaled(world, 2);
    world.run({ healthy: true });
    expect(world.instances.map((one) => one.id)).toEqual(first.slice(0, 2));
    scaled(world, 0);
    world.run({ healthy: true });
    expect(world.instances).toEqual([]);
    scaled(world, 3);
    world.converge();
    expect(world.occupied()).toEqual([0, 1, 2]);
  });

  test("generations rise and are never used twice", () => {
    const world = live(2);
    scaled(world, 0);
    world.run({ healthy: true });
    scaled(world, 2);
    world.converge();
    expect(world.instances.map((one) => one.generation)).toEqual([3, 4]);
  });

  test("a slot that its owner emptied is filled only after the old process ended", () => {
    const world = live(1);
    scaled(world, 0);
    scaled(world, 1);
    expect(world.instances).toHaveLength(1);
    expect(world.instances[0]?.stop?.reason).toBe("stopped");
    world.run({ healthy: true });
    expect(world.instances).toHaveLength(1);
    expect(world.instances[0]?.stop).toBeNull();
  });

  test("a stopped worker stays stopped, and starts again where it was", () => {
    const world = live(2);
    world.spec = { ...world.spec, wanted: "stopped" };
    world.converge();
    expect(world.instances).toEqual([]);
    world.spec = { ...world.spec, wanted: "running" };
    world.converge();
    expect(world.occupied()).toEqual([0, 1]);
    expect(world.instances.every((one) => one.release === 1)).toBe(true);
  });

  test("scaling after a revert does not bring the poison back", () => {
    const world = live(2);
    const poison = world.deploy();
    for (let i = 0; i < 3; i++) crashNewcomer(world, poison);
    expect(world.status(poison)).toBe("reverted");
    scaled(world, 4);
    world.converge();
    expect(world.occupied()).toEqual([0, 1, 2, 3]);
    expect(world.instances.every((one) => one.release === 1)).toBe(true);
  });
});

function crashNewcomer(world: World, deploy: number): void {
  world.place();
  const newcomer = world.instances.find((one) => one.deploy === deploy && one.stop === null);
  if (newcomer) world.crash(newcomer.id);
}

describe("hosts", () => {
  test("a lost instance gets one successor, not two", () => {
    const world = live(1);
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    world.settle();
    expect(world.instances.map((one) => one.id)).toEqual(["ins_1", "ins_2"]);
  });

  test("a predecessor that comes back before its successor was placed stays", () => {
    const world = live(1);
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    world.change("ins_1", () => ({ state: "healthy" }));
    world.settle();
    expect(world.instances.map((one) => one.id)).toEqual(["ins_1"]);
  });

  test("of two that stand, the newest that a host admitted stays, once it has started", () => {
    const world = live(1);
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    world.place("hst_b" as HostId);
    world.change("ins_1", () => ({ state: "healthy" }));
    expect(world.settle()).toEqual([]);
    world.change("ins_2", () => ({ state: "running", firstRunningAt: world.now }));
    world.settle();
    expect(world.instances.find((one) => one.id === "ins_1")?.stop?.reason).toBe("replaced");
    expect(world.instances.find((one) => one.id === "ins_2")?.stop).toBeNull();
  });

  test("an exclusive slot is filled again once its predecessor is lost: by then its lease has ended", () => {
    const world = live(1, "exclusive");
    world.change("ins_1", () => ({ state: "unknown", leased: true }));
    expect(world.settle()).toEqual([]);
    world.change("ins_1", () => ({ state: "lost", leased: false }));
    expect(world.settle()).toMatchObject([{ op: "create", why: MOVES.lost }]);
  });

  test("an exclusive release is not started while a lost one without leases may still run", () => {
    const world = live(1);
    world.spec = { ...world.spec, mode: "exclusive" };
    world.deploy();
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    expect(world.instances.map((one) => one.release)).toEqual([1]);
  });

  test("an exclusive holder that came back stays, and the newer one that never had a lease goes", () => {
    const world = live(1, "exclusive");
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    world.place("hst_b" as HostId);
    world.change("ins_1", () => ({ state: "healthy", leased: true }));
    expect(world.settle()).toMatchObject([{ op: "stop", instance: "ins_2" }]);
  });

  test("what a frozen host ran is not replaced until it thaws", () => {
    const world = live(1);
    world.lose(HOST);
    world.frozen.add(HOST);
    world.change("ins_1", () => ({ state: "lost" }));
    expect(world.settle()).toEqual([]);
    world.frozen.clear();
    expect(world.settle()).toMatchObject([{ op: "create", why: MOVES.lost }]);
  });
});

describe("draining a host", () => {
  const other = "hst_b" as HostId;

  test("starts elsewhere, and stops only once the successor is healthy", () => {
    const world = live(1);
    world.draining.set(HOST, "moving");
    expect(world.settle()).toMatchObject([{ op: "create", why: MOVES.drained }]);
    world.place(other);
    expect(world.settle()).toEqual([]);
    world.change("ins_2", () => ({ state: "running", firstRunningAt: world.now }));
    expect(world.settle()).toEqual([]);
    world.change("ins_2", () => ({ state: "healthy", healthyAt: world.now }));
    expect(world.settle()).toMatchObject([{ op: "stop", instance: "ins_1", why: MOVES.drained }]);
  });

  test("stops nothing while there is no place to go to, until the deadline", () => {
    const world = live(1);
    world.draining.set(HOST, "moving");
    world.settle();
    world.now += 86_400_000;
    expect(world.settle()).toEqual([]);
    world.draining.set(HOST, "overdue");
    expect(world.settle()).toMatchObject([{ op: "stop", instance: "ins_1" }]);
  });

  test("an exclusive one stops as soon as its successor has a place, and not before", () => {
    const world = live(1, "exclusive");
    world.change("ins_1", () => ({ leased: true }));
    world.draining.set(HOST, "moving");
    expect(world.settle()).toMatchObject([{ op: "create" }]);
    expect(world.settle()).toEqual([]);
    world.place(other);
    expect(world.settle()).toMatchObject([{ op: "stop", instance: "ins_1" }]);
  });

  test("of a worker that stops first never runs two of a slot, and goes slot by slot", () => {
    const world = live(3);
    world.spec = { ...world.spec, rollout: "stop-first" };
    world.draining.set(HOST, "moving");
    expect(world.settle()).toMatchObject([{ op: "stop", instance: "ins_1", why: MOVES.drained }]);
    for (let i = 0; i < 20 && world.instances.some((one) => one.hostId === HOST); i++) {
      const slots = world.instances.map((one) => one.slot);
      expect(new Set(slots).size).toBe(slots.length);
      expect(world.instances.filter((one) => occupies(one)).length).toBeGreaterThanOrEqual(2);
      world.place(other);
      world.run({ healthy: i % 2 === 1 });
      world.place(other);
    }
    world.converge();
    expect(world.occupied()).toEqual([0, 1, 2]);
    expect(world.instances.every((one) => one.hostId === other)).toBe(true);
  });

  test("of a worker that stops first stops all that is left at the deadline", () => {
    const world = live(2);
    world.spec = { ...world.spec, rollout: "stop-first" };
    world.draining.set(HOST, "overdue");
    expect(world.settle().filter((one) => one.op === "stop")).toHaveLength(2);
  });

  test("ended, the one that has moved stays and the surplus stops", () => {
    const world = live(1);
    world.draining.set(HOST, "moving");
    world.settle();
    world.draining.clear();
    world.settle();
    expect(world.instances.map((one) => one.id)).toEqual(["ins_1"]);
    world.draining.set(HOST, "moving");
    world.settle();
    world.place(other);
    world.draining.clear();
    world.settle();
    world.change("ins_3", () => ({ state: "running", firstRunningAt: world.now }));
    world.settle();
    expect(world.instances.filter((one) => !one.stop).map((one) => one.generation)).toEqual([3]);
  });

  test("moves every slot, and comes to rest", () => {
    const world = live(3);
    world.draining.set(HOST, "moving");
    world.settle();
    world.place(other);
    world.converge();
    expect(world.occupied()).toEqual([0, 1, 2]);
    expect(world.instances.every((one) => one.hostId === other)).toBe(true);
  });
});

type Step =
  | { do: "scale"; to: number }
  | { do: "wanted"; to: "running" | "stopped" }
  | {
      do:
        | "deploy"
        | "restart"
        | "rollback"
        | "run"
        | "soak"
        | "lose"
        | "return"
        | "build"
        | "cancel";
    }
  | { do: "crash"; nth: number }
  | { do: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("scale" as const), to: fc.integer({ min: 0, max: 5 }) }),
  fc.record({
    do: fc.constant("wanted" as const),
    to: fc.constantFrom("running" as const, "stopped" as const),
  }),
  fc.record({
    do: fc.constantFrom(...(["deploy", "restart", "rollback", "build", "cancel"] as const)),
  }),
  fc.record({
    do: fc.constantFrom("run" as const, "soak" as const, "lose" as const, "return" as const),
  }),
  fc.record({ do: fc.constant("crash" as const), nth: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 700_000 }) }),
);

function take(world: World, one: Step): void {
  switch (one.do) {
    case "scale":
      scaled(world, one.to);
      return;
    case "wanted":
      world.spec = { ...world.spec, wanted: one.to };
      break;
    case "deploy":
      world.deploy({ built: false });
      return;
    case "restart":
      world.deploy({ kind: "restart" });
      return;
    case "rollback":
      world.rollback();
      return;
    case "build":
      for (const deploy of world.deploys) world.finishBuild(deploy.number);
      return;
    case "cancel":
      for (const deploy of world.deploys) world.cancel(deploy.number);
      return;
    case "run":
      world.run({ healthy: false });
      return;
    case "soak":
      world.run({ healthy: true });
      return;
    case "crash": {
      const placed = world.instances.filter((i) => occupies(i) && i.hostId !== null);
      const victim = placed[one.nth % Math.max(1, placed.length)];
      if (victim) world.crash(victim.id);
      return;
    }
    case "lose":
      for (const i of world.instances)
        if (i.hostId === HOST) world.change(i.id, () => ({ state: "lost" }));
      break;
    case "return":
      for (const i of world.instances) {
        if (i.state === "lost")
          world.change(i.id, () => ({ state: i.stop ? "stopping" : "running" }));
      }
      break;
    case "wait":
      world.now += one.ms;
      break;
  }
  world.settle();
}

describe("canceling", () => {
  test("leaves alone what another cancel brought to its end", () => {
    const world = new World();
    world.deploy({ built: false });
    world.deploy({ kind: "restart" });
    take(world, { do: "cancel" });
    expect(world.deploys).toEqual([]);
  });
});

describe("properties", () => {
  test("every plan settles, and no slot ever has more than an occupant and its newcomer", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const one of steps) {
          take(world, one);
          const standing = world.instances.filter(occupies);
          for (let slot = 0; slot < 6; slot++) {
            const here = standing.filter((i) => i.slot === slot);
            expect(here.length).toBeLessThanOrEqual(2);
            expect(new Set(here.map((i) => i.deploy)).size).toBe(here.length);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("whatever happened, once faults stop there are exactly N of the base, and every deploy has ended", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const one of steps) take(world, one);
        take(world, { do: "return" });
        world.converge();
        const wanted = world.spec.wanted === "running" && world.base ? world.spec.instances : 0;
        expect(world.occupied()).toEqual(Array.from({ length: wanted }, (_, slot) => slot));
        expect(world.deploys).toEqual([]);
        expect(world.instances.every((i) => i.deploy === world.base?.deploy)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("a tombstone is never set on an instance twice, and nothing is stopped without a reason", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const one of steps) take(world, one);
        const stops = world.log.filter((op) => op.op === "stop");
        expect(new Set(stops.map((op) => op.instance)).size).toBe(stops.length);
        expect(stops.every((op) => op.why.length > 0)).toBe(true);
      }),
    );
  });

  test("the live number never falls", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        let highest = 0;
        for (const one of steps) {
          take(world, one);
          if (!world.base?.live) continue;
          expect(world.base.deploy).toBeGreaterThanOrEqual(highest);
          highest = world.base.deploy;
        }
      }),
    );
  });

  test("a plan is empty for the state it was made for once it was applied", () => {
    const world = live(4);
    expect(reconcile(world.state(), world.now, world.policy).operations).toEqual([]);
  });
});
