// What a host reports becomes what the object knows: once, in order, and never past a tombstone.
import { describe, expect, test } from "vitest";
import type { ExitReport, ObservedInstance, Report } from "../../protocol/channel.ts";
import { INSTANCE_STATES } from "../../protocol/instance.ts";
import { lifecycleDiagram, mayMove, TRANSITIONS } from "../../src/domain/lifecycle.ts";
import { exitNote, observe } from "../../src/domain/observe.ts";
import { workerStatus } from "../../src/domain/status.ts";
import type { Instance } from "../../src/domain/worker.ts";
import { HOST, SPEC, World } from "./world.ts";

function placed(patch: Partial<Instance> = {}): Instance {
  const world = new World();
  world.spec = { ...SPEC, instances: 1 };
  world.deploy();
  world.place();
  return { ...world.instances[0]!, ...patch };
}

const seen = (patch: Partial<ObservedInstance> = {}): ObservedInstance => ({
  instanceId: "ins_1",
  slot: 0,
  generation: 1,
  release: 1,
  state: "running",
  attempt: 1,
  pid: 42,
  bootId: "boot",
  startedAt: 500,
  restarts: 0,
  restartInMs: null,
  detail: null,
  ...patch,
});

const exit = (patch: Partial<ExitReport> = {}): ExitReport => ({
  instanceId: "ins_1",
  bootId: "boot",
  attempt: 1,
  pid: 42,
  startedAt: 0,
  exitedAt: 2_000,
  uptimeMs: 2_000,
  exitCode: 1,
  signal: null,
  oom: false,
  reason: "crash",
  restartInMs: 0,
  collapsed: 0,
  detail: null,
  slot: 0,
  generation: 1,
  release: 1,
  tail: [],
  ...patch,
});

function look(instances: Instance[], report: Partial<Report>, freshExits: ExitReport[] = []) {
  return observe({
    hostId: HOST,
    instances,
    report: {
      type: "report",
      epoch: 1,
      revision: 5,
      instances: [],
      exits: freshExits,
      builds: [],
      jobs: [],
      ...report,
    },
    freshExits,
    sentRevision: 5,
    soakMs: 10_000,
    now: 9_000,
  });
}

describe("reports", () => {
  test("the first process is told once, in the timeline and in the log", () => {
    const first = look([placed()], { instances: [seen()] });
    expect(first.updates[0]).toMatchObject({
      state: "running",
      pid: 42,
      firstRunningAt: 9_000,
      healthyAt: null,
    });
    expect(first.notes).toMatchObject([
      { event: "instance_started", system: "started · attempt 1 · pid 42" },
    ]);
    const again = look([first.updates[0]!], { instances: [seen()] });
    expect(again).toMatchObject({ updates: [], notes: [], gone: [] });
  });

  test("a new attempt is a log line, not an event", () => {
    const first = look([placed()], { instances: [seen()] }).updates[0]!;
    const second = look([first], { instances: [seen({ attempt: 2, pid: 43, restarts: 1 })] });
    expect(second.notes).toMatchObject([{ event: null, system: "started · attempt 2 · pid 43" }]);
  });

  test("a tombstone is stronger than a report of running, and ends with `stopped`", () => {
    const stop = { reason: "stopped" as const, why: "scaled down", at: 1 };
    const marked = placed({ state: "stopping", stop });
    expect(look([marked], { instances: [seen()] }).updates[0]?.state).toBe("stopping");
    expect(look([marked], { instances: [seen({ state: "stopped" })] }).gone).toHaveLength(1);
  });

  test("what its host stopped without a tombstone, going down itself, runs again when it says so", () => {
    const down = look([placed()], { instances: [seen({ state: "stopping" })] }).updates[0]!;
    expect(down.state).toBe("stopping");
    expect(look([down], { instances: [seen({ attempt: 2 })] }).updates[0]?.state).toBe("running");
  });

  test("missing from a report that has the newest revision: ended if asked to stop, sent again if not", () => {
    const stop = { reason: "stopped" as const, why: "scaled down", at: 1 };
    expect(look([placed({ state: "stopping", stop })], {}).gone).toHaveLength(1);
    expect(look([placed()], {})).toMatchObject({ gone: [], updates: [], resend: true });
  });

  test("missing from an older report means nothing", () => {
    const stop = { reason: "stopped" as const, why: "scaled down", at: 1 };
    expect(look([placed({ state: "stopping", stop })], { revision: 4 })).toMatchObject({
      gone: [],
      resend: false,
    });
  });

  test("a lost instance comes back as what its host says", () => {
    const back = look(
      [placed({ state: "unknown", firstRunningAt: 1, bootId: "boot", attempt: 1 })],
      {
        instances: [seen()],
      },
    );
    expect(back.updates[0]?.state).toBe("running");
    expect(back.notes).toMatchObject([{ event: "host_returned" }]);
  });

  test("an unknown instance is a stranger and is left alone here", () => {
    expect(look([], { instances: [seen()] })).toMatchObject({
      strangers: [{ instanceId: "ins_1" }],
      gone: [],
    });
  });
});

