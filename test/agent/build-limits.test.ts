// A build stays behind what runs: it may eat neither the cores nor the memory of the programs beside it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FAST, INSTANCE, TestHost, until } from "../support/agent-host.ts";

let host: TestHost;
/** Of the host's memory: some hundred megabytes on any machine that builds. */
const MEMORY_SHARE = 0.01;

beforeAll(async () => {
  const build = { memoryShare: MEMORY_SHARE, pids: 200 };
  host = await TestHost.start({ ...FAST, build }, { dirMode: 0o711 });
  await host.runScript("while :; do echo tick; sleep 0.05; done");
  await until("it ticks", () => ticks() > 5);
});
afterAll(async () => {
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

const ticks = () => host.worker.text({ instanceId: INSTANCE }).split("\n").length - 1;
const holds = () => host.plane.hellos.at(-1)?.facts.holds;

test("twice as many busy loops as cores: the program keeps its tick", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const loops = "for i in $(seq $((2 * $(nproc)))); do (while :; do :; done) & done; sleep 3";
  const before = ticks();
  const report = await host.builds(host.build({ repo, buildCommand: loops, deployId: "dep_busy" }));
  expect(report.outcome).toMatchObject({ kind: "succeeded" });
  // 20 a second where nothing is in the way; a machine that does other things beside has its share of the delay.
  await until("the ticks of that time", () => ticks() - before > 30);
  expect(host.worker.report?.instances[0]).toMatchObject({ attempt: 1 });
});

test("a build that takes more memory than it may is killed for it and says so; the program is not touched", async (context) => {
  const memory = holds()?.memory;
  if (memory !== "cgroup2" && memory !== "cgroup1") context.skip(`memory is ${memory} here`);
  const { repo } = host.repo({ "b.txt": "b" });
  const eater = `exec ${process.execPath} -e 'const held = []; for (;;) held.push(Buffer.alloc(8388608, 1))'`;
  const report = await host.builds(host.build({ repo, buildCommand: eater, deployId: "dep_fat" }));
  expect(report.outcome).toMatchObject({ kind: "failed", reason: "build_failed" });
  expect(report.outcome).toHaveProperty(
    "message",
    expect.stringMatching(/was killed for memory: a build has \d+ MB here/),
  );
  expect(host.worker.report?.instances[0]).toMatchObject({ attempt: 1 });
});

test("no more processes than a build may have", async (context) => {
  if (holds()?.pids === "none") context.skip("no pids controller here");
  const { repo } = host.repo({ "c.txt": "c" });
  const buildCommand = "for i in $(seq 400); do sleep 30 & done";
  const build = host.build({ repo, buildCommand, deployId: "dep_many" });
  const report = await host.builds(build);
  expect(report.outcome).toMatchObject({ kind: "failed" });
});
