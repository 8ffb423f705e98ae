// Limits and users of real children, under what this machine has for each; and as on one that has nothing.
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Limits } from "../../../protocol/keeper.ts";
import { fullId, instanceOf, Keeper, stateDirectory, until } from "./support.ts";

const NONE: Limits = { memoryBytes: null, cpus: null, pids: null, openFiles: null };
const MB = 1_048_576;
/** Writes `size` MB to a shell's memory piece by piece, then waits: no Node, whose start alone is 40 MB. */
const hog = (sizeMb: number) =>
  `exec ${process.execPath} -e 'const held=[];const more=()=>{if(held.length<${sizeMb}){held.push(Buffer.alloc(${MB},1));setTimeout(more,1)}else console.log("full")};more();setInterval(()=>{},1000)'`;

const root = process.getuid?.() === 0;

test.each([
  ["by what this machine has", true],
  ["where only looking is left", false],
])(
  "a program over its memory ends as killed for it, %s; its neighbour goes on",
  async (_name, cgroups) => {
    const keeper = await Keeper.start({ cgroups });
    const client = await keeper.connect();
    const limits = { ...NONE, memoryBytes: 150 * MB };
    await client.ensure(instanceOf("exec sleep 1000", { instanceId: "calm", limits }));
    const calm = await client.running("calm");
    await client.ensure(instanceOf(hog(400), { limits }));
    const exit = await client.exit(1);
    expect(exit).toMatchObject({ oom: true, signal: "SIGKILL", reason: "crash" });
    expect(exit.detail).toContain("Killed for memory: limit 150 MB.");
    expect(keeper.output("i1")).not.toContain("full");
    // The next attempt is held to it, too, and each end is told apart.
    expect(await client.exit(2)).toMatchObject({ oom: true });
    expect(await client.running("calm")).toMatchObject({ pid: calm.pid });
    expect(client.exits.filter(({ instanceId }) => instanceId === "calm")).toEqual([]);
    const { cgroups: dirs, limits: held } = client.welcome!.house!;
    if (!cgroups) expect(held.memory).toBe("sampled");
    // What it says of itself is what the kernel was told.
    const group = `i-${fullId("calm")}`;
    const told = [
      `${dirs.cgroup2}/${group}/memory.max`,
      `${dirs.memory}/${group}/memory.limit_in_bytes`,
    ]
      .filter((file) => existsSync(file))
      .map((file) => Number(readFileSync(file, "utf8")));
    expect(told).toEqual(held.memory === "sampled" ? [] : [150 * MB]);
  },
);

test("a program within its memory is left alone, and a KILL from elsewhere is not taken for one for memory", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf(hog(60), { limits: { ...NONE, memoryBytes: 300 * MB } }));
  const { pid } = await client.running();
  await until("it has all that it wants", () => keeper.output("i1").includes("full"));
  process.kill(pid, "SIGKILL");
  expect(await client.exit(1)).toMatchObject({ oom: false, signal: "SIGKILL", detail: null });
});

test("no more processes than it may have (needs the pids controller)", async (context) => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  if (client.welcome?.house?.limits.pids === "none") context.skip("no pids controller here");
  const command = "for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; wait";
  await client.ensure(instanceOf(command, { limits: { ...NONE, pids: 5 } }));
  await until("a fork was refused", () => /fork/i.test(keeper.output("i1", "stderr")));
});

test("no more time than its cores (needs the cpu controller)", async (context) => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  if (client.welcome?.house?.limits.cpus === "none") context.skip("no cpu controller here");
  await client.ensure(instanceOf("while :; do :; done", { limits: { ...NONE, cpus: 0.1 } }));
  const { pid } = await client.running();
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    return Number(fields[13]) + Number(fields[14]);
  };
  const before = ticks();
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const share = ((ticks() - before) * 10) / (performance.now() - begun);
  expect(share).toBeLessThan(0.25);
});

