// The keeper may die: programs go on, the next keeper takes them up, and each end is told exactly once.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { THOROUGH } from "../../support/thorough.ts";
import { type Client, fullId, handleOf, instanceOf, Keeper, until } from "./support.ts";

const LOOPS = "while :; do sleep 0.05; done";

async function restarted(keeper: Keeper, options = {}): Promise<[Keeper, Client]> {
  const next = await Keeper.start({ stateDir: keeper.stateDir, ...options });
  return [next, await next.connect()];
}

describe.each([
  ["with cgroups, where there are some", true],
  ["with process groups and markers", false],
])("after a SIGKILL of the keeper, %s", (_, cgroups) => {
  test("programs go on, are adopted, and are watched to their end", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    const ids = ["a", "b", "c"];
    for (const instanceId of ids) await client.ensure(instanceOf(LOOPS, { instanceId }));
    const pids = new Map<string, number>();
    for (const id of ids) pids.set(id, (await client.running(id)).pid);
    await keeper.kill();
    const [, next] = await restarted(keeper, { cgroups });
    for (const id of ids) {
      expect(await next.running(id)).toMatchObject({
        pid: pids.get(id),
        adopted: true,
        attempt: 1,
      });
    }
    expect(next.exits).toEqual([]);
    process.kill(pids.get("a")!, "SIGKILL");
    expect(await next.exit(1, "a")).toMatchObject({
      reason: "unknown",
      exitCode: null,
      signal: null,
    });
    expect(await next.running("a", 2)).toMatchObject({ adopted: false });
    expect(next.exits).toHaveLength(1);
    await next.stop("b");
    await next.is("stopped", "b");
    expect(await next.exit(1, "b")).toMatchObject({ reason: "stopped" });
  });

  test("an end while it was away is told once, and the program started at once", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    await client.ensure(instanceOf(LOOPS));
    const { pid } = await client.running();
    await keeper.kill();
    const program = handleOf(pid);
    process.kill(pid, "SIGKILL");
    await until("gone", () => !program.alive());
    const [second, next] = await restarted(keeper, { cgroups });
    expect(await next.running("i1", 2)).toMatchObject({ attempt: 2 });
    expect(next.exits).toMatchObject([{ attempt: 1, pid, reason: "unknown", restartInMs: 0 }]);
    await second.kill();
    const [, last] = await restarted(keeper, { cgroups });
    expect(last.exits).toMatchObject([{ attempt: 1, pid, reason: "unknown" }]);
  });

  test("a program that was being stopped goes on being stopped, and is not told twice", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    await client.ensure(instanceOf(`trap 'echo told' TERM; echo up; ${LOOPS}`));
    const { pid } = await client.running();
    await until("up", () => keeper.output("i1") === "up\n");
    await client.stop("i1", 4_000);
    await keeper.kill();
    const [, next] = await restarted(keeper, { cgroups });
    expect(next.state()).toMatchObject({ kind: "stopping", pid });
    await next.is("stopped");
    expect(await next.exit(1)).toMatchObject({ reason: "stopped" });
    expect(keeper.output("i1")).toBe("up\ntold\n");
  });
});

test("SIGTERM ends the keeper and leaves the programs running", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf(LOOPS));
  const { pid } = await client.running();
  keeper.process.kill("SIGTERM");
  expect(await keeper.ended()).toBe(0);
  expect(handleOf(pid).alive()).toBe(true);
  const [, next] = await restarted(keeper);
  expect(await next.running()).toMatchObject({ pid, adopted: true });
});

test("keepers killed at any moment of a crash loop, one after the other: no attempt twice, none without its end", async () => {
  let keeper = await Keeper.start();
  let client = await keeper.connect();
  const restart = { baseMs: 0, capMs: 0, jitter: 0, resetAfterMs: 600_000 };
  await client.ensure(instanceOf("echo $$; sleep 0.01; exit 1", { restart }));
  const seen = new Map<number, string>();
  for (let round = 0; round < (THOROUGH ? 20 : 6); round++) {
    const before = client.exits.length;
    await until("a few crashes", () => client.exits.length > before + (round % 3));
    await keeper.kill();
    keeper = await Keeper.start({ stateDir: keeper.stateDir });
    client = await keeper.connect();
  }
  await client.stop("i1");
  await client.is("stopped");
  for (const exit of client.exits) {
    expect(seen.has(exit.attempt)).toBe(false);
    seen.set(exit.attempt, exit.reason);
  }
  const last = client.instances.get("i1")!.attempt;
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: last }, (_, n) => n + 1),
  );
  // Each attempt ran once at most: one line for each that came so far.
  const pids = keeper.output("i1").trim().split("\n");
  expect(pids.length).toBeLessThanOrEqual(last);
});

describe("after a reboot", () => {
  test("unfinished attempts close as host_rebooted, wanted instances start again, numbers from 1", async () => {
    const keeper = await Keeper.start({ bootId: "boot-1" });
    const client = await keeper.connect();
    for (const instanceId of ["a", "b"]) {
      await client.ensure(instanceOf("exec sleep 1000", { instanceId }));
    }
    const { pid } = await client.running("a");
    const old = handleOf(pid);
    await client.running("b");
    await client.stop("b");
    await client.is("stopped", "b");
    await keeper.kill();
    process.kill(pid, "SIGKILL");
    await until("gone", () => !old.alive());
    const [, next] = await restarted(keeper, { bootId: "boot-2" });
    expect(await next.running("a")).toMatchObject({ attempt: 1, adopted: false });
    expect(next.state("b")).toMatchObject({ kind: "stopped" });
    expect(next.exits).toContainEqual(
      expect.objectContaining({
        instanceId: "a",
        bootId: "boot-1",
        attempt: 1,
        reason: "host_rebooted",
      }),
    );
    expect(next.exits).toHaveLength(2);
  });

  test("an exclusive instance waits for a new lease", async () => {
    const keeper = await Keeper.start({ bootId: "boot-1" });
    const client = await keeper.connect();
    await client.ensure(instanceOf("exec sleep 1000", { mode: "exclusive" }));
    await keeper.kill();
    const [, next] = await restarted(keeper, { bootId: "boot-2" });
    expect(next.state()).toEqual({ kind: "starting" });
  });
});

test("an instance file that can't be read is named and harms nobody else", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "good" }));
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "torn" }));
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "lost" }));
  const good = await client.running("good");
  const left = [
    handleOf((await client.running("torn")).pid),
    handleOf((await client.running("lost")).pid),
  ];
  await keeper.kill();
  const file = (id: string) => join(keeper.stateDir, "instances", fullId(id), "instance.json");
  writeFileSync(file("torn"), readFileSync(file("torn")).subarray(0, 40));
  rmSync(file("lost"));
  const [second, next] = await restarted(keeper);
  expect(await next.running("good")).toMatchObject({ pid: good.pid });
  expect(second.stderr).toMatch(/torn-\d+\/instance.json/);
  const ends = next.exits.map(({ instanceId, reason }) => `${instanceId} ${reason}`);
  expect(ends.sort()).toEqual(["lost unknown", "torn unknown"]);
  await until("what nobody wants is gone", () => left.every((one) => !one.alive()));
});
