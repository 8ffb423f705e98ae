// Exclusive instances in a real keeper: no start without a lease, and nothing left of one whose lease is over, whatever dies.
import { describe, expect, test } from "vitest";
import { THOROUGH } from "../../support/thorough.ts";
import { type Client, handleOf, instanceOf, Keeper, nowMs, until } from "./support.ts";

const TICKS = "while :; do sleep 0.02; done";
const STUBBORN = `trap 'echo told' TERM; echo up; ${TICKS}`;

const exclusive = (command: string, changes = {}) =>
  instanceOf(command, { mode: "exclusive", graceMs: 600_000, ...changes });

/**
 * The third is the pace of this machine just now, ms: rather more than a keeper takes to come up, and as late as a fence
 * may be here. In production 10 s lie between the KILL and a successor.
 */
async function started(options = {}): Promise<[Keeper, Client, number]> {
  const began = nowMs();
  const keeper = await Keeper.start(options);
  const client = await keeper.connect();
  return [keeper, client, Math.max(600, Math.round(2 * (nowMs() - began)))];
}

async function restarted(keeper: Keeper, options = {}): Promise<[Keeper, Client, number]> {
  return started({ stateDir: keeper.stateDir, ...options });
}

test("it waits for its lease, and neither a repeated `ensure` nor a lease that came too late starts it", async () => {
  const [, client] = await started();
  await client.ensure(exclusive(TICKS));
  await client.ensure(exclusive(TICKS));
  await client.lease({ termMs: -1, killMs: 5_000 });
  await client.lease({ termMs: 5_000, ids: ["nobody"] });
  expect(client.instances.get("i1")).toMatchObject({ mode: "exclusive", attempt: 0 });
  expect(client.state()).toEqual({ kind: "starting" });
  await client.lease({ termMs: 60_000 });
  expect(await client.running()).toMatchObject({ attempt: 1 });
});

test("a lease that makes no sense is refused", async () => {
  const [, client] = await started();
  const bad = [
    { leases: [{ instanceId: "../x", termAtMs: 1, killAtMs: 2 }] },
    { leases: [{ instanceId: "a", termAtMs: 2, killAtMs: 1 }] },
    { leases: [{ instanceId: "a", termAtMs: null, killAtMs: 1 }] },
    { leases: [{ instanceId: "a", termAtMs: -1, killAtMs: 1 }] },
    { leases: {} },
    {},
  ];
  for (const fields of bad)
    client.socket.write(`${JSON.stringify({ type: "lease", id: 5, ...fields })}\n`);
  await until("all refused", () => {
    const failed = client.raw.filter((m) => m.type === "failed" && m.id === 5);
    return failed.length === bad.length;
  });
});

// What differs is how the rest of an attempt is found: the first test shows that for both.
const WAYS = [
  ["with cgroups, where there are some", true, true],
  ["with process groups and markers", false, THOROUGH],
] as const;

