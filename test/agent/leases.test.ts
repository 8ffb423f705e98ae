// Exclusive instances on a host: the renewals of a real agent, the fence of its real keeper, and what both are told.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Leases, leasesOf, nextRenewalMs, whatToRenew } from "../../agent/leases.ts";
import { CONTROL_PLANE_TOO_OLD, KEEPER_TOO_OLD, WAITS_FOR_LEASE } from "../../agent/report.ts";
import type { KeeperObserved, KeeperState } from "../../protocol/keeper.ts";
import { DEFAULT_POLICY, type PolicyOverrides } from "../../protocol/policy.ts";
import { FAST, INSTANCE, TestHost, until } from "../support/agent-host.ts";
import { FakeControlPlane } from "../support/fake-control-plane.ts";

const TERM_MS = 3_000;
const KILL_MS = 4_500;
/** What the object waits: whatever ticks later than this may tick beside its successor. */
const REPLACE_MS = 7_000;
const LEASED: PolicyOverrides = {
  ...FAST,
  lease: { renewMs: 200, termMs: TERM_MS, killMs: KILL_MS, replaceMs: REPLACE_MS },
};

let host: TestHost;
afterEach(async () => {
  if (host === undefined) return;
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

/** Writes the steady clock's time into `ticks` every 20 ms, and a line when it is told to stop; heeds no TERM. */
const STUBBORN = `trap 'echo told' TERM
echo up
while :; do cut -d ' ' -f 1 /proc/uptime >> ticks; sleep 0.02; done`;

async function leased(policy = LEASED): Promise<void> {
  host = await TestHost.start(policy);
  await host.runScript(`cd "$HOME"; ${STUBBORN}`, {
    startCommand: "exec sh run.sh",
    mode: "exclusive",
    stopGraceMs: 600_000,
  });
}

const lastTick = () => {
  const text = readFileSync(join(host.state, "homes/wrk_1/ticks"), "utf8");
  return 1_000 * Number(text.trim().split("\n").at(-1));
};
const nowMs = () => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
};
const state = () => host.worker.report?.instances[0];
const runs = (attempt: number) =>
  host.reported((r) => r.instances[0]?.pid != null && r.instances[0].attempt === attempt);

const observed = (id: string, kind: string, mode?: "available" | "exclusive"): KeeperObserved => {
  const state = { kind, attempt: 1, restartInMs: 1, reason: "stopped", pid: null } as KeeperState;
  const place = { workerId: "w", slot: 0, generation: 1, release: 1, attempt: 1, restarts: 0 };
  return { instanceId: id, ...place, state, ...(mode === undefined ? {} : { mode }) };
};

describe("what to renew", () => {
  test("every exclusive instance that may still run something, a stopping one too, and no other", () => {
    const kinds = ["starting", "running", "backoff", "stopping", "stopped"];
    const all = kinds.flatMap((kind) => [
      observed(`x_${kind}`, kind, "exclusive"),
      observed(`a_${kind}`, kind, "available"),
      observed(`old_${kind}`, kind),
    ]);
    expect(whatToRenew(all)).toEqual(["x_starting", "x_running", "x_backoff", "x_stopping"]);
  });

  test("at once where one is new or nothing was asked on this channel, else in time, and never for nothing", () => {
    const last = { sentMs: 1_000, sleptMs: 0, instances: ["a", "b"] };
    const due = (wanted: string[], nowMs: number, asked: typeof last | null = last) =>
      nextRenewalMs({ wanted, last: asked, nowMs, renewMs: 10_000 });
    expect(due(["a"], 5_000)).toBe(6_000);
    expect(due(["a"], 20_000)).toBe(0);
    expect(due(["a", "c"], 1_001)).toBe(0);
    expect(due(["a"], 1_001, null)).toBe(0);
    expect(due([], 99_000)).toBeNull();
  });

  test("an answer is worth what is left since its request was sent, to those alone that were asked for and granted", () => {
    const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    fc.assert(
      fc.property(ids, ids, fc.nat(1e9), (instances, granted, sentMs) => {
        const leases = leasesOf({ sentMs, sleptMs: 7, instances }, granted, DEFAULT_POLICY.lease);
        expect(leases.map(({ instanceId }) => instanceId)).toEqual(
          instances.filter((id) => granted.includes(id)),
        );
        for (const { termAtMs, killAtMs, sleptMs } of leases)
          expect([termAtMs - sentMs, killAtMs - sentMs, sleptMs]).toEqual([40_000, 50_000, 7]);
      }),
    );
  });
});

test("changes that never pause put no renewal off, and one that appears is asked for at once", () => {
  let elapsedMs = 0;
  let timers: { at: number; run: () => void }[] = [];
  const after = (delayMs: number, run: () => void) => {
    const timer = { at: elapsedMs + delayMs, run };
    timers.push(timer);
    const cancel = () => {
      timers = timers.filter((one) => one !== timer);
    };
    return { cancel };
  };
  const sent: { atMs: number; instances: readonly string[] }[] = [];
  const instances = [observed("a", "running", "exclusive")];
  const quiet = () => {};
  const leases = new Leases({
    world: { elapsed: () => elapsedMs, sleptMs: () => 0, after },
    log: { info: quiet, warn: quiet, error: quiet },
    workerId: "w",
    policy: () => DEFAULT_POLICY.lease,
    instances: () => instances,
    send: (renew) => sent.push({ atMs: elapsedMs, instances: renew.instances }) > 0,
    grant: () => Promise.resolve({ ok: true }),
  });
  leases.opened(2);
  for (; elapsedMs < 26_000; elapsedMs++) {
    for (const timer of timers.filter(({ at }) => at <= elapsedMs)) {
      timers = timers.filter((one) => one !== timer);
      timer.run();
    }
    if (elapsedMs === 15_000) instances.push(observed("b", "starting", "exclusive"));
    leases.changed();
  }
  const times = sent.map(({ atMs }) => atMs);
  expect(times).toHaveLength(4);
  for (const [n, atMs] of [10, 10_010, 15_010, 25_010].entries())
    expect(Math.abs(times[n]! - atMs)).toBeLessThan(5);
  expect(sent.map(({ instances: asked }) => asked.length)).toEqual([1, 1, 2, 2]);
});

test("a pushed set starts nothing: it waits, says so, and runs once its lease is granted", async () => {
  host = await TestHost.start(LEASED);
  host.worker.grants = () => false;
  const { repo, commit } = host.repo({ "run.sh": "env; exec sleep 1000" });
  host.worker.want({
    releases: [host.release({ repo, commit, mode: "exclusive" })],
    run: [{ instanceId: INSTANCE, slot: 0, generation: 7, release: 1 }],
  });
  await until("it asks again and again", () => host.worker.renews.length > 4);
  expect(host.worker.renews.map(({ instances }) => instances)).toContainEqual([INSTANCE]);
  expect(state()).toMatchObject({ state: "starting", attempt: 0, detail: WAITS_FOR_LEASE });
  host.worker.want({});
  host.worker.send({ type: "granted", id: 999, instances: [INSTANCE] });
  await until("and again", () => host.worker.renews.length > 8);
  expect(
    host.worker.reports.every(({ instances }) => instances.every((i) => i.attempt === 0)),
  ).toBe(true);
  host.worker.grants = () => true;
  await runs(1);
  await until("its number", () => host.worker.text().includes("COPPICE_GENERATION=7\n"));
});

test("while it is renewed it runs on, far beyond the length of one lease", async () => {
  await leased();
  const { pid } = state()!;
  const began = nowMs();
  await until("more than a lease's time", () => nowMs() > began + 1.5 * KILL_MS);
  expect(state()).toMatchObject({ pid, attempt: 1 });
  expect(host.worker.exits).toEqual([]);
});

test("answers that stay out have it told and killed in time, whatever its grace; the next lease starts it again", async () => {
  await leased();
  host.worker.answerRenews = false;
  const last = await until("a renewal without an answer", () => host.worker.renews.at(-1));
  const cutMs = nowMs();
  expect(last.instances).toEqual([INSTANCE]);
  await host.reported((r) => r.instances[0]?.state === "stopping");
  await host.reported((r) => r.instances[0]?.state === "starting");
  expect(lastTick()).toBeLessThan(cutMs + REPLACE_MS);
  expect(host.worker.text({ stream: "stdout" })).toContain("told");
  expect(host.worker.uniqueExits()).toMatchObject([
    { attempt: 1, reason: "fenced", signal: "SIGKILL", restartInMs: null },
  ]);
  expect(state()).toMatchObject({ detail: WAITS_FOR_LEASE, restarts: 0 });
  host.worker.answerRenews = true;
  await runs(2);
});

test("a lease counts from when it was asked for: answers that are under way too long start nothing", async () => {
  host = await TestHost.start({ ...LEASED, lease: { renewMs: 100, termMs: 400, killMs: 800 } });
  host.worker.grantAfterMs = 600;
  const { repo, commit } = host.repo({ "run.sh": "exec sleep 1000" });
  host.worker.want({
    releases: [host.release({ repo, commit, mode: "exclusive" })],
    run: [{ instanceId: INSTANCE, slot: 0, generation: 1, release: 1 }],
  });
  await until("many late answers", () => host.worker.renews.length > 20);
  expect(state()).toMatchObject({ state: "starting", attempt: 0 });
  host.worker.grantAfterMs = 0;
  await runs(1);
});

test("a stopped agent can't renew: the keeper fences in time, by itself", async () => {
  await leased();
  host.agent?.kill("SIGSTOP");
  const stoppedMs = nowMs();
  const { pid } = state()!;
  await until("killed", () => !existsSync(`/proc/${pid}`));
  expect(lastTick()).toBeLessThan(stoppedMs + REPLACE_MS);
  host.agent?.kill("SIGCONT");
  await runs(2);
  expect(host.worker.uniqueExits()).toMatchObject([{ attempt: 1, reason: "fenced" }]);
});

test("the agent's death alone ends nothing, and the next one renews in time", async () => {
  await leased({ ...LEASED, lease: { renewMs: 200, termMs: 30_000, killMs: 40_000 } });
  const { pid } = state()!;
  for (let round = 0; round < 3; round++) {
    await host.killAgent();
    const { length } = host.worker.renews;
    host.startAgent();
    await until("the next agent's renewals", () => host.worker.renews.length > length + 2);
  }
  expect(state()).toMatchObject({ pid, attempt: 1 });
});

test("a long grace is honoured while it is renewed, and cut short where it isn't", async () => {
  await leased();
  const { pid } = state()!;
  host.worker.want({
    run: [],
    stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 600_000 }],
  });
  await host.reported((r) => r.instances[0]?.state === "stopping");
  const began = nowMs();
  await until("more than a lease's time", () => nowMs() > began + 1.5 * KILL_MS);
  expect(state()).toMatchObject({ state: "stopping", pid });
  host.worker.answerRenews = false;
  const cutMs = nowMs();
  await host.reported((r) => r.instances.length === 0);
  expect(nowMs()).toBeLessThan(cutMs + REPLACE_MS);
  expect(host.worker.uniqueExits()).toMatchObject([{ attempt: 1, reason: "stopped" }]);
});

