// A deploy never leaves a worker worse than it was: start-first, soak, revert, and an end for every stage.
import { describe, expect, test } from "vitest";
import type { HostId } from "../../protocol/ids.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { hasProcess } from "../../src/domain/worker.ts";
import { HOST, SPEC, scaled, World } from "./world.ts";

function live(instances: number, mode: WorkerSpec["mode"] = "available"): World {
  const world = new World();
  world.spec = { ...SPEC, instances, mode };
  world.deploy();
  world.converge();
  return world;
}

const standing = (world: World) => world.instances.filter((one) => one.stop === null);

describe("first deploy", () => {
  test("fills all slots at once and is live when each has soaked", () => {
    const world = new World();
    const number = world.deploy();
    world.run({ healthy: false });
    expect(world.status(number)).toBe("rolling_out");
    expect(world.occupied()).toEqual([0, 1, 2]);
    world.run({ healthy: true });
    expect(world.status(number)).toBe("live");
    expect(world.base).toEqual({ deploy: 1, release: 1, live: true });
  });

  test("fails at the third crash, says why, and its instances go on trying", () => {
    const world = new World();
    const number = world.deploy();
    world.run({ healthy: false });
    for (let i = 0; i < 3; i++) world.crash("ins_1");
    expect(world.status(number)).toBe("failed");
    expect(world.ended.at(-1)?.reason).toContain("crashed 3 times");
    expect(world.occupied()).toEqual([0, 1, 2]);
    expect(world.base?.live).toBe(false);
  });

  test("fails when no instance soaks in time", () => {
    const world = new World();
    const number = world.deploy();
    world.run({ healthy: false });
    world.now += world.policy.rollout.soakDeadlineMs;
    world.settle();
    expect(world.status(number)).toBe("failed");
  });

  test("fails after its time without room, and its instances go on waiting", () => {
    const world = new World();
    const number = world.deploy();
    world.now += world.policy.rollout.noRoomMs;
    world.settle();
    expect(world.status(number)).toBe("failed");
    expect(world.occupied()).toEqual([0, 1, 2]);
  });

  test("of a worker without instances is live as soon as it is built", () => {
    const world = new World();
    world.spec = { ...SPEC, instances: 0 };
    expect(world.status(world.deploy())).toBe("live");
  });
});