describe("soak", () => {
  test("crashes count against it until it was survived once", () => {
    const twice = look([placed()], { instances: [seen({ attempt: 3 })] }, [
      exit(),
      exit({ attempt: 2 }),
    ]);
    expect(twice.updates[0]).toMatchObject({ soakCrashes: 2, healthyAt: null });
    const healthy = placed({ healthyAt: 5 });
    expect(
      look([healthy], { instances: [seen({ attempt: 2 })] }, [exit()]).updates[0]?.soakCrashes,
    ).toBe(0);
  });
  test("an attempt that lived long enough has soaked though nobody saw it healthy", () => {
    const late = look([placed()], { instances: [seen({ attempt: 2 })] }, [
      exit({ uptimeMs: 10_000 }),
    ]);
    expect(late.updates[0]).toMatchObject({ soakCrashes: 0, healthyAt: 9_000 });
  });
  test("what nobody saw is not blamed on the release", () => {
    const unseen = look([placed()], { instances: [seen({ attempt: 2 })] }, [
      exit({ reason: "unknown" }),
    ]);
    expect(unseen.updates[0]?.soakCrashes).toBe(0);
  });
});

describe("words", () => {
  test.each([
    [{}, "crashed with exit code 1 after 2 s · restarting at once"],
    [
      { exitCode: 0, restartInMs: 2_100 },
      "crashed with exit code 0 after 2 s · restarting in 2.1 s",
    ],
    [
      { exitCode: null, signal: "SIGKILL" },
      "crashed, killed by SIGKILL, after 2 s · restarting at once",
    ],
    [
      { oom: true, signal: "SIGKILL" },
      "ran out of memory and was killed after 2 s · restarting at once",
    ],
    [
      { exitCode: null, pid: null, detail: "no such directory" },
      "could not be started: no such directory · restarting at once",
    ],
    [
      { reason: "stopped", exitCode: 143, restartInMs: null },
      "stopped with exit code 143 after 2 s",
    ],
    [{ reason: "unknown", exitCode: null }, "ended after 2 s; nobody saw how · restarting at once"],
  ] as const)("%j reads well", (patch, words) => {
    expect(exitNote(exit(patch as Partial<ExitReport>)).system).toBe(words);
  });
});

describe("lifecycle", () => {
  test("every state can be reached from pending, and only stopped is final", () => {
    const reached = new Set(["pending"]);
    for (let i = 0; i < INSTANCE_STATES.length; i++) {
      for (const from of INSTANCE_STATES)
        if (reached.has(from)) for (const to of TRANSITIONS[from]) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...INSTANCE_STATES].sort());
    expect(INSTANCE_STATES.filter((state) => TRANSITIONS[state].length === 0)).toEqual(["stopped"]);
    expect(mayMove("stopped", "running")).toBe(false);
    expect(mayMove("stopping", "running")).toBe(false);
  });
  test("the diagram names every transition", () => {
    expect(lifecycleDiagram()).toContain("backoff --> running");
  });
});

describe("worker status", () => {
  function world(): World {
    const one = new World();
    one.deploy();
    one.converge();
    return one;
  }
  test("running when all N run, degraded when some do not", () => {
    const one = world();
    expect(workerStatus(one.state())).toEqual({ status: "running", reason: null, running: 3 });
    one.crash("ins_2");
    expect(workerStatus(one.state())).toMatchObject({ status: "degraded", running: 2 });
  });
  test("crash-looping from the third restart in a row", () => {
    const one = world();
    for (let i = 0; i < 3; i++) one.crash("ins_2");
    expect(workerStatus(one.state()).status).toBe("crashlooping");
  });
  test("silent hosts make it unknown, not down", () => {
    const one = world();
    one.lose(HOST);
    expect(workerStatus(one.state()).status).toBe("unknown");
  });
  test("stopped and scaled to 0 are stopped; nothing deployed is pending; the first deploy is deploying", () => {
    const one = world();
    one.spec = { ...one.spec, wanted: "stopped" };
    expect(workerStatus(one.state()).status).toBe("stopped");
    const fresh = new World();
    expect(workerStatus(fresh.state()).status).toBe("pending");
    fresh.deploy({ built: false });
    expect(workerStatus(fresh.state()).status).toBe("deploying");
  });
});
