// Variables: write-only, encrypted for one place each, versioned.
import { beforeAll, describe, expect, it } from "vitest";
import type { EnvChangeView, EnvView } from "../../protocol/rest.ts";
import { decryptSnapshot, makeWrappedKey, openDataKey } from "../../src/db/envelope.ts";
import type { EnvSnapshot } from "../../src/rpc.ts";
import { dumpD1, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

const SECRET = "planted-s3cret-value-7f3a";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

const put = (path: string, body: unknown) =>
  world.ask<EnvChangeView>(`${path}/env`, { method: "PUT", body });

/** What the object would be given with the next deploy, in the clear. */
async function deployed(worker: { path: string; id: string }) {
  await world.ask(`${worker.path}/deploys`, { method: "POST" });
  const snapshot = world.worker(worker.id).inputs.at(-1)?.env as EnvSnapshot;
  return { snapshot, vars: await open(worker.id, snapshot) };
}
const open = (workerId: string, snapshot: EnvSnapshot, masterKey = world.env.COPPICE_MASTER_KEY) =>
  decryptSnapshot(snapshot, { masterKey, projectId: project.id, workerId });

describe("write-only", () => {
  it("a planted secret stands in no table, no answer and no log", async () => {
    const worker = await makeWorker(world, project, { env: { FIRST: SECRET } });
    const answers = [
      await put(worker.path, { set: { KEY: SECRET, [`N_${"X".repeat(20)}`]: SECRET } }),
      await put(worker.path, { dotenv: `A=${SECRET}\nB="x ${SECRET}"\nC=${SECRET}#y` }),
      await world.ask(`${worker.path}/env`),
      await world.ask(worker.path),
      await world.ask(`${worker.path}/deploys`, { method: "POST" }),
      await put(worker.path, { set: { "BAD-NAME": SECRET } }),
      await put(worker.path, { set: { A: [SECRET] } }),
      await put(worker.path, { dotenv: SECRET.repeat(60_000) }),
    ];
    expect(answers.map(({ text }) => text).join()).not.toContain(SECRET);
    const dump = await dumpD1(world.env.DB);
    for (const form of [SECRET, btoa(SECRET), SECRET.slice(2, 20)])
      expect(dump).not.toContain(form);
    expect(dump).toContain("KEY");
    const told = JSON.stringify([world.worker(worker.id).applied, world.worker(worker.id).notes]);
    expect(told).not.toContain(SECRET);
  });

  it("malformed JSON is not quoted back", async () => {
    const worker = await makeWorker(world, project);
    const answer = await world.problem(`${worker.path}/env`, {
      method: "PUT",
      raw: `{"set": {"A": ${SECRET}}}`,
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(SECRET);
    expect(answer.text).not.toContain(SECRET.slice(0, 8));
  });
});

describe("versions", () => {
  it("what is set so already makes none, and the answer names what changed", async () => {
    const worker = await makeWorker(world, project, { env: { A: "1", B: "" } });
    const same = await put(worker.path, { set: { A: "1", B: "" } });
    expect(same.body).toMatchObject({ version: 1, changed: [] });
    const again = await put(worker.path, { dotenv: "A=1", replace: false });
    expect(again.body).toMatchObject({ version: 1, changed: [] });
    const one = await put(worker.path, { set: { A: "1", B: "2", C: "3", GONE: null } });
    expect(one.body).toMatchObject({ version: 2, changed: ["B", "C"] });
    expect(one.body.items.find(({ name }) => name === "A")?.version).toBe(1);
    const replaced = await put(worker.path, { dotenv: "A=1\nB=2", replace: true });
    expect(replaced.body).toMatchObject({ version: 3, changed: ["C"] });
    expect((await deployed(worker)).vars).toEqual({ A: "1", B: "2" });
    await put(worker.path, { set: { A: null } });
    expect((await put(worker.path, { set: { A: "1" } })).body).toMatchObject({ changed: ["A"] });
    expect((await deployed(worker)).vars).toEqual({ A: "1", B: "2" });
  });

  it("each change makes one; the set is what was set last and not unset", async () => {
    const worker = await makeWorker(world, project, { env: { A: "1", B: "1" } });
    expect((await put(worker.path, { set: { B: "2", C: "2" } })).body.version).toBe(2);
    const third = await put(worker.path, { set: { A: null } });
    expect(third.body.items.map(({ name, version }) => [name, version])).toEqual([
      ["B", 2],
      ["C", 2],
    ]);
    expect((await world.ask<EnvView>(`${worker.path}/env`)).body).toEqual(
      (({ changed: _, warnings: __, ...view }) => view)(third.body),
    );
    const { snapshot, vars } = await deployed(worker);
    expect(snapshot.version).toBe(3);
    expect(vars).toEqual({ B: "2", C: "2" });
  });

  it("a change of nothing makes none", async () => {
    const worker = await makeWorker(world, project, { env: { A: "1" } });
    expect((await put(worker.path, { set: {} })).body.version).toBe(1);
    expect((await put(worker.path, { set: { NOT_THERE: null } })).body.version).toBe(1);
  });

  it("of many changes at once none is lost", async () => {
    const worker = await makeWorker(world, project);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, i) => put(worker.path, { set: { [`V${i}`]: String(i) } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await deployed(worker)).vars).toEqual({ V0: "0", V1: "1", V2: "2", V3: "3" });
  });

  it("the timeline is told how many, never what", async () => {
    const worker = await makeWorker(world, project);
    await put(worker.path, { set: { A: SECRET, B: SECRET } });
    expect(world.worker(worker.id).notes.map(({ message }) => message)).toEqual([
      "Variables changed: 2 set. In force with the next deploy.",
    ]);
  });
});

describe(".env text", () => {
  it("is read as Node reads it, with a warning where a # cut a value", async () => {
    const worker = await makeWorker(world, project);
    const dotenv = [
      "# comment",
      "A=1",
      "export B='two words'",
      'C="line 1\\nline 2"',
      "D=x#y",
      'E="x#y"',
      "F=",
      "G=ü",
      "A=2",
    ].join("\r\n");
    const answer = await put(worker.path, { dotenv });
    expect(answer.body.warnings).toEqual([
      expect.stringContaining("D: everything from the # on"),
      expect.stringContaining("A: is set more than once"),
    ]);
    expect((await deployed(worker)).vars).toEqual({
      A: "2",
      B: "two words",
      C: "line 1\nline 2",
      D: "x",
      E: "x#y",
      F: "",
      G: "ü",
    });
  });

  it("adds to what is there, or replaces it", async () => {
    const worker = await makeWorker(world, project, { env: { OLD: "1" } });
    await put(worker.path, { dotenv: "NEW=1" });
    expect((await deployed(worker)).vars).toEqual({ OLD: "1", NEW: "1" });
    await put(worker.path, { dotenv: "ONLY=1", replace: true });
    expect((await deployed(worker)).vars).toEqual({ ONLY: "1" });
  });
});

describe("encryption", () => {
  const values = {
    EMPTY: "",
    LONG: "x".repeat(65_536),
    UNICODE: "žluťoučký 🐎\u2028",
    BOM: "\uFEFFx",
  };

  it("gives back exactly what was put in", async () => {
    const worker = await makeWorker(world, project, { env: values });
    expect((await deployed(worker)).vars).toEqual(values);
  });

  it("the same value never looks the same", async () => {
    const worker = await makeWorker(world, project, { env: { A: SECRET, B: SECRET } });
    const { snapshot } = await deployed(worker);
    expect(new Set(snapshot.entries.map(({ ciphertext }) => ciphertext)).size).toBe(2);
    expect(new Set(snapshot.entries.map(({ iv }) => iv)).size).toBe(2);
  });

  it("a value that was moved, swapped or changed does not open", async () => {
    const worker = await makeWorker(world, project, { env: { A: SECRET, B: "b" } });
    const other = await makeWorker(world, project);
    const { snapshot } = await deployed(worker);
    const [a, b] = snapshot.entries as [EnvSnapshot["entries"][0], EnvSnapshot["entries"][0]];
    const flipped = a.ciphertext.startsWith("A")
      ? `B${a.ciphertext.slice(1)}`
      : `A${a.ciphertext.slice(1)}`;
    const bad = [
      [{ ...a, name: "B" }],
      [{ ...a, version: 2 }],
      [{ ...a, ciphertext: b.ciphertext, iv: b.iv }],
      [{ ...a, ciphertext: flipped }],
      [{ ...a, iv: b.iv }],
      [{ ...a, ciphertext: "!" }],
    ];
    for (const entries of bad) {
      await expect(open(worker.id, { ...snapshot, entries })).rejects.toThrow(/does not open/);
    }
    await expect(open(other.id, snapshot)).rejects.toThrow(/does not open/);
  });

  it("the wrong master key is named as the cause, and never the value", async () => {
    const worker = await makeWorker(world, project, { env: { A: SECRET } });
    const { snapshot } = await deployed(worker);
    await expect(open(worker.id, snapshot, btoa("x".repeat(32)))).rejects.toThrow(
      /COPPICE_MASTER_KEY does not open/,
    );
    await expect(open(worker.id, snapshot, "short")).rejects.toThrow(/COPPICE_MASTER_KEY/);
    await expect(open(worker.id, snapshot, "")).rejects.toThrow(/32 bytes/);
    const wrong = await makeWorld({ COPPICE_MASTER_KEY: btoa("x".repeat(32)) });
    const answer = await wrong.problem(`${worker.path}/env`, {
      method: "PUT",
      body: { set: { A: SECRET } },
    });
    expect(answer).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(answer.text).toContain("the operator has to set COPPICE_MASTER_KEY");
    expect(answer.text).not.toContain(SECRET);
  });

  it("a data key belongs to its project", async () => {
    const masterKey = world.env.COPPICE_MASTER_KEY;
    const wrapped = await makeWrappedKey({ masterKey, projectId: "prj_a" });
    await expect(openDataKey(wrapped, { masterKey, projectId: "prj_a" })).resolves.toBeDefined();
    await expect(openDataKey(wrapped, { masterKey, projectId: "prj_b" })).rejects.toThrow(/prj_b/);
  });

  it("the whole set has a limit", async () => {
    const worker = await makeWorker(world, project);
    const chunk = (n: number) =>
      Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`V${n}_${i}`, "x".repeat(60_000)]));
    expect((await put(worker.path, { set: chunk(1) })).status).toBe(200);
    const answer = await put(worker.path, { set: chunk(2) });
    expect(answer.status).toBe(400);
  });
});
