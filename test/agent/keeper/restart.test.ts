// Real children: what ends comes back, and nothing but what was asked for runs.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fullId, handleOf, instanceOf, Keeper, until } from "./support.ts";

describe("a crash", () => {
  test("is back within milliseconds and recorded once", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    await client.ensure(instanceOf("exec sleep 1000"));
    const first = await client.running();
    process.kill(first.pid, "SIGKILL");
    const second = await client.running("i1", 2);
    const exit = await client.exit(1);
    expect(exit).toMatchObject({ signal: "SIGKILL", exitCode: null, reason: "crash" });
    expect(exit).toMatchObject({ pid: first.pid, restartInMs: 0, collapsed: 0, oom: false });
    expect(second.startedAt - exit.exitedAt).toBeLessThan(100);
    expect(client.exits).toHaveLength(1);
  });

  test("is any exit that nobody asked for, exit 0 too, with growing delay", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    await client.ensure(instanceOf("echo $$; exit 0"));
    const exits = [await client.exit(1), await client.exit(2), await client.exit(3)];
    for (const exit of exits) expect(exit).toMatchObject({ reason: "crash", exitCode: 0 });
    expect(exits.map((exit) => exit.restartInMs)).toEqual([0, 40, 80]);
    expect(keeper.output("i1").trim().split("\n").length).toBeGreaterThanOrEqual(3);
  });

  test("of a shell's child is named by its signal, keeping the shell's code", async () => {
    const client = await (await Keeper.start()).connect();
    await client.ensure(instanceOf("sh -c 'kill -KILL $$'; exit $?"));
    const exit = await client.exit(1);
    expect(exit).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    expect(exit.detail).toBe("The shell reported 137.");
  });

  test("of the whole group is one record, and one replacement", async () => {
    const client = await (await Keeper.start()).connect();
    await client.ensure(instanceOf("sleep 1000 & sleep 1000 & wait"));
    const first = await client.running();
    process.kill(-first.pid, "SIGKILL");
    const second = await client.running("i1", 2);
    expect(second.attempt).toBe(2);
    expect(client.exits).toHaveLength(1);
  });

  test("takes what the attempt left behind with it before the next starts", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    await client.ensure(instanceOf("setsid sleep 1000 & echo $!; exec sleep 1000"));
    const first = await client.running();
    const line = await until("grandchild", () => /^(\d+)\n/.exec(keeper.output("i1"))?.[1]);
    const grandchild = handleOf(Number(line));
    await until("own session", () => grandchild.alive());
    process.kill(first.pid, "SIGKILL");
    await client.running("i1", 2);
    expect(grandchild.alive()).toBe(false);
  });
});

describe("a program that can't be started", () => {
  test.each([
    ["a missing directory", { cwd: "/nowhere/at/all" }, /directory \/nowhere\/at\/all does not/],
    ["a file for a directory", { cwd: "/etc/passwd" }, /not a directory/],
  ])("%s is a crash with the reason, tried for ever", async (_, changes, detail) => {
    const client = await (await Keeper.start()).connect();
    await client.ensure(instanceOf("true", changes));
    const [first, third] = [await client.exit(1), await client.exit(3)];
    expect(first).toMatchObject({ pid: null, exitCode: null, reason: "crash" });
    expect(first.detail).toMatch(detail);
    expect(third.restartInMs).toBe(80);
  });

  test("a command that does not exist is the shell's 127", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    await client.ensure(instanceOf("no-such-command-here"));
    expect(await client.exit(1)).toMatchObject({ exitCode: 127, reason: "crash" });
    expect(keeper.output("i1", "stderr")).toMatch(/not found/);
  });
});

describe("a program's world", () => {
  test("is its own environment and nothing of the keeper's", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    const env = { PATH: "/usr/bin:/bin", COPPICE_INSTANCE: fullId("i1"), GREETING: "hällo\nwörld" };
    await client.ensure(instanceOf("env -0; exec sleep 1000", { env }));
    await client.running();
    const seen = await until("env", () => keeper.output("i1").split("\0").slice(0, -1));
    await until("all of env", () => keeper.output("i1").endsWith("\0"));
    // The shell itself adds these.
    const own = seen.filter((entry) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(entry));
    expect(own.sort()).toEqual(
      Object.entries(env)
        .map(([k, v]) => `${k}=${v}`)
        .sort(),
    );
  });

  test("has three descriptors, its own session and a usual umask", async () => {
    const keeper = await Keeper.start();
    const client = await keeper.connect();
    await client.ensure(instanceOf("umask; exec sleep 1000"));
    const { pid } = await client.running();
    await until("sleep", () => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n");
    expect(readdirSync(`/proc/${pid}/fd`).sort()).toEqual(["0", "1", "2"]);
    expect(readlinkSync(`/proc/${pid}/fd/0`)).toBe("/dev/null");
    expect(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[5]).toBe(String(pid));
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8")).toBe("0\n");
    expect(keeper.output("i1")).toBe(`${process.umask().toString(8).padStart(4, "0")}\n`);
  });
});

test("`remove` is refused while a process runs, and leaves nothing to start again", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf("exec sleep 1000"));
  await client.running();
  const early = await client.ask({ type: "remove", instanceId: "i1" });
  expect(early).toMatchObject({ type: "failed", code: "still_running" });
  await client.stop("i1");
  await client.is("stopped");
  expect(await client.ask({ type: "remove", instanceId: "i1" })).toMatchObject({ type: "done" });
  expect(client.instances.size).toBe(0);
  expect(existsSync(join(keeper.stateDir, "instances", fullId("i1"), "instance.json"))).toBe(false);
  // Its exit stays on offer until it is forgotten.
  const again = await keeper.connect();
  expect(again.exits).toMatchObject([{ attempt: 1, reason: "stopped" }]);
  await again.ask({ type: "forget", exits: again.exits });
  expect((await keeper.connect()).exits).toEqual([]);
});

test("an exclusive instance waits for a lease", async () => {
  const client = await (await Keeper.start()).connect();
  await client.ensure(instanceOf("exec sleep 1000", { mode: "exclusive" }));
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "i2" }));
  await client.running("i2");
  expect(client.state("i1")).toEqual({ kind: "starting" });
  await client.stop("i1");
  await client.is("stopped", "i1");
});
