// The predeploy command runs once per deploy, before anything is rolled out, and every deploy with one ends.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostId } from "../../protocol/ids.ts";
import { HOST, SPEC, World } from "./world.ts";

/** One instance live, and deploys from now on have a predeploy command. */
function live(): World {
  const world = new World();
  world.spec = { ...SPEC, instances: 1 };
  world.deploy();
  world.converge();
  world.predeploys = true;
  return world;
}
const standing = (world: World) => world.instances.filter((one) => one.stop === null);
const reasonOf = (world: World, number: number) =>
  world.ended.find((one) => one.number === number)?.reason;

describe("a predeploy command", () => {
  test("has ended well before the first newcomer is made", () => {
    const world = live();
    const number = world.deploy();
    expect(world.status(number)).toBe("predeploy");
    world.placeJobs();
    world.settle();
    expect(standing(world)).toHaveLength(1);
    world.endJobs(0);
    expect(world.status(number)).toBe("rolling_out");
    expect(world.jobs).toEqual([]);
    world.converge();
    expect(world.status(number)).toBe("live");
  });

  test("that fails ends the deploy with its last line, and leaves what is live untouched", () => {
    const world = live();
    const before = standing(world);
    const number = world.deploy();
    world.placeJobs();
    world.endJobs(3, ["migrating", "Error: no such table", ""]);
    expect(world.status(number)).toBe("failed");
    expect(reasonOf(world, number)).toBe(
      "the predeploy command ended with exit code 3: Error: no such table",
    );
    expect(standing(world)).toEqual(before);
    expect(world.base?.deploy).toBe(1);
  });

  test("of a first deploy that fails begins nothing", () => {
    const world = new World();
    world.predeploys = true;
    const number = world.deploy();
    world.placeJobs();
    world.endJobs(1);
    expect(world.status(number)).toBe("failed");
    expect(world.base).toBeNull();
    expect(world.instances).toEqual([]);
  });

  test("is stopped at its deadline, and the deploy fails once it has ended, saying so", () => {
    const world = live();
    const number = world.deploy();
    world.placeJobs();
    world.settle();
    world.now += world.policy.rollout.predeployDeadlineMs;
    world.settle();
    expect(world.jobs).toMatchObject([{ stop: { why: "its time was over" } }]);
    expect(world.status(number)).toBe("predeploy");
    world.endJobs(0, ["waiting for a lock"]);
    expect(world.status(number)).toBe("failed");
    expect(reasonOf(world, number)).toBe(
      "the predeploy command did not end within 30 min: waiting for a lock",
    );
  });

  test("whose stop is never confirmed is given up", () => {
    const world = live();
    const number = world.deploy();
    world.placeJobs();
    for (const ms of [world.policy.rollout.predeployDeadlineMs, 5_000, 60_000]) {
      world.now += ms;
      world.settle();
    }
    expect(world.status(number)).toBe("failed");
    expect(reasonOf(world, number)).toContain("its end was not heard of");
  });

  test("on a host that is lost is not begun elsewhere: the deploy fails, since nobody knows", () => {
    const world = live();
    const number = world.deploy();
    world.placeJobs("hst_b" as HostId);
    world.lose("hst_b" as HostId);
    world.settle();
    expect(world.status(number)).toBe("failed");
    expect(reasonOf(world, number)).toContain("not known");
    // It may run there yet: the next deploy's waits for it. Should that host come back, what runs there is stopped.
    expect(world.jobs).toMatchObject([{ stop: { why: "its deploy has ended" } }]);
    const next = world.deploy();
    expect(world.jobs).toHaveLength(1);
    world.silent.clear();
    world.settle();
    expect(world.jobs).toHaveLength(1);
    world.endJobs(0);
    world.placeJobs();
    world.endJobs(0);
    world.converge();
    expect(world.status(next)).toBe("live");
  });

  test("of an earlier deploy on a host that stays lost is waited for so long, and then the deploy says why not", () => {
    const world = live();
    world.deploy();
    world.placeJobs();
    world.lose(HOST);
    world.settle();
    const next = world.deploy();
    world.now += world.policy.rollout.noRoomMs - 1;
    world.settle();
    expect(world.status(next)).toBe("predeploy");
    world.now += 1;
    world.settle();
    expect(world.status(next)).toBe("failed");
    expect(reasonOf(world, next)).toContain("bring that host back, or remove it");
    expect(world.jobs).toHaveLength(1);
  });

  test("that no host has room for ends with the time for that", () => {
    const world = live();
    const number = world.deploy();
    world.now += world.policy.rollout.noRoomMs;
    world.settle();
    expect(reasonOf(world, number)).toBe("no host had room in time");
    expect(world.jobs).toEqual([]);
  });

  test("that a host has is not cut short by a newer deploy, which comes after it", () => {
    const world = live();
    const first = world.deploy();
    world.placeJobs();
    const second = world.deploy({ built: false });
    expect([first, second].map((n) => world.status(n))).toEqual(["predeploy", "queued"]);
    world.endJobs(0);
    expect(world.status(first)).toBe("rolling_out");
    world.converge();
    expect([first, second].map((n) => world.status(n))).toEqual(["live", "live"]);
  });

  test("that still waits for a host goes with its deploy where a newer one comes", () => {
    const world = live();
    const first = world.deploy();
    const second = world.deploy({ built: false });
    expect([first, second].map((n) => world.status(n))).toEqual(["superseded", "building"]);
    expect(world.jobs).toEqual([]);
  });

  test("is stopped where its deploy is canceled, and the next one's waits until it has ended", () => {
    const world = live();
    const first = world.deploy();
    world.placeJobs();
    world.cancel(first);
    expect(world.jobs).toMatchObject([{ stop: { why: "its deploy has ended" } }]);
    const second = world.deploy();
    expect(world.jobs).toHaveLength(1);
    world.endJobs(0);
    expect(world.jobs).toMatchObject([{ deploy: second, hostId: null }]);
  });

  test("is run by neither a restart nor a rollback", () => {
    const world = live();
    world.deploy({ kind: "restart" });
    world.converge();
    world.rollback();
    world.converge();
    expect(world.begun.size).toBe(0);
  });

  test("goes with the worker", () => {
    const world = live();
    world.deploy();
    world.placeJobs();
    world.spec = { ...world.spec, wanted: "deleted" };
    world.converge();
    expect(world.jobs).toEqual([]);
  });
});