test("open files are limited, and a limit beyond what is allowed here is said and not in the way", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  const show = 'echo "soft $(ulimit -Sn) hard $(ulimit -Hn)"; exec sleep 1000';
  await client.ensure(instanceOf(show, { limits: { ...NONE, openFiles: 123 } }));
  await until("it said so", () => keeper.output("i1").includes("soft 123 hard 123"));
  const strange = { ...NONE, openFiles: 2 ** 40 };
  await client.ensure(instanceOf(show, { instanceId: "i2", limits: strange }));
  await until("it runs all the same", () => keeper.output("i2").includes("soft "));
  expect(keeper.output("i2", "stderr")).toContain("can't be set here");
  // What is left is the command's own shell under the very pid.
  const { pid } = await client.running("i1");
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toBe("sleep\x001000\x00");
});

test("it runs as its user, without a way to other privileges, and may open its own output anew", async (context) => {
  if (!root) context.skip("only root can start programs as others");
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  const user = { uid: 58_123, gid: 58_123 };
  const command =
    'echo "$(id -u):$(id -g):$(id -G)"; grep NoNewPrivs /proc/self/status; ls /proc/self/fd; echo again >>/dev/stderr; exec sleep 1000';
  await client.ensure(instanceOf(command, { user }));
  await client.running();
  await until("it opened its own output", () => keeper.output("i1", "stderr").includes("again"));
  const [ids, guard, ...fds] = keeper.output("i1").trim().split("\n");
  expect(ids).toBe("58123:58123:58123");
  if (client.welcome?.house?.noNewPrivs !== "none") expect(guard).toBe("NoNewPrivs:\t1");
  // 3 is the directory that `ls` reads.
  expect(fds).toEqual(["0", "1", "2", "3"]);
});

test("another user reads nothing of what the keeper keeps, and nothing of a program's environment", async (context) => {
  if (!root) context.skip("only root can start programs as others");
  const keeper = await Keeper.start({ stateDir: stateDirectory() });
  const client = await keeper.connect();
  const secret = "s3cret-of-the-first";
  const env = { ...instanceOf("").env, SECRET: secret };
  await client.ensure(instanceOf("exec sleep 1000", { env, user: { uid: 58_123, gid: 58_123 } }));
  const { pid } = await client.running();
  const { stateDir } = keeper;
  // Others may pass, as the agent lets them; names are known, since nothing could be listed to find them.
  chmodSync(stateDir, 0o711);
  const instances = join(stateDir, "instances");
  const own = join(instances, fullId("i1"));
  const files = [stateDir, own]
    .flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)))
    .filter((path) => statSync(path).isFile());
  expect(files).toContain(join(own, "instance.json"));
  const command = `cat /proc/${pid}/environ ${files.join(" ")}; ls ${instances} ${own}; echo done`;
  const user = { uid: 58_124, gid: 58_124 };
  await client.ensure(instanceOf(command, { instanceId: "i2", user }));
  await until("it tried", () => keeper.output("i2").includes("done"));
  expect(keeper.output("i2").trim()).toBe("done");
  const refused = keeper.output("i2", "stderr");
  for (const path of [`/proc/${pid}/environ`, ...files])
    expect(refused).toContain(`${path}: Permission denied`);
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(secret);
});

test("a keeper that comes after goes on holding what it adopts to its limits", async () => {
  const first = await Keeper.start();
  const limits = { ...NONE, memoryBytes: 150 * MB };
  const waiting = `until [ -e ${first.stateDir}/go ]; do sleep 0.05; done; ${hog(400)}`;
  const client = await first.connect();
  await client.ensure(instanceOf(waiting, { limits }));
  await client.running();
  await first.kill();
  const second = await Keeper.start({ stateDir: first.stateDir });
  const again = await second.connect();
  expect(await again.running()).toMatchObject({ adopted: true });
  writeFileSync(join(first.stateDir, "go"), "");
  expect(await again.exit(1)).toMatchObject({ oom: true });
});