describe("next deploy", () => {
  test("is never under N healthy and never over N + 1 standing", () => {
    const world = live(4);
    const number = world.deploy();
    for (let i = 0; i < 20 && world.status(number) !== "live"; i++) {
      expect(
        standing(world).filter((one) => one.healthyAt !== null && hasProcess(one)).length,
      ).toBeGreaterThanOrEqual(4);
      expect(standing(world).length).toBeLessThanOrEqual(5);
      world.run({ healthy: i % 2 === 1 });
    }
    expect(world.status(number)).toBe("live");
    expect(standing(world).every((one) => one.release === 2)).toBe(true);
  });

  test("that crashes in its soak is reverted, with the old one untouched", () => {
    const world = live(2);
    const before = world.instances.map((one) => one.id);
    const number = world.deploy();
    world.place();
    const newcomer = standing(world).find((one) => one.deploy === number)!;
    for (let i = 0; i < 3; i++) world.crash(newcomer.id);
    expect(world.status(number)).toBe("reverted");
    expect(standing(world).map((one) => one.id)).toEqual(before);
  });

  test("reverted half-way brings the live release back to the slots already taken", () => {
    const world = live(2);
    const number = world.deploy();
    world.run({ healthy: true });
    world.place();
    const second = standing(world).find((one) => one.deploy === number && one.healthyAt === null)!;
    for (let i = 0; i < 3; i++) world.crash(second.id);
    expect(world.status(number)).toBe("reverted");
    world.converge();
    expect(
      standing(world)
        .map((one) => [one.slot, one.release])
        .sort(),
    ).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  test("a silent host is not held against it", () => {
    const world = live(1);
    const number = world.deploy();
    world.run({ healthy: false });
    const newcomer = standing(world).find((one) => one.deploy === number)!;
    world.lose(newcomer.hostId!);
    world.now += 10 * world.policy.rollout.soakDeadlineMs;
    world.settle();
    expect(world.status(number)).toBe("rolling_out");
  });

  test("after a failed first one takes over at once: nothing live is there to protect", () => {
    const world = new World();
    world.deploy();
    world.run({ healthy: false });
    for (let i = 0; i < 3; i++) world.crash("ins_1");
    const second = world.deploy();
    expect(standing(world).every((one) => one.deploy === second)).toBe(true);
    world.converge();
    expect(world.status(second)).toBe("live");
  });

  test("that fails too after a failed first one is what goes on trying", () => {
    const world = new World();
    world.spec = { ...SPEC, instances: 1 };
    const fails = () => {
      const number = world.deploy();
      world.place();
      const newcomer = standing(world).find((one) => one.deploy === number)!;
      for (let i = 0; i < 3; i++) world.crash(newcomer.id);
      return number;
    };
    const first = fails();
    const second = fails();
    expect([first, second].map((number) => world.status(number))).toEqual(["failed", "failed"]);
    expect(world.base).toEqual({ deploy: second, release: 2, live: false });
    expect(standing(world).every((one) => one.deploy === second)).toBe(true);
  });

  test("discards what still waits for a host instead of leaving it to take a slot later", () => {
    const world = live(1);
    scaled(world, 2);
    expect(standing(world).some((one) => one.hostId === null && one.deploy === 1)).toBe(true);
    const number = world.deploy();
    for (let i = 0; i < 8; i++) {
      for (const one of standing(world).filter((i) => i.deploy === number)) {
        world.change(one.id, () => ({
          hostId: HOST,
          placedAt: 1,
          state: "healthy",
          firstRunningAt: 1,
          healthyAt: 1,
        }));
      }
      world.settle();
    }
    expect(world.status(number)).toBe("live");
    expect(standing(world).every((one) => one.deploy === number)).toBe(true);
  });

  test("to exclusive ends where a lost one without leases may still run, and leaves what runs alone", () => {
    const world = live(1);
    world.change("ins_1", () => ({ state: "lost" }));
    world.settle();
    world.place("hst_b" as HostId);
    world.change("ins_2", () => ({ state: "healthy", firstRunningAt: 1, healthyAt: 1 }));
    world.settle();
    world.spec = { ...world.spec, mode: "exclusive" };
    const number = world.deploy();
    expect(standing(world).map((one) => one.id)).toEqual(["ins_2"]);
    world.now += world.policy.rollout.noRoomMs;
    world.settle();
    expect(world.status(number)).toBe("reverted");
    expect(standing(world).map((one) => one.id)).toEqual(["ins_2"]);
  });

  test("to exclusive waits for a lost one from when its host fell silent, however long it went on before", () => {
    const other = "hst_b" as HostId;
    const { noRoomMs } = new World().policy.rollout;
    const world = live(2);
    world.change("ins_2", () => ({ hostId: other }));
    world.spec = { ...world.spec, mode: "exclusive" };
    const number = world.deploy();
    world.run({ healthy: true });
    world.now += noRoomMs - 1;
    world.run({ healthy: true });
    expect(standing(world).map((one) => [one.slot, one.deploy])).toEqual([[0, number]]);
    world.now += 2;
    world.lose(other);
    world.change("ins_2", () => ({ state: "lost" }));
    world.settle();
    expect(world.status(number)).toBe("rolling_out");
    world.now += noRoomMs - 1;
    world.settle();
    expect(world.status(number)).toBe("rolling_out");
    world.now += 1;
    world.settle();
    expect(world.status(number)).toBe("reverted");
  });

  test("exclusive slots are emptied before the newcomer is made", () => {
    const world = live(1, "exclusive");
    world.deploy();
    expect(world.instances).toHaveLength(1);
    expect(world.instances[0]?.stop?.reason).toBe("replaced");
    world.run({ healthy: false });
    expect(world.instances.map((one) => one.release)).toEqual([2]);
  });
});

describe("stop-first", () => {
  const stopFirst = (instances: number): World => {
    const world = live(instances);
    world.spec = { ...world.spec, rollout: "stop-first" };
    return world;
  };

  test("is never over N and never under N - 1, one slot at a time", () => {
    const world = stopFirst(4);
    const number = world.deploy();
    for (let i = 0; i < 40 && world.status(number) !== "live"; i++) {
      // Also what is stopping has a process yet.
      expect(world.instances.length).toBeLessThanOrEqual(4);
      expect(
        world.instances.filter((one) => hasProcess(one) && one.stop === null).length,
      ).toBeGreaterThanOrEqual(3);
      world.run({ healthy: i % 2 === 1 });
    }
    expect(world.status(number)).toBe("live");
    expect(standing(world).every((one) => one.release === 2)).toBe(true);
  });

  test("waits for the old one to end before the live release comes back", () => {
    const world = stopFirst(1);
    const number = world.deploy();
    world.run({ healthy: false });
    world.place();
    const newcomer = standing(world).find((one) => one.deploy === number)!;
    for (let i = 0; i < 3; i++) world.crash(newcomer.id);
    expect(world.status(number)).toBe("reverted");
    expect(world.instances.map((one) => one.id)).toEqual([newcomer.id]);
    world.converge();
    expect(standing(world).map((one) => one.release)).toEqual([1]);
  });

  test("a silent host is not waited for", () => {
    const world = stopFirst(1);
    const number = world.deploy();
    world.lose(HOST);
    world.settle();
    expect(standing(world).some((one) => one.deploy === number)).toBe(true);
  });

  test("a restart goes slot by slot too, but without a soak", () => {
    const world = stopFirst(2);
    const number = world.deploy({ kind: "restart" });
    for (let i = 0; i < 8 && world.status(number) !== "live"; i++) {
      expect(world.instances.length).toBeLessThanOrEqual(2);
      world.run({ healthy: false });
    }
    expect(world.status(number)).toBe("live");
  });

  test("after a failed first one never runs old and new together", () => {
    const world = new World();
    world.spec = { ...world.spec, rollout: "stop-first" };
    world.deploy();
    world.run({ healthy: false });
    for (let i = 0; i < 3; i++) world.crash("ins_1");
    const second = world.deploy();
    for (let i = 0; i < 12 && world.status(second) !== "live"; i++) {
      expect(world.instances.length).toBeLessThanOrEqual(3);
      world.run({ healthy: true });
    }
    expect(world.status(second)).toBe("live");
  });
});

describe("canceling", () => {
  test("a first rollout ends what it put into the slots, placed or not", () => {
    const world = new World();
    const number = world.deploy();
    world.change("ins_1", () => ({ hostId: HOST, state: "running", placedAt: world.now }));
    world.cancel(number);
    expect(standing(world)).toEqual([]);
    expect(world.instances).toMatchObject([{ id: "ins_1", stop: { reason: "stopped" } }]);
    world.converge();
    expect(world.instances).toEqual([]);
  });

  test.each([true, false])(
    "of an exclusive deploy is over before an available one begins (live before: %s)",
    (liveBefore) => {
      const world = liveBefore ? live(1) : new World();
      world.spec = { ...world.spec, instances: 1, mode: "exclusive" };
      const canceled = world.deploy();
      world.run({ healthy: false });
      world.run({ healthy: false });
      const holder = world.instances.find((one) => one.deploy === canceled)!;
      world.change(holder.id, () => ({ leased: true }));
      world.spec = { ...world.spec, mode: "available" };
      world.cancel(canceled);
      world.deploy();
      expect(world.instances.map((one) => one.id)).toEqual([holder.id]);
      world.converge();
      expect(world.occupied()).toEqual([0]);
    },
  );

  test("a first rollout leaves an exclusive slot empty until its next deploy's turn", () => {
    const world = new World();
    world.spec = { ...world.spec, mode: "exclusive" };
    world.cancel(world.deploy());
    const next = world.deploy();
    expect(standing(world).every((one) => one.deploy === next)).toBe(true);
    world.converge();
    expect(world.occupied()).toEqual([0, 1, 2]);
  });

  test("a later rollout leaves the live release in every slot", () => {
    const world = live(2);
    const number = world.deploy();
    world.place();
    world.cancel(number);
    world.converge();
    expect(standing(world).map((one) => one.release)).toEqual([1, 1]);
  });
});

describe("restart", () => {
  test("repeats the live release in all slots at once, without a soak", () => {
    const world = live(3);
    const number = world.deploy({ kind: "restart" });
    expect(standing(world)).toHaveLength(6);
    world.run({ healthy: false });
    expect(world.status(number)).toBe("live");
    expect(standing(world)).toHaveLength(3);
    expect(standing(world).every((one) => one.deploy === number && one.release === 1)).toBe(true);
  });

  test("asked for during a rollout repeats what that brought live, not what was live before", () => {
    const world = live(2);
    const rolling = world.deploy();
    const restart = world.deploy({ kind: "restart" });
    world.converge();
    expect([rolling, restart].map((n) => world.status(n))).toEqual(["live", "live"]);
    expect(world.base).toEqual({ deploy: restart, release: 2, live: true });
    expect(standing(world).every((one) => one.release === 2)).toBe(true);
  });

  test("without any release fails with a sentence", () => {
    const world = new World();
    const number = world.deploy({ kind: "restart" });
    expect(world.status(number)).toBe("failed");
    expect(world.ended.at(-1)?.reason).toBe("there is no release to start again");
  });
});

describe("rollback", () => {
  test("cancels what is under way and takes all slots at once, without a soak", () => {
    const world = live(3);
    const rolling = world.deploy();
    world.run({ healthy: false });
    const number = world.rollback()!;
    expect(world.status(rolling)).toBe("canceled");
    expect(world.status(number)).toBe("rolling_out");
    expect(standing(world).filter((one) => one.deploy === number)).toHaveLength(3);
    world.run({ healthy: false });
    expect(world.status(number)).toBe("live");
    expect(standing(world).every((one) => one.deploy === number)).toBe(true);
  });

  test("that finds no process of it within its time leaves what is live", () => {
    const world = live(2);
    const number = world.rollback()!;
    world.place();
    world.now += world.policy.rollout.startDeadlineMs;
    world.settle();
    expect(world.status(number)).toBe("reverted");
    world.converge();
    expect(standing(world).map((one) => one.release)).toEqual([1, 1]);
  });
});

describe("a restart that is asked for while something is built", () => {
  const building = () => {
    const world = live(2);
    world.now += 1;
    const deploy = world.deploy({ built: false });
    world.now += 1;
    return { world, deploy, restart: world.deploy({ kind: "restart", built: false }) };
  };

  test("waits, and is not needed once that went live", () => {
    const { world, deploy, restart } = building();
    expect([deploy, restart].map((n) => world.status(n))).toEqual(["building", "queued"]);
    world.now += 1;
    world.finishBuild(deploy);
    world.converge();
    expect([deploy, restart].map((n) => world.status(n))).toEqual(["live", "superseded"]);
    expect(world.base?.deploy).toBe(deploy);
  });

  test("is not needed either where every instance was made anew for another reason, and says no more than that", () => {
    const { world, deploy, restart } = building();
    world.now += 1;
    world.draining.set(HOST, "overdue");
    world.settle();
    world.draining.clear();
    world.run({ healthy: true });
    world.cancel(deploy);
    expect(world.status(restart)).toBe("superseded");
    expect(world.base?.deploy).toBe(1);
    expect(world.ended.at(-1)?.reason).toBe("every instance was made anew meanwhile");
  });

  test("is carried out once that was canceled", () => {
    const { world, deploy, restart } = building();
    const before = standing(world).map((one) => one.id);
    world.cancel(deploy);
    world.converge();
    expect(world.status(restart)).toBe("live");
    expect(standing(world).every((one) => !before.includes(one.id))).toBe(true);
  });

  test("goes with a deploy that is asked for after it", () => {
    const { world, deploy, restart } = building();
    const newest = world.deploy({ built: false });
    expect([deploy, restart, newest].map((n) => world.status(n))).toEqual([
      "superseded",
      "superseded",
      "building",
    ]);
  });
});

describe("queue", () => {
  test("the newest wins: a building one and older queued ones are superseded", () => {
    const world = live(1);
    const building = world.deploy({ built: false });
    const newest = world.deploy({ built: false });
    expect(world.status(building)).toBe("superseded");
    expect(world.status(newest)).toBe("building");
  });

  test("one that is rolling out ends first", () => {
    const world = live(1);
    const rolling = world.deploy();
    const waiting = world.deploy({ built: false });
    const newest = world.deploy({ built: false });
    expect([rolling, waiting, newest].map((n) => world.status(n))).toEqual([
      "rolling_out",
      "superseded",
      "queued",
    ]);
    world.converge();
    expect([rolling, newest].map((n) => world.status(n))).toEqual(["live", "live"]);
  });

  test("a build without an end is ended", () => {
    const world = new World();
    const number = world.deploy({ built: false });
    world.deploys = world.deploys.map((one) => ({ ...one, buildHostId: "hst_a" as never }));
    world.now += world.policy.rollout.buildDeadlineMs;
    world.settle();
    expect(world.status(number)).toBe("failed");
  });

  test("deleting a worker cancels what is under way", () => {
    const world = live(1);
    const number = world.deploy({ built: false });
    world.spec = { ...world.spec, wanted: "deleted" };
    world.converge();
    expect(world.status(number)).toBe("canceled");
    expect(world.instances).toEqual([]);
  });
});
