// Builds on a real host with real repositories: they end, with what was built or with a reason that helps.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildFailure } from "../../protocol/channel.ts";
import { TestHost, until } from "../support/agent-host.ts";

let host: TestHost;
let number = 0;

beforeAll(async () => {
  host = await TestHost.start();
});
afterAll(async () => {
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

type Change = Omit<Parameters<TestHost["build"]>[0], "deployId">;

async function build(change: Change) {
  const deployId = `dep_${++number}`;
  const report = await host.builds(host.build({ ...change, deployId }));
  return { ...report, deployId };
}

async function failure(reason: BuildFailure, change: Change) {
  const report = await build(change);
  expect(report.outcome).toMatchObject({ kind: "failed", reason });
  if (report.outcome.kind !== "failed") throw new Error("unreachable");
  return { ...report, ...report.outcome };
}

test("a branch is resolved, fetched, built and packed; its log is complete and its environment clean", async () => {
  const { repo, commit } = host.repo({ "app/a.txt": "a" });
  const { outcome, steps, deployId } = await build({
    repo,
    rootDir: "app",
    buildCommand: 'echo building in "$(pwd)"; env | sort; echo done > out.txt; echo oops >&2',
    env: { API_KEY: "k" },
  });
  expect(outcome).toMatchObject({
    kind: "succeeded",
    commit,
    cached: false,
    commitMessage: "Say hello",
  });
  expect(outcome).toHaveProperty("digest", expect.stringMatching(/^sha256:[0-9a-f]{64}$/));
  expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "resolve done",
    "fetch done",
    "build done",
    "pack done",
  ]);
  const log = await until("the whole log", () => {
    const stream = [...host.worker.streams.values()].find((s) => s.key.instanceId === deployId);
    return stream?.last && host.worker.text({ instanceId: deployId });
  });
  expect(log).toContain("API_KEY=k\n");
  expect(log).toContain(`HOME=${join(host.state, "cache/wrk_1")}\n`);
  expect(log).toContain("oops\n");
  expect(log).not.toContain("leak-me-not");
  expect(log).not.toMatch(/^(PORT|MALLOC_\w+|UV_THREADPOOL_SIZE)=/m);
  await until("its spool is gone", () => !existsSync(join(host.state, "builds", deployId)));
});

test("the same commit is not built twice, and another build command is another release", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const buildCommand = "echo x >> ran.txt";
  const first = await build({ repo, buildCommand });
  const again = await build({ repo, buildCommand });
  expect(first.outcome).toMatchObject({ cached: false });
  expect(again.outcome).toMatchObject({ cached: true });
  expect(again.outcome).toHaveProperty("digest", (first.outcome as { digest: string }).digest);
  expect(again.steps.map(({ state }) => state)).toEqual(["done", "skipped", "skipped", "skipped"]);
  expect((await build({ repo, buildCommand: "true" })).outcome).toMatchObject({ cached: false });
});

test("what was built already does not wait for a build that takes long", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  expect((await build({ repo })).outcome.kind).toBe("succeeded");
  const started = join(host.dir, "long");
  const long = host.build({
    repo,
    deployId: "dep_long",
    buildCommand: `touch ${started}; sleep 1000`,
  });
  host.worker.want({ builds: [long] });
  await until("the long one runs", () => existsSync(started));
  host.worker.want({ builds: [long, host.build({ repo, deployId: "dep_quick" })] });
  const quick = await until("the quick one is done", () =>
    host.worker.reports
      .flatMap(({ builds }) => builds)
      .find((one) => one.deployId === "dep_quick" && one.outcome.kind !== "running"),
  );
  expect(quick.outcome).toMatchObject({ kind: "succeeded", cached: true });
});

test("a branch that does not exist is named, and near ones beside it", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  execFileSync("git", ["-C", repo, "branch", "release"]);
  const { message } = await failure("ref_not_found", { repo, ref: "relase" });
  expect(message).toContain("There is no branch `relase`");
  expect(message).toContain("`release`");
});

test("a commit that nobody pushed is not found", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const { reason } = await failure("ref_not_found", { repo, ref: "0123456789".repeat(4) });
  expect(reason).toBe("ref_not_found");
});

test("a repository that is not there is unreachable, with what git said", async () => {
  const { message } = await failure("repo_unreachable", { repo: join(host.dir, "nowhere") });
  expect(message).toMatch(/nowhere.*does not (exist|appear to be a git repository)/s);
  await failure("repo_unreachable", { repo: "https://127.0.0.1:1/none.git" });
});

test.each([
  ["ext::sh -c touch% /tmp/coppice-pwned", /remote helpers|spaces/],
  ["ext::sh", /remote helpers/],
  ["-uploadpack=touch", /must not begin/],
  ["--upload-pack=touch", /must not begin/],
  ["http://127.0.0.1/a.git", /https/],
  ["git://127.0.0.1/a.git", /https/],
])("the repository %s is refused before git sees it", async (repo, why) => {
  const { message } = await failure("repo_unreachable", { repo });
  expect(message).toMatch(why);
});