test("a tombstone that comes while it is fenced is marked: it does not come back with the next lease", async () => {
  await leased();
  host.worker.answerRenews = false;
  await host.reported((r) => r.instances[0]?.state === "stopping");
  host.worker.want({
    run: [],
    stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 600_000 }],
  });
  host.worker.answerRenews = true;
  await host.reported((r) => r.revision === 2 && r.instances.length === 0);
  expect(host.worker.uniqueExits()).toHaveLength(1);
});

test("a control plane that knows of no leases is not asked for any, and the report says why nothing starts", async () => {
  host = await TestHost.start(LEASED);
  host.plane.workerProtocol = 1;
  host.plane.cut();
  const { repo, commit } = host.repo({ "run.sh": "exec sleep 1000" });
  host.worker.want({
    releases: [host.release({ repo, commit, mode: "exclusive" })],
    run: [{ instanceId: INSTANCE, slot: 0, generation: 1, release: 1 }],
  });
  await host.reported((r) => r.instances[0]?.detail === CONTROL_PLANE_TOO_OLD);
  expect(host.worker.renews).toEqual([]);
});

test("a welcome of a protocol before the oldest is refused, and the agent says what to do", async () => {
  const plane = await FakeControlPlane.start();
  host = new TestHost(plane);
  plane.policy = LEASED;
  plane.hostProtocol = 0;
  plane.joinTokens.set("t", "fresh");
  await host.join("t");
  host.startKeeper();
  host.startAgent();
  await until("it says so", () => host.log.includes("upgrade it"));
  const { length } = plane.hellos;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(plane.hellos).toHaveLength(length);
});

