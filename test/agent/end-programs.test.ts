// What is left when a keeper is stopped for good: nothing that runs under a lease. And what is known where it is silent.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { shutDownKeeper } from "../../agent/ask-keeper.ts";
import { countPrograms, endPrograms } from "../../agent/programs.ts";
import { handleOf, instanceOf, Keeper, stateDirectory, until } from "./keeper/support.ts";

const START_SH = join(import.meta.dirname, "../../agent/service/start.sh");
const STUBBORN = `trap '' TERM; setsid sh -c 'trap "" TERM; sleep 1000' & echo $!; while :; do sleep 0.1; done`;

/** A keeper with one instance of each mode, the exclusive one with a child in a session of its own. */
async function both(options: { readonly cgroups?: boolean }) {
  const keeper = await Keeper.start(options);
  const client = await keeper.connect();
  await client.ensure(instanceOf("exec sleep 1000", { instanceId: "free" }));
  const changes = { instanceId: "only", mode: "exclusive", graceMs: 600_000 } as const;
  await client.ensure(instanceOf(STUBBORN, changes));
  await client.lease({ termMs: 600_000, killMs: 600_000, ids: ["only"] });
  const free = handleOf((await client.running("free")).pid);
  const only = handleOf((await client.running("only")).pid);
  const child = await until("its child", () => /^(\d+)\n/.exec(keeper.output("only"))?.[1]);
  // As start.sh leaves it.
  const { pid } = keeper.process;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
  writeFileSync(join(keeper.stateDir, "keeper.pid"), `${pid} ${stat}\n`);
  return { keeper, free, exclusive: [only, handleOf(Number(child))] };
}

describe.each([
  ["with cgroups, where there are some", true],
  ["without", false],
])("before a keeper is stopped, %s", (_, cgroups) => {
  test("exclusive programs end, children too, and the others run on", async () => {
    const { exclusive, free, keeper } = await both({ cgroups });
    await endPrograms(keeper.stateDir, { graceMs: 300, only: "exclusive" });
    await keeper.ended();
    expect(exclusive.some((one) => one.alive())).toBe(false);
    expect(free.alive()).toBe(true);
    const next = await Keeper.start({ stateDir: keeper.stateDir, cgroups });
    const client = await next.connect();
    expect(client.state("free")).toMatchObject({ kind: "running", adopted: true });
    expect(client.state("only")).toEqual({ kind: "starting" });
  });

  test("they do where it hangs, too: then it is ended with them", async () => {
    const { exclusive, free, keeper } = await both({ cgroups });
    keeper.process.kill("SIGSTOP");
    expect(await countPrograms(keeper.stateDir)).toMatchObject({ silent: true });
    await endPrograms(keeper.stateDir, { graceMs: 300, only: "exclusive" });
    await until("their end", () => !exclusive.some((one) => one.alive()));
    expect(free.alive()).toBe(true);
    await until("its end", () => keeper.process.signalCode === "SIGKILL");
  }, 30_000);
});

test("a keeper that knows of no modes in `shutdown` is asked to stop what is exclusive, and nothing else", async () => {
  const { exclusive, free, keeper } = await both({});
  const old = await olderKeeper(join(keeper.stateDir, "keeper.sock"));
  const times = { graceMs: 300, withinMs: 5_000 };
  expect(await shutDownKeeper(old, { ...times, only: "exclusive" })).toEqual({ kind: "done" });
  expect(exclusive.some((one) => one.alive())).toBe(false);
  expect(free.alive()).toBe(true);
  expect(keeper.process.exitCode).toBeNull();
  // There is nothing more to end.
  expect(await shutDownKeeper(old, { ...times, only: "exclusive" })).toEqual({ kind: "done" });
});

/** The socket of a keeper as of protocol 2: it ends everything, whatever mode it is told. */
async function olderKeeper(socketPath: string): Promise<string> {
  const path = join(stateDirectory(), "keeper.sock");
  const server = createServer((client) => {
    const real = createConnection(socketPath);
    const forward = (from: Socket, to: Socket, change: (line: string) => string) =>
      createInterface(from).on("line", (line) => to.write(`${change(line)}\n`));
    forward(client, real, (line) => line.replace(/,"only":"\w+"/, ""));
    forward(real, client, (line) =>
      line.replace(/^\{"type":"welcome","protocol":\d+/, '{"type":"welcome","protocol":2'),
    );
    for (const socket of [client, real]) socket.on("error", () => {});
    client.on("close", () => real.destroy());
    real.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return path;
}

test("what was to run once is known where the keeper is silent, and ended; a file that can't be read hides no other", async () => {
  const keeper = await Keeper.start({ bootId: "boot-1", cgroups: false });
  const client = await keeper.connect();
  const job = instanceOf("exec sleep 1000", { instanceId: "job", once: { bootId: "boot-1" } });
  await client.ensure(job);
  const program = handleOf((await client.running("job")).pid);
  await keeper.kill();
  const torn = join(keeper.stateDir, "instances/a-torn-one");
  mkdirSync(torn);
  writeFileSync(join(torn, "instance.json"), "{");
  expect(await countPrograms(keeper.stateDir)).toMatchObject({ silent: true });
  // Its environment names nothing of the state directory: it is found by its file alone.
  expect(program.alive()).toBe(true);
  await endPrograms(keeper.stateDir, { graceMs: 100 });
  await until("its end", () => !program.alive());
});

test("a keeper that never ran anything is not missed", async () => {
  expect(await countPrograms(stateDirectory())).toEqual({ running: 0, silent: false });
});

describe("`start.sh fence`, as systemd runs it", () => {
  const run = (job: string, pid: number) => {
    const prefix = stateDirectory();
    const tool = (path: string, text: string) => {
      writeFileSync(path, `#!/bin/sh\n${text}\n`);
      chmodSync(path, 0o755);
    };
    for (const dir of ["bin", "tools", "agent"]) mkdirSync(join(prefix, dir));
    tool(join(prefix, "bin/node"), 'echo "$@"');
    tool(join(prefix, "tools/systemctl"), `echo '${job}'`);
    writeFileSync(join(prefix, "bin/start.sh"), readFileSync(START_SH));
    const env = {
      PATH: `${prefix}/tools:/usr/bin:/bin`,
      MAINPID: String(pid),
      COPPICE_STATE: "/s",
    };
    const { status, stdout } = spawnSync("sh", [join(prefix, "bin/start.sh"), "fence"], { env });
    expect(status).toBe(0);
    return stdout.toString().replaceAll(prefix, "");
  };
  const job = (type: string) => `  412 coppice-keeper.service ${type} running`;

  test("ends what is exclusive before a stop", () => {
    expect(run(job("stop"), process.pid)).toBe(
      "/agent/agent.mjs end-programs --exclusive --grace 10 --state /s\n",
    );
  });
  test("leaves everything alone before a restart, and after an end by itself", () => {
    expect(run(job("restart"), process.pid)).toBe("");
    expect(run(job("stop"), 4_000_000)).toBe("");
  });
});