describe("whatever happens", () => {
  const step = fc.oneof(
    fc.constantFrom(
      ...(["deploy", "restart", "rollback", "build", "cancel", "place", "fail", "pass"] as const),
      ...(["lose", "return", "run", "soak", "begin"] as const),
    ),
    fc.integer({ min: 0, max: 2_000_000 }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function take(world: World, one: Step): void {
    if (typeof one === "number") world.now += one;
    else if (one === "begin")
      for (const part of ["deploy", "build", "place"] as const) take(world, part);
    else if (one === "deploy") world.deploy({ built: false });
    else if (one === "restart") world.deploy({ kind: "restart" });
    else if (one === "rollback") world.rollback();
    else if (one === "build") for (const d of world.deploys) world.finishBuild(d.number);
    else if (one === "cancel") for (const d of world.deploys) world.cancel(d.number);
    else if (one === "place") world.placeJobs();
    else if (one === "fail") world.endJobs(1);
    else if (one === "pass") world.endJobs(0);
    else if (one === "lose") world.lose(HOST);
    else if (one === "return") world.silent.delete(HOST);
    else world.run({ healthy: one === "soak" });
    world.settle();
  }

  test("one command runs at a time, none twice, and in the end no deploy and no job is left", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = live();
        for (const one of steps) {
          take(world, one);
          const there = world.jobs.filter((job) => job.hostId !== null && !job.outcome);
          expect(there.length).toBeLessThanOrEqual(1);
        }
        world.silent.clear();
        world.converge();
        expect(world.deploys).toEqual([]);
        expect(world.jobs).toEqual([]);
        expect(world.occupied()).toEqual([0]);
      }),
      { numRuns: 400 },
    );
  });
});