/** A keeper of protocol 1, with one exclusive instance: it takes whatever it knows, and notes what it doesn't. */
function oldKeeper(at: TestHost): { server: Server; strange: string[] } {
  const strange: string[] = [];
  const place = { instanceId: INSTANCE, workerId: "wrk_1", slot: 0, generation: 1, release: 1 };
  const instances = [{ ...place, attempt: 0, restarts: 0, state: { kind: "starting" } }];
  const welcome = { protocol: 1, bootId: "b", pid: 1, containment: "cgroup", instances, exits: [] };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const line of String(chunk).trim().split("\n")) {
        const { type, id } = JSON.parse(line) as { type: string; id: number };
        if (type === "hello") socket.write(`${JSON.stringify({ type: "welcome", ...welcome })}\n`);
        else if (["ensure", "stop", "forget", "remove"].includes(type))
          socket.write(`${JSON.stringify({ type: "done", id })}\n`);
        else strange.push(type);
      }
    });
  });
  server.listen(join(at.state, "keeper.sock"));
  return { server, strange };
}

test("a keeper that is too old gets no lease and no renewal, and the report says so", async () => {
  const plane = await FakeControlPlane.start();
  host = new TestHost(plane);
  plane.policy = LEASED;
  plane.joinTokens.set("t", "fresh");
  await host.join("t");
  plane.list("wrk_1");
  const { server, strange } = oldKeeper(host);
  host.startAgent();
  const { repo, commit } = host.repo({ "run.sh": "exec sleep 1000" });
  host.worker.want({
    releases: [host.release({ repo, commit, mode: "exclusive" })],
    run: [{ instanceId: INSTANCE, slot: 0, generation: 1, release: 1 }],
  });
  await host.reported((r) => r.instances[0]?.detail === KEEPER_TOO_OLD);
  expect([host.worker.renews, strange]).toEqual([[], []]);
  await host.killAgent();
  await new Promise((resolve) => server.close(resolve));
});
