// Stopping: the signal to all, grace, KILL to all; and a stop that wins over everything.
import { describe, expect, test } from "vitest";
import { THOROUGH } from "../../support/thorough.ts";
import { handleOf, instanceOf, Keeper, until } from "./support.ts";

const IGNORES_TERM = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

describe.each([
  ["with cgroups, where there are some", true],
  ["with process groups and markers", false],
])("stop, %s", (_, cgroups) => {
  test("sends the stop signal once to each process, children in other sessions too", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    const trapping = (name: string) =>
      `trap "echo ${name}; exit 0" TERM; echo up; while :; do sleep 0.02; done`;
    await client.ensure(instanceOf(`setsid sh -c '${trapping("child")}' & ${trapping("main")}`));
    const { pid } = await client.running();
    await until("both up", () => keeper.output("i1") === "up\nup\n");
    const main = handleOf(pid);
    expect(await client.stop("i1", 5_000)).toMatchObject({ type: "done" });
    await client.is("stopped");
    expect(main.alive()).toBe(false);
    expect(keeper.output("i1").split("\n").sort()).toEqual(["", "child", "main", "up", "up"]);
    expect(await client.exit(1)).toMatchObject({ reason: "stopped", restartInMs: null });
  });

  test("kills what ignores the signal after its grace, setsid grandchildren too", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    await client.ensure(
      instanceOf(`setsid sh -c 'trap "" TERM; sleep 1000' & echo $!; ${IGNORES_TERM}`),
    );
    const { pid } = await client.running();
    const child = await until("up", () => /^(\d+)\nready/.exec(keeper.output("i1"))?.[1]);
    const both = [handleOf(pid), handleOf(Number(child))];
    const asked = performance.now();
    await client.stop("i1", 1_000);
    expect(client.state()).toMatchObject({ kind: "stopping", pid });
    await client.is("stopped");
    expect(performance.now() - asked).toBeGreaterThan(990);
    expect(both.map((one) => one.alive())).toEqual([false, false]);
    expect(await client.exit(1)).toMatchObject({ signal: "SIGKILL", reason: "stopped" });
  });

  test("gives descendants their grace although the program itself is gone", async () => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    const drains = `sh -c 'trap "sleep 0.3; echo drained; exit" TERM; echo up; while :; do sleep 0.02; done'`;
    await client.ensure(instanceOf(`${drains} & exec sleep 1000`));
    await client.running();
    await until("up", () => keeper.output("i1") === "up\n");
    await client.stop("i1", 5_000);
    await client.is("stopped");
    expect(keeper.output("i1")).toBe("up\ndrained\n");
  });
});

test("a repeated stop with a shorter grace shortens it, a longer one changes nothing", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf(IGNORES_TERM));
  await client.running();
  await until("up", () => keeper.output("i1"));
  const asked = performance.now();
  await client.stop("i1", 60_000);
  await client.stop("i1", 200);
  await client.stop("i1", 60_000);
  await client.is("stopped");
  expect(performance.now() - asked).toBeLessThan(3_000);
});

test("a stop ends a pending back-off at once, and nothing starts again", async () => {
  const client = await (await Keeper.start()).connect();
  const restart = { baseMs: 60_000, capMs: 60_000, jitter: 0, resetAfterMs: 600_000 };
  await client.ensure(instanceOf("exit 1", { restart }));
  await client.is("backoff");
  expect(client.state()).toMatchObject({ attempt: 2 });
  await client.stop("i1", 60_000);
  await client.is("stopped");
  expect(await client.ensure(instanceOf("exit 1"))).toMatchObject({ type: "done" });
  expect(client.state()).toMatchObject({ kind: "stopped", attempt: 2 });
  expect(client.exits).toHaveLength(2);
});

test("a stop racing with crashes always wins", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  const restart = { baseMs: 0, capMs: 0, jitter: 0, resetAfterMs: 600_000 };
  const ids = Array.from({ length: THOROUGH ? 10 : 4 }, (_, n) => `r${n}`);
  for (const instanceId of ids) {
    await client.ensure(instanceOf("exit 1", { instanceId, restart }));
  }
  await until("some crashes", () => client.exits.length > 4 * ids.length);
  await Promise.all(ids.map((id) => client.stop(id)));
  for (const id of ids) await client.is("stopped", id);
  const last = new Map(ids.map((id) => [id, client.instances.get(id)!.attempt]));
  const fresh = await keeper.connect();
  for (const id of ids) {
    expect(fresh.instances.get(id)).toMatchObject({
      attempt: last.get(id),
      state: { kind: "stopped" },
    });
    const numbers = client.exits.filter((exit) => exit.instanceId === id).map((e) => e.attempt);
    expect(numbers).toEqual(Array.from({ length: last.get(id)! }, (_, n) => n + 1));
  }
});

test("`shutdown` ends everything, answers, ends the keeper, and the next one starts afresh", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf("exec sleep 1000"));
  await client.ensure(
    instanceOf("exit 1", {
      instanceId: "i2",
      restart: { baseMs: 60_000, capMs: 60_000, jitter: 0, resetAfterMs: 1 },
    }),
  );
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "i3" }));
  const { pid } = await client.running();
  await client.running("i3");
  await client.exit(1, "i2");
  await client.stop("i3");
  await client.is("stopped", "i3");
  const sleeper = handleOf(pid);
  expect(await client.ask({ type: "shutdown", graceMs: 1_000 })).toMatchObject({ type: "done" });
  expect(sleeper.alive()).toBe(false);
  expect(await keeper.ended()).toBe(0);
  expect(await client.exit(1)).toMatchObject({ reason: "stopped", restartInMs: null });
  const next = await (await Keeper.start({ stateDir: keeper.stateDir })).connect();
  expect(await next.running("i1", 2)).toMatchObject({ attempt: 2 });
  expect(next.instances.get("i1")).toMatchObject({ restarts: 0 });
  expect(next.state("i3")).toMatchObject({ kind: "stopped" });
});