describe.each(WAYS)("a fence, %s", (_, cgroups, thorough) => {
  test("tells all at the end of the lease and kills all soon after, setsid grandchildren too, whatever the grace", async () => {
    const [keeper, client, pace] = await started({ cgroups });
    await client.ensure(
      exclusive(`setsid sh -c 'trap "" TERM; sleep 1000' & echo $!; ${STUBBORN}`),
    );
    const lease = await client.lease({ termMs: 2 * pace, killMs: 3 * pace });
    const { pid } = await client.running();
    const child = await until("up", () => /^(\d+)\nup/.exec(keeper.output("i1"))?.[1]);
    const both = [handleOf(pid), handleOf(Number(child))];
    await client.is("stopping");
    const toldMs = nowMs() - lease.termAtMs;
    expect(client.state()).toMatchObject({ reason: "fenced", fencing: true, pid });
    await until("all gone", () => both.every((one) => !one.alive()));
    const killedMs = nowMs() - lease.killAtMs;
    expect([toldMs, killedMs].every((ms) => ms >= 0 && ms < pace)).toBe(true);
    await client.is("starting");
    expect(keeper.output("i1")).toMatch(/up\ntold\n$/);
    expect(await client.exit(1)).toMatchObject({ reason: "fenced", restartInMs: null });
    await client.lease({ termMs: 60_000 });
    expect(await client.running("i1", 2)).toMatchObject({ attempt: 2 });
    expect(client.instances.get("i1")).toMatchObject({ restarts: 0 });
  });

  test.runIf(thorough)(
    "waits for descendants that outlive the program, kills them in time, and starts again only then",
    async () => {
      const [keeper, client, pace] = await started({ cgroups });
      await client.ensure(
        exclusive(`setsid sh -c 'trap "" TERM; echo up; ${TICKS}' & echo $!; exec sleep 1000`),
      );
      const lease = await client.lease({ termMs: 2 * pace, killMs: 4 * pace });
      await client.running();
      const child = await until("up", () => /^(\d+)\nup/.exec(keeper.output("i1"))?.[1]);
      const left = handleOf(Number(child));
      expect(await client.exit(1)).toMatchObject({ reason: "fenced", signal: "SIGTERM" });
      await client.lease({ termMs: 60_000 });
      expect(left.alive()).toBe(true);
      expect(client.state()).toMatchObject({ kind: "stopping", fencing: true, pid: null });
      const second = await client.running("i1", 2);
      expect(left.alive()).toBe(false);
      expect(nowMs()).toBeGreaterThan(lease.killAtMs);
      expect(nowMs()).toBeLessThan(lease.killAtMs + pace);
      await until("its child", () => keeper.output("i1").split("up").length === 3);
      expect(handleOf(second.pid).alive()).toBe(true);
    },
  );

  test.runIf(thorough)("of a keeper that was killed and replaced comes in time", async () => {
    const [keeper, client, pace] = await started({ cgroups });
    await client.ensure(exclusive(STUBBORN));
    const lease = await client.lease({ termMs: 4 * pace, killMs: 5 * pace });
    const { pid } = await client.running();
    await until("up", () => keeper.output("i1"));
    const program = handleOf(pid);
    await keeper.kill();
    const [, next] = await restarted(keeper, { cgroups });
    expect(await next.running()).toMatchObject({ pid, adopted: true, attempt: 1 });
    await until("gone", () => !program.alive());
    expect(nowMs()).toBeGreaterThan(lease.killAtMs);
    expect(nowMs()).toBeLessThan(lease.killAtMs + pace);
    await next.is("starting");
    expect(next.exits).toMatchObject([{ attempt: 1, reason: "fenced" }]);
    expect(keeper.output("i1")).toBe("up\ntold\n");
  });

  test.runIf(thorough)(
    "that a keeper began is ended by the next one, without telling twice, though the lease was renewed meanwhile",
    async () => {
      const [keeper, client, pace] = await started({ cgroups });
      await client.ensure(exclusive(STUBBORN));
      const lease = await client.lease({ termMs: 2 * pace, killMs: 6 * pace });
      const { pid } = await client.running();
      const program = handleOf(pid);
      await until("told", () => keeper.output("i1") === "up\ntold\n");
      await client.lease({ termMs: 60_000 });
      await keeper.kill();
      const [, next] = await restarted(keeper, { cgroups });
      expect(next.state()).toMatchObject({ kind: "stopping", fencing: true, pid });
      await until("gone", () => !program.alive());
      expect(nowMs()).toBeLessThan(lease.killAtMs + pace);
      expect(await next.running("i1", 2)).toMatchObject({ attempt: 2 });
      expect(next.exits).toMatchObject([{ attempt: 1, reason: "fenced" }]);
      await until("up again", () => keeper.output("i1") === "up\ntold\nup\n");
    },
  );

  test.runIf(thorough)(
    "that had its program's end behind it still kills what is left, by the next keeper",
    async () => {
      const [keeper, client, pace] = await started({ cgroups });
      await client.ensure(
        exclusive(`setsid sh -c 'trap "" TERM; echo up; ${TICKS}' & echo $!; exec sleep 1000`),
      );
      const lease = await client.lease({ termMs: 2 * pace, killMs: 6 * pace });
      await client.running();
      const child = await until("up", () => /^(\d+)\nup/.exec(keeper.output("i1"))?.[1]);
      const left = handleOf(Number(child));
      await client.exit(1);
      await keeper.kill();
      const [, next] = await restarted(keeper, { cgroups });
      expect(next.state()).toMatchObject({ kind: "stopping", fencing: true, pid: null });
      expect(left.alive()).toBe(true);
      await until("gone", () => !left.alive(), 30_000 + 8 * pace);
      expect(nowMs()).toBeLessThan(lease.killAtMs + pace);
      await next.is("starting");
      expect(next.exits).toHaveLength(1);
    },
  );
});

