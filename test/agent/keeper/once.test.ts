// What is to run once runs once: whatever it does, and whoever dies meanwhile.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Client, fullId, handleOf, instanceOf, Keeper, until } from "./support.ts";

const BOOT = "boot-1";
const once = (command: string) => instanceOf(command, { once: { bootId: BOOT } });
const LOOPS = "while :; do sleep 0.05; done";

async function start(stateDir?: string): Promise<[Keeper, Client]> {
  const keeper = await Keeper.start({ bootId: BOOT, ...(stateDir ? { stateDir } : {}) });
  return [keeper, await keeper.connect()];
}

describe("what runs once", () => {
  test.each([
    ["ends well", "echo ran", { exitCode: 0 }],
    ["fails", "echo ran; exit 3", { exitCode: 3 }],
    ["is killed", "echo ran; kill -9 $$", { signal: "SIGKILL" }],
  ])("and %s has one attempt, and is stopped", async (_, command, end) => {
    const [keeper, client] = await start();
    expect(await client.ensure(once(command))).toMatchObject({ type: "done" });
    await client.is("stopped");
    expect(client.exits).toMatchObject([
      { attempt: 1, reason: "crash", restartInMs: null, ...end },
    ]);
    expect(client.instances.get("i1")).toMatchObject({ once: true, attempt: 1 });
    // Wanted again, by whoever did not hear of its end.
    await client.ensure(once(command));
    await keeper.kill();
    const [second, next] = await start(keeper.stateDir);
    expect(next.state()).toMatchObject({ kind: "stopped", attempt: 1 });
    await next.ask({ type: "forget", exits: next.exits });
    expect(await next.ask({ type: "remove", instanceId: "i1" })).toMatchObject({ type: "done" });
    expect(await next.ensure(once(command))).toMatchObject({ type: "failed", code: "over" });
    expect(second.output("i1")).toBe("ran\n");
  });

  test("leaves no process behind", async () => {
    const [keeper, client] = await start();
    await client.ensure(once("sleep 1000 & echo $!"));
    await client.is("stopped");
    const left = handleOf(Number(keeper.output("i1")));
    await until("its child is gone", () => !left.alive());
  });

  test("goes on under the next keeper, and is not started again after an end that nobody saw", async () => {
    const [keeper, client] = await start();
    await client.ensure(once(`echo ran; ${LOOPS}`));
    const { pid } = await client.running();
    await keeper.kill();
    const [second, next] = await start(keeper.stateDir);
    expect(await next.running()).toMatchObject({ pid, adopted: true });
    await second.kill();
    const program = handleOf(pid);
    process.kill(pid, "SIGKILL");
    await until("gone", () => !program.alive());
    const [third, last] = await start(keeper.stateDir);
    await last.is("stopped");
    expect(last.exits).toMatchObject([{ attempt: 1, reason: "unknown", restartInMs: null }]);
    expect(third.output("i1")).toBe("ran\n");
  });

  test("is stopped as asked, and says so", async () => {
    const [, client] = await start();
    await client.ensure(once(LOOPS));
    await client.running();
    await client.stop("i1");
    await client.is("stopped");
    expect(client.exits).toMatchObject([{ attempt: 1, reason: "stopped" }]);
  });

  test("is not started by the next boot, nor asked for in another", async () => {
    const [keeper, client] = await start();
    await client.ensure(once(LOOPS));
    const { pid } = await client.running();
    await keeper.kill();
    process.kill(pid, "SIGKILL");
    const next = await Keeper.start({ stateDir: keeper.stateDir, bootId: "boot-2" });
    const after = await next.connect();
    expect(after.state()).toMatchObject({ kind: "stopped" });
    expect(after.exits).toMatchObject([{ reason: "host_rebooted", restartInMs: null }]);
    const late = { ...once(LOOPS), instanceId: "i2" };
    expect(await after.ensure(late)).toMatchObject({ type: "failed", code: "over" });
  });

  test("and could not be brought onto the disk is given up for good: no later keeper runs it", async () => {
    const [keeper, client] = await start();
    const pid = keeper.process.pid ?? 0;
    const job = (round: number) => ({ ...once("echo ran"), instanceId: `i${round}` });
    const fileOf = (id: string) => join(keeper.stateDir, "instances", fullId(id), "job.json");
    // Between its file and the sync of that are some 25 ms; a machine that is slow just then gets another try.
    let round = 1;
    for (; ; round++) {
      const answer = client.ensure(job(round));
      const late = performance.now() + 10_000;
      while (!existsSync(fileOf(`i${round}`)) && performance.now() < late);
      process.kill(pid, "SIGSTOP");
      const limit = (files: string) =>
        execFileSync("prlimit", [`--pid=${pid}`, `--nofile=${files}`]);
      limit("3:");
      process.kill(pid, "SIGCONT");
      const said = await answer;
      limit("1024:");
      if (said.type === "failed") {
        expect(said).toMatchObject({ code: "disk" });
        break;
      }
      expect(round).toBeLessThan(20);
    }
    await keeper.kill();
    const [, next] = await start(keeper.stateDir);
    expect([...next.instances.keys()]).not.toContain(`i${round}`);
    expect(existsSync(fileOf(`i${round}`))).toBe(false);
  });

  test("lies where an older keeper does not look for what it starts", async () => {
    const [keeper, client] = await start();
    await client.ensure(once(LOOPS));
    const dir = join(keeper.stateDir, "instances", fullId("i1"));
    expect(existsSync(join(dir, "instance.json"))).toBe(false);
    expect(JSON.parse(readFileSync(join(dir, "job.json"), "utf8"))).toMatchObject({
      once: { bootId: BOOT },
    });
  });
});
