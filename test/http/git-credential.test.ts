// What opens a private repository: it goes in sealed, only its kind comes out, and its builder alone is given it.
import { beforeAll, describe, expect, it } from "vitest";
import type { GitCredentialView } from "../../protocol/git-credential.ts";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import { openDb } from "../../src/db/client.ts";
import { openCredential } from "../../src/db/git-credentials.ts";
import { dumpD1, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

const TOKEN = "planted-token-51c0";
const KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted-key-9d\n-----END OPENSSH PRIVATE KEY-----\n";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

const put = (path: string, body: unknown) =>
  world.ask<GitCredentialView & { code?: string }>(`${path}/git-credential`, {
    method: "PUT",
    body,
  });
const show = async (path: string) =>
  (await world.ask<GitCredentialView>(`${path}/git-credential`)).body;
const open = (workerId: string) =>
  openCredential(openDb(world.env.DB), {
    masterKey: world.env.COPPICE_MASTER_KEY,
    projectId: project.id as ProjectId,
    workerId: workerId as WorkerId,
  });

describe("a worker's git credential", () => {
  it("is sealed, replaced, shown by its kind alone, and forgotten", async () => {
    const repo = "https://github.com/acme/private";
    const worker = await makeWorker(world, project, { repo });
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
    expect(await open(worker.id)).toBeNull();
    for (const token of ["first-token", TOKEN]) {
      const set = await put(worker.path, { kind: "token", token });
      expect(set.body).toMatchObject({ kind: "token" });
      expect(set.text).not.toContain(token);
      expect(await open(worker.id)).toEqual({ kind: "token", username: "x-access-token", token });
    }
    expect(await show(worker.path)).toMatchObject({ kind: "token" });
    expect(JSON.stringify(await dumpD1(world.env.DB))).not.toMatch(/planted-token|first-token/);
    const gone = await world.ask(`${worker.path}/git-credential`, { method: "DELETE" });
    expect(gone.status).toBe(204);
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
    expect(await open(worker.id)).toBeNull();
  });

  it("goes with its worker", async () => {
    const repo = "git@github.com:acme/private";
    const worker = await makeWorker(world, project, { repo });
    await put(worker.path, { kind: "ssh_key", privateKey: KEY });
    expect(await open(worker.id)).toMatchObject({ kind: "ssh_key", knownHosts: null });
    await world.ask(worker.path, { method: "DELETE" });
    await expect.poll(() => open(worker.id)).toBeNull();
  });

  it.each([
    ["a token for ssh", "git@github.com:acme/x", { kind: "token", token: TOKEN }],
    ["a key for https", "https://github.com/acme/x", { kind: "ssh_key", privateKey: KEY }],
    ["a token with a line break", "https://github.com/acme/x", { kind: "token", token: "a\nb" }],
    ["a key that is none", "git@github.com:acme/x", { kind: "ssh_key", privateKey: "ssh-rsa A" }],
    ["an unknown field", "https://github.com/acme/x", { kind: "token", token: TOKEN, x: 1 }],
  ])("%s is refused without a word of it", async (_what, repo, body) => {
    const worker = await makeWorker(world, project, { repo });
    const refused = await put(worker.path, body);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(refused.text).not.toMatch(/planted/);
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
  });
});