test("a lease that ran out while no keeper was there: killed as soon as there is one", async () => {
  const [keeper, client, pace] = await started();
  await client.ensure(exclusive(STUBBORN));
  const lease = await client.lease({ termMs: 2 * pace, killMs: 2 * pace + 50 });
  const { pid } = await client.running();
  await keeper.kill();
  const program = handleOf(pid);
  await until("its lease is over", () => nowMs() > lease.killAtMs);
  expect(program.alive()).toBe(true);
  const [, next] = await restarted(keeper);
  await next.is("starting");
  expect(program.alive()).toBe(false);
  expect(next.exits).toMatchObject([{ attempt: 1, reason: "fenced" }]);
});

test("a keeper that was held up beyond the lease kills when it comes back, without a word more", async () => {
  const [keeper, client, pace] = await started();
  await client.ensure(exclusive(STUBBORN));
  const lease = await client.lease({ termMs: 2 * pace, killMs: 2 * pace + 50 });
  const { pid } = await client.running();
  await until("up", () => keeper.output("i1"));
  keeper.process.kill("SIGSTOP");
  await until("its lease is over", () => nowMs() > lease.killAtMs);
  expect(handleOf(pid).alive()).toBe(true);
  keeper.process.kill("SIGCONT");
  const resumedMs = nowMs();
  await client.is("starting");
  expect(nowMs() - resumedMs).toBeLessThan(pace);
  expect(keeper.output("i1")).toBe("up\n");
});

test("a keeper that knows of a renewal goes on after its own death, and one lease serves many", async () => {
  const [keeper, client, pace] = await started();
  const ids = ["a", "b", "c"];
  for (const instanceId of ids) await client.ensure(exclusive(TICKS, { instanceId }));
  const first = await client.lease({ termMs: 4 * pace, killMs: 5 * pace, ids });
  const pids = [];
  for (const id of ids) pids.push((await client.running(id)).pid);
  await client.lease({ termMs: 600_000, ids: ["a", "b"] });
  await keeper.kill();
  const [, next] = await restarted(keeper);
  await next.is("starting", "c");
  expect(nowMs()).toBeGreaterThan(first.termAtMs);
  for (const id of ["a", "b"])
    expect(await next.running(id)).toMatchObject({ pid: pids[ids.indexOf(id)], attempt: 1 });
});

test("a lease ends with the boot, however far it reaches", async () => {
  const [keeper, client] = await started({ bootId: "boot-1" });
  await client.ensure(exclusive(TICKS));
  await client.ensure(exclusive(TICKS, { instanceId: "never-ran" }));
  await client.lease({ termMs: 600_000 });
  const { pid } = await client.running();
  const old = handleOf(pid);
  await keeper.kill();
  process.kill(pid, "SIGKILL");
  await until("gone", () => !old.alive());
  const [, next] = await restarted(keeper, { bootId: "boot-2" });
  expect(await next.exit(1)).toMatchObject({ bootId: "boot-1", reason: "host_rebooted" });
  expect([next.state("i1"), next.state("never-ran")]).toEqual([
    { kind: "starting" },
    { kind: "starting" },
  ]);
  await next.lease({ termMs: 600_000 });
  expect(await next.running()).toMatchObject({ attempt: 1, adopted: false });
});

