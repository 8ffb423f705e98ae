// What opens a private repository: it goes in sealed, only its kind comes out, and its builder alone is given it.
import { beforeAll, describe, expect, it } from "vitest";
import type { GitCredentialView } from "../../protocol/git-credential.ts";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import { openDb } from "../../src/db/client.ts";
import { openCredential, sealedCredentialFor } from "../../src/db/git-credentials.ts";
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
/** What the worker's deploys of that repository would carry from now on, opened. */
async function open(id: string, repo: string) {
  const { COPPICE_MASTER_KEY: masterKey, DB } = world.env;
  const row = await DB.prepare("SELECT wrapped_key AS wrappedKey FROM projects WHERE id = ?")
    .bind(project.id)
    .first<{ wrappedKey: string }>();
  const workerId = id as WorkerId;
  const sealed = await sealedCredentialFor(openDb(DB), { workerId, repo, ...row! });
  const place = { masterKey, projectId: project.id as ProjectId, workerId };
  return sealed && { sealed, clear: await openCredential(sealed, place) };
}
const token = (value: string) => ({
  clear: { kind: "token", username: "x-access-token", token: value },
});

describe("a worker's git credential", () => {
  it("is sealed, replaced, shown by its kind alone, and forgotten", async () => {
    const repo = "https://github.com/acme/private";
    const worker = await makeWorker(world, project, { repo });
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
    expect(await open(worker.id, repo)).toBeNull();
    for (const value of ["first-token", TOKEN]) {
      const set = await put(worker.path, { kind: "token", token: value });
      expect(set.body).toMatchObject({ kind: "token" });
      expect(set.text).not.toContain(value);
      expect(await open(worker.id, repo)).toMatchObject(token(value));
    }
    expect(await show(worker.path)).toMatchObject({ kind: "token" });
    expect(JSON.stringify(await dumpD1(world.env.DB))).not.toMatch(/planted-token|first-token/);
    const gone = await world.ask(`${worker.path}/git-credential`, { method: "DELETE" });
    expect(gone.status).toBe(204);
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
    expect(await open(worker.id, repo)).toBeNull();
  });

  it("opens nothing on another server than it was set for", async () => {
    const repo = "https://github.com/acme/private";
    const worker = await makeWorker(world, project, { repo });
    await put(worker.path, { kind: "token", token: TOKEN });
    expect(await open(worker.id, "https://GitHub.com:443/acme/other")).not.toBeNull();
    for (const other of [
      "https://evil.example/acme/private",
      "https://github.com:8443/acme/private",
    ])
      expect(await open(worker.id, other)).toBeNull();
    await world.ask(worker.path, { method: "PATCH", body: { repo: "https://evil.example/x" } });
    expect(await show(worker.path)).toEqual({ kind: null, updatedAt: null });
    await world.ask(worker.path, { method: "PATCH", body: { repo } });
    expect(await show(worker.path)).toMatchObject({ kind: "token" });
    // Nor where the row was changed to say so.
    await world.env.DB.prepare("UPDATE git_credentials SET origin = ? WHERE worker_id = ?")
      .bind("https://evil.example", worker.id)
      .run();
    await expect(open(worker.id, "https://evil.example/x")).rejects.toThrow("does not open");
  });

  it("goes along with a deploy as it is then, sealed, and with no restart", async () => {
    const repo = "https://github.com/acme/private";
    const worker = await makeWorker(world, project, { repo });
    const ask = (path: string) => world.ask(`${worker.path}/${path}`, { body: {} });
    const carried = () => world.worker(worker.id).inputs.at(-1)?.git;
    await ask("deploys");
    expect(carried()).toBeNull();
    await put(worker.path, { kind: "token", token: TOKEN });
    const set = await open(worker.id, repo);
    await ask("deploys");
    expect(carried()).toEqual(set?.sealed);
    await ask("restart");
    expect(world.worker(worker.id).inputs.at(-1)).toMatchObject({ kind: "restart", git: null });
  });

  it("goes with its worker", async () => {
    const repo = "git@github.com:acme/private";
    const worker = await makeWorker(world, project, { repo });
    await put(worker.path, { kind: "ssh_key", privateKey: KEY });
    expect(await open(worker.id, repo)).toMatchObject({
      clear: { kind: "ssh_key", knownHosts: null },
    });
    await world.ask(worker.path, { method: "DELETE" });
    await expect.poll(() => open(worker.id, repo)).toBeNull();
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
