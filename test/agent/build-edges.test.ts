// Builds of what repositories and build commands may be at worst: names that are no text, daemons, floods.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive, readStat } from "../../agent/keeper/procfs.ts";
import { INSTANCE, TestHost, until } from "../support/agent-host.ts";

let host: TestHost;
let number = 0;

beforeAll(async () => {
  host = await TestHost.start();
});
afterAll(async () => {
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

function build(change: Parameters<TestHost["build"]>[0]) {
  return host.builds(host.build({ deployId: `edge_${++number}`, ...change }));
}

function git(repo: string, ...args: string[]): string {
  const who = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
  return execFileSync("git", ["-C", repo, ...who, ...args], { encoding: "utf8" }).trim();
}

const DAEMONS = (file: string) =>
  `setsid sleep 1000 & echo $! >> ${file}; (setsid sh -c 'trap "" TERM HUP; (sleep 1001 & echo $! >> ${file}); echo $$ >> ${file}; sleep 1000' &) ; while [ $(wc -l < ${file}) -lt 3 ]; do sleep 0.01; done`;

/** Processes by what nobody else can have, as soon as all wrote their pids. */
async function daemonsIn(file: string): Promise<() => boolean> {
  const pids = await until("three daemons", () => {
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.length >= 3 && lines.map(Number);
  });
  const born = pids.map((pid) => readStat(pid)?.born ?? -1);
  return () => pids.some((pid, i) => isAlive(pid, born[i]!));
}

test.each([
  ["names that are no UTF-8", Buffer.from([0x63, 0x61, 0x66, 0xe9])],
  ["a name that looks like an option", Buffer.from("-x")],
  ["a name with a line break", Buffer.from("a\nb")],
])("a repository with %s is built, and its digest knows the content", async (_, name) => {
  const { repo } = host.repo({ "a.txt": "a" });
  const path = Buffer.concat([Buffer.from(`${repo}/`), name]);
  writeFileSync(path, "one");
  git(repo, "add", "--all");
  git(repo, "commit", "-qm", "Add it");
  const first = await build({ repo });
  expect(first.outcome).toMatchObject({ kind: "succeeded" });
  writeFileSync(path, "two");
  git(repo, "commit", "-qam", "Change it");
  const second = await build({ repo });
  expect(second.outcome).toMatchObject({ kind: "succeeded", cached: false });
  const digests = [first, second].map(({ outcome }) => (outcome as { digest: string }).digest);
  expect(digests[0]).not.toBe(digests[1]);
});

test("a directory whose name begins with two dots is no way out", async () => {
  const { repo } = host.repo({ "..app/a.txt": "a" });
  const made = await build({ repo, rootDir: "..app", buildCommand: "ln -s ../..app/a.txt b" });
  expect(made.outcome).toMatchObject({ kind: "succeeded" });
});

test("an empty repository, a file as root directory, a deleted branch: each gets its sentence", async () => {
  const empty = join(host.dir, "empty");
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", empty]);
  const none = await build({ repo: empty });
  expect(none.outcome).toMatchObject({ kind: "failed", reason: "ref_not_found" });
  const { repo } = host.repo({ file: "x" });
  const file = await build({ repo, rootDir: "file" });
  expect(file.outcome).toMatchObject({ kind: "failed", reason: "root_dir_not_found" });
  git(repo, "branch", "-q", "side");
  git(repo, "branch", "-qD", "side");
  const gone = await build({ repo, ref: "side" });
  expect(gone.outcome).toMatchObject({ kind: "failed", reason: "ref_not_found" });
});

test("a commit that a forced push took off its branch is still built while the repository has it", async () => {
  const { repo, commit } = host.repo({ "a.txt": "a" });
  git(repo, "commit", "-q", "--amend", "-m", "Another");
  const { outcome } = await build({ repo, ref: commit });
  expect(outcome).toMatchObject({ kind: "succeeded", commit });
});

test("what a build leaves running ends with it, in a session of its own too", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const file = join(host.dir, "left");
  const made = build({ repo, buildCommand: DAEMONS(file) });
  const alive = await daemonsIn(file);
  expect((await made).outcome).toMatchObject({ kind: "succeeded" });
  await until("all of it ended", () => !alive());
});

test("a build that is canceled or late takes its daemons along", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const late = join(host.dir, "late");
  const ended = build({ repo, buildCommand: `${DAEMONS(late)}; sleep 1000`, deadlineMs: 2_000 });
  const lateAlive = await daemonsIn(late);
  expect((await ended).outcome).toMatchObject({ kind: "failed", reason: "build_timeout" });
  await until("the late one's are gone", () => !lateAlive());
  const canceled = join(host.dir, "canceled");
  const buildCommand = `${DAEMONS(canceled)}; sleep 1000`;
  host.worker.want({ builds: [host.build({ repo, deployId: "edge_canceled", buildCommand })] });
  const alive = await daemonsIn(canceled);
  host.worker.want({ builds: [] });
  await until("the canceled one's are gone", () => !alive());
});

test("the daemons of a build whose agent was killed are ended by the next agent", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const file = join(host.dir, "orphaned");
  const buildCommand = `[ -s ${file} ] || { ${DAEMONS(file)}; sleep 1000; }`;
  const deployId = "edge_killed";
  host.worker.want({ builds: [host.build({ repo, deployId, buildCommand })] });
  const alive = await daemonsIn(file);
  await host.killAgent();
  expect(alive()).toBe(true);
  host.startAgent();
  await until("they are gone", () => !alive());
  await until("it was built", () =>
    host.worker.reports
      .flatMap(({ builds }) => builds)
      .some((one) => one.deployId === deployId && one.outcome.kind === "succeeded"),
  );
});

test("a flood of output without an end to its line is shipped whole", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const deployId = "edge_flood";
  const buildCommand = "head -c 5000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/urandom";
  const { outcome } = await host.builds(host.build({ repo, deployId, buildCommand }));
  expect(outcome).toMatchObject({ kind: "succeeded" });
  await until("all of it", () => {
    const stream = [...host.worker.streams.values()].find((s) => s.key.instanceId === deployId);
    return stream?.last === true;
  });
  expect(host.worker.bytes({ instanceId: deployId }).length).toBeGreaterThan(5_300_000);
});

test("a release whose files somebody removed is made again: for a deploy, and under a program that needs it", async () => {
  const { repo, commit } = host.repo({ "run.sh": "sleep 0.3; exit 1" });
  expect((await build({ repo })).outcome).toMatchObject({ kind: "succeeded" });
  const releases = join(host.state, "releases");
  const clear = () => {
    for (const key of readdirSync(releases))
      rmSync(join(releases, key, "tree"), { recursive: true, force: true });
  };
  clear();
  expect((await build({ repo })).outcome).toMatchObject({ kind: "succeeded", cached: false });
  host.worker.want({
    releases: [host.release({ repo, commit })],
    run: [{ instanceId: INSTANCE, slot: 0, generation: 1, release: 1 }],
  });
  await until("it runs", () => host.worker.uniqueExits().some(({ exitCode }) => exitCode === 1));
  clear();
  await until("its files are back", () =>
    readdirSync(releases).some((key) => existsSync(join(releases, key, "tree/run.sh"))),
  );
  const before = host.worker.uniqueExits().length;
  await until("it runs again", () =>
    host.worker
      .uniqueExits()
      .slice(before)
      .some(({ exitCode }) => exitCode === 1),
  );
});