test("crashes restart it while its lease lasts, and end in waiting when it is over", async () => {
  const [, client, pace] = await started();
  await client.ensure(exclusive("exit 1"));
  await client.lease({ termMs: 3 * pace, killMs: 4 * pace });
  await until("crashes", () => client.exits.length > 3);
  await client.is("starting");
  const { length } = client.exits;
  // The fence may have met the last one before it came to its end.
  const reasons = client.exits.map(({ reason }) => reason);
  expect(new Set(reasons.slice(0, -1))).toEqual(new Set(["crash"]));
  expect(reasons.at(-1)).toMatch(/^(crash|fenced)$/);
  await client.lease({ termMs: 60_000 });
  await until("more crashes", () => client.exits.length > length);
  expect(client.exits.map(({ attempt }) => attempt)).toEqual(
    client.exits.map((_, index) => index + 1),
  );
});

test("a stop's long grace lasts while the lease does, and a renewal lengthens it", async () => {
  const [keeper, client, pace] = await started();
  await client.ensure(exclusive(STUBBORN));
  const first = await client.lease({ termMs: 2 * pace, killMs: 2 * pace });
  const { pid } = await client.running();
  await until("up", () => keeper.output("i1"));
  await client.stop("i1", 600_000);
  const second = await client.lease({ termMs: 4 * pace, killMs: 5 * pace });
  await until("the first lease is over", () => nowMs() > first.killAtMs + 200);
  expect(client.state()).toMatchObject({ kind: "stopping", reason: "stopped", pid });
  await client.is("stopped");
  expect(nowMs()).toBeGreaterThan(second.killAtMs);
  expect(nowMs()).toBeLessThan(second.killAtMs + pace);
  expect(await client.exit(1)).toMatchObject({ reason: "stopped", signal: "SIGKILL" });
  await client.lease({ termMs: 60_000 });
  expect(client.state()).toMatchObject({ kind: "stopped" });
});

test("a stop while it is fenced is for good, and tells nobody twice", async () => {
  const [keeper, client, pace] = await started();
  await client.ensure(exclusive(STUBBORN));
  await client.lease({ termMs: 2 * pace, killMs: 6 * pace });
  await until("told", () => keeper.output("i1") === "up\ntold\n");
  await client.stop("i1", 600_000);
  await keeper.kill();
  const [, next] = await restarted(keeper);
  await next.is("stopped");
  await next.lease({ termMs: 60_000 });
  expect(next.state()).toMatchObject({ kind: "stopped" });
  expect(keeper.output("i1")).toBe("up\ntold\n");
});

test("after a `shutdown` the next keeper waits for a new lease, though the old one still lasts", async () => {
  const [keeper, client] = await started();
  await client.ensure(exclusive(TICKS));
  await client.lease({ termMs: 600_000 });
  await client.running();
  expect(await client.ask({ type: "shutdown", graceMs: 1_000 })).toMatchObject({ type: "done" });
  await keeper.ended();
  const [, next] = await restarted(keeper);
  expect(next.state()).toEqual({ kind: "starting" });
  await next.lease({ termMs: 600_000 });
  expect(await next.running("i1", 2)).toMatchObject({ attempt: 2 });
});

test("a renewal is no news: nobody is told anything", async () => {
  const [, client] = await started();
  await client.ensure(exclusive(TICKS));
  await client.lease({ termMs: 60_000 });
  await client.running();
  const { length } = client.raw;
  for (let n = 0; n < 5; n++) await client.lease({ termMs: 60_000 });
  const said = client.raw.slice(length).map(({ type }) => type);
  expect(said).toEqual(["done", "done", "done", "done", "done"]);
});
