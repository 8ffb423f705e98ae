// What a build's host is told: to pack, and what opens the repository; nobody else is told that.
import { beforeAll, expect, it } from "vitest";
import { rewrapKey } from "../../src/db/envelope.ts";
import { openCredential } from "../../src/db/git-credentials.ts";
import { CREDENTIAL, sealedCredential } from "./credentials.ts";
import { wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { makeProject, prepareD1, realEnv, TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

/** The host's channel to the worker, once it is listed; nothing is done there but what a test does. */
async function connected(host: TestHost, worker: TestWorker) {
  await until(
    () =>
      host.hostChannel?.of("workers").some((one) => (one.workers as string[]).includes(worker.id)),
    "the worker to be listed",
  );
  return host.connectWorker(worker.id);
}

it("the builder is given the credential of its deploy, in the build's message alone", async () => {
  const projectId = await makeProject();
  const host = await TestHost.online(projectId);
  host.obedient = false;
  const repo = "https://example.org/private.git";
  const worker = new TestWorker(projectId, { repo });
  const git = await sealedCredential(projectId, worker.id, repo);
  worker.version = 1;
  await worker.rpc.apply(worker.input({ initialDeploy: { ...worker.initialDeploy, git } }));
  const agent = await connected(host, worker);
  const build = await until(() => agent.desired?.builds[0], "the build");
  expect(build).toMatchObject({ pack: true, git: CREDENTIAL });
  host.obedient = true;
  agent.obey(agent.desired!);
  await until(() => (agent.desired?.run.length ?? 0) > 0, "an instance");
  expect(JSON.stringify(agent.desired)).not.toContain("planted-secret");
  const rows = await worker.inside(({ parts }) =>
    JSON.stringify(
      ["deploys", "releases", "events", "frames", "meta"].map((table) =>
        parts.sql.all(`SELECT * FROM ${table}`).map((row) => JSON.stringify(row)),
      ),
    ),
  );
  expect(rows).not.toContain("planted-secret");
  expect(rows).not.toContain(git.ciphertext);
  // Moved to another server meanwhile, the repository is not opened with what was set for the first.
  host.obedient = false;
  await worker.apply({ repo: "https://evil.example/private.git" });
  await worker.rpc.deploy(wish({ env: worker.initialDeploy.env, git }));
  const moved = await until(
    () => agent.desired?.builds.find(({ repo }) => repo.includes("evil")),
    "the build of the other repository",
  );
  expect(moved.git).toBeNull();
  expect(JSON.stringify(agent.desired)).not.toContain("planted-secret");
});

it("the credential of a deploy that is built is wrapped anew with its variables, and dropped after the build", async () => {
  const projectId = await makeProject();
  const { COPPICE_MASTER_KEY: masterKey } = realEnv;
  const next = btoa("n".repeat(32));
  const host = await TestHost.online(projectId);
  host.obedient = false;
  const repo = "https://example.org/private.git";
  const worker = new TestWorker(projectId, { repo });
  const git = await sealedCredential(projectId, worker.id, repo);
  worker.version = 1;
  await worker.rpc.apply(worker.input({ initialDeploy: { ...worker.initialDeploy, git } }));
  const place = { masterKey: next, previousKey: masterKey, projectId };
  await worker.rpc.rekey({ wrappedKey: await rewrapKey(git.wrappedKey, place) });
  const kept = () => worker.inside(({ parts }) => parts.deploys.byNumber(1)?.git);
  const at = { masterKey: next, projectId, workerId: worker.id };
  expect(await openCredential((await kept())!, at)).toEqual(CREDENTIAL);
  await worker.rpc.rekey({ wrappedKey: git.wrappedKey });
  host.obedient = true;
  await connected(host, worker);
  await worker.runs(1);
  expect(await kept()).toBeNull();
});

it("a release carries the artifact that its builder stored, and one without it none", async () => {
  const projectId = await makeProject();
  const host = await TestHost.online(projectId);
  host.obedient = false;
  const worker = new TestWorker(projectId);
  await worker.apply();
  const agent = await connected(host, worker);
  const build = await until(() => agent.desired?.builds[0], "the build");
  const artifact = {
    ...{ digest: `sha256:${"a".repeat(64)}`, bytes: 10, treeBytes: 20, entries: 2 },
    root: null,
  };
  const built = { commit: "c".repeat(40), commitMessage: "m", digest: "sha256:ab", cached: false };
  const outcome = { kind: "succeeded", ...built, artifact } as const;
  agent.report({ builds: [{ deployId: build.deployId, steps: [], outcome }] });
  const release = await until(() => agent.desired?.releases[0], "the release");
  expect(release.artifact).toEqual(artifact);
  expect(await worker.rpc.artifacts()).toEqual([artifact.digest]);
});