test("a local repository is refused where the operator does not allow it", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const { message } = await failure("repo_unreachable", { repo, allowLocalRepo: false });
  expect(message).toContain("local repository is not allowed");
});

test("a root directory that is not there, or leads out through a link, is not found", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  execFileSync("ln", ["-s", "/etc", join(repo, "out")]);
  execFileSync("git", ["-C", repo, "add", "-A"]);
  const who = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
  execFileSync("git", ["-C", repo, ...who, "commit", "-qm", "link"]);
  await failure("root_dir_not_found", { repo, rootDir: "missing" });
  await failure("root_dir_not_found", { repo, rootDir: "out" });
});

test("a build that fails says its code and its last 50 lines", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const buildCommand = 'i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo "step $i"; done; exit 7';
  const { message, tail, steps } = await failure("build_failed", { repo, buildCommand });
  expect(message).toContain("exited with 7");
  expect(tail).toHaveLength(50);
  expect(tail.at(-1)).toBe("step 80");
  expect(steps.at(-1)).toMatchObject({ name: "build", state: "failed" });
});

test("a build that hangs ends at its deadline, with everything that it started", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const pids = join(host.dir, "pids");
  const buildCommand = `sleep 1000 & echo $! > ${pids}; sleep 1000`;
  const began = Date.now();
  await failure("build_timeout", { repo, buildCommand, deadlineMs: 1_000 });
  expect(Date.now() - began).toBeLessThan(5_000);
  const pid = readFileSync(pids, "utf8").trim();
  await until("its child is gone", () => !existsSync(`/proc/${pid}`));
});

test("a build that is no longer desired is canceled", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const started = join(host.dir, "started");
  const wanted = host.build({
    repo,
    deployId: "dep_gone",
    buildCommand: `touch ${started}; sleep 1000`,
  });
  host.worker.want({ builds: [wanted] });
  await until("it runs", () => existsSync(started));
  host.worker.want({ builds: [] });
  await until("it ended", () => /build ended.*reason=canceled/.test(host.log));
  await host.reported((report) => report.builds.length === 0);
});

test("submodules are not fetched and said so; a root directory inside one fails", async () => {
  const inner = host.repo({ "x.txt": "x" });
  const { repo } = host.repo({ "a.txt": "a" });
  const allow = [
    "-c",
    "protocol.file.allow=always",
    "-c",
    "user.name=T",
    "-c",
    "user.email=t@e.org",
  ];
  execFileSync("git", ["-C", repo, ...allow, "submodule", "--quiet", "add", inner.repo, "lib"]);
  execFileSync("git", ["-C", repo, ...allow, "commit", "-qm", "sub"]);
  const { outcome, steps } = await build({ repo });
  expect(outcome.kind).toBe("succeeded");
  expect(steps.find(({ name }) => name === "fetch")?.detail).toContain(
    "Submodules are not fetched: lib",
  );
  const { message } = await failure("submodules", { repo, rootDir: "lib" });
  expect(message).toContain("`lib`");
});

test("a link that leads out of the release fails the build by name", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const bad = await failure("build_failed", {
    repo,
    buildCommand: "ln -s ../../../../secrets leak",
  });
  expect(bad.message).toContain("`leak`");
  await failure("build_failed", { repo, buildCommand: "ln -s /etc/shadow leak" });
  const fine = await build({
    repo,
    buildCommand: "mkdir d && ln -s ../a.txt d/a && ln -s /usr/bin/env e",
  });
  expect(fine.outcome.kind).toBe("succeeded");
});

test("hooks and configuration in the repository do not run", async () => {
  const { repo } = host.repo({ ".gitattributes": "* filter=evil\n", "a.txt": "a" });
  const { outcome } = await build({ repo });
  expect(outcome.kind).toBe("succeeded");
});

test("an agent killed during a build leaves nothing behind, and the next one builds it", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const gate = join(host.dir, "gate");
  const buildCommand = `echo $$ >> ${gate}; [ $(wc -l < ${gate}) -gt 1 ] || sleep 1000; echo built > out`;
  const deployId = "dep_killed";
  host.worker.want({ builds: [host.build({ repo, deployId, buildCommand })] });
  await until("it runs", () => existsSync(gate));
  await host.killAgent();
  host.startAgent();
  const report = await until("it is built", () =>
    host.worker.reports
      .flatMap(({ builds }) => builds)
      .find((one) => one.deployId === deployId && one.outcome.kind === "succeeded"),
  );
  expect(report.outcome).toMatchObject({ cached: false });
  const pid = readFileSync(gate, "utf8").split("\n")[0];
  await until("the first build's process is gone", () => !existsSync(`/proc/${pid}`));
  const releases = join(host.state, "releases");
  for (const key of readdirSync(releases))
    expect(existsSync(join(releases, key, "release.json"))).toBe(true);
});
