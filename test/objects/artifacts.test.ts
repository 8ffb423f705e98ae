// Artifacts through the real routes, D1, R2 and HostObjects: what counts, who finds it, and what is left of the rest.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "../../protocol/ids.ts";
import { doom, storedArtifact, touchArtifact } from "../../src/db/artifacts.ts";
import { openDb } from "../../src/db/client.ts";
import type { Env } from "../../src/env.ts";
import { app } from "../../src/http/app.ts";
import { collectArtifacts } from "../../src/services/artifacts/collect.ts";
import { makeCall } from "../../src/services/call.ts";
import { TestHost } from "./fake-host.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, realEnv } from "./support.ts";

const MIB = 1_048_576;
const PART = 5 * MIB;
const HOUR = 3_600_000;

let projectId: ProjectId;
let host: TestHost;
let foreign: TestHost;

/** Parts as small as the store takes them. */
const env: Env = {
  ...realEnv,
  COPPICE_POLICY: JSON.stringify({ artifacts: { multipartBytes: MIB, partBytes: PART } }),
};

beforeAll(async () => {
  await prepareD1();
  projectId = await makeProject();
  host = await TestHost.make(projectId);
  foreign = await TestHost.make(await makeProject());
});

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  return bytes;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Ask {
  readonly method?: string;
  readonly as?: TestHost;
  readonly body?: Uint8Array | object;
  readonly headers?: Record<string, string>;
  /** Instead of the store itself. */
  readonly store?: Env["ARTIFACTS"];
}

async function ask(path: string, { method = "GET", as = host, body, headers, store }: Ask = {}) {
  const isBytes = body instanceof Uint8Array;
  const request = new Request(`https://coppice.test/v1/agent/artifacts/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await as.assertion()}`,
      ...(isBytes ? { "content-length": String(body.length) } : {}),
      ...(body !== undefined && !isBytes ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
  });
  const ctx = createExecutionContext();
  const answer = await app.fetch(request, { ...env, ...(store && { ARTIFACTS: store }) }, ctx);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  await waitOnExecutionContext(ctx);
  const text = new TextDecoder().decode(bytes.subarray(0, 2_000));
  const isJson = /json/.test(answer.headers.get("content-type") ?? "");
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    json: isJson && text !== "" && JSON.parse(text),
  };
}

async function stored(bytes: Uint8Array): Promise<string> {
  const name = await sha256(bytes);
  expect((await ask(name, { method: "PUT", body: bytes })).status).toBe(201);
  return name;
}

const rows = (name: string) =>
  realEnv.DB.prepare("SELECT state FROM artifacts WHERE digest = ?")
    .bind(`sha256:${name}`)
    .all<{ state: string }>()
    .then(({ results }) => results.map(({ state }) => state));
const objects = async (name: string) =>
  (await realEnv.ARTIFACTS.list({ prefix: `${projectId}/${name}/` })).objects.length;
const collect = (at = Date.now()) =>
  collectArtifacts(makeCall(env, { requestId: "cron", now: at, waitUntil: () => {} }));

/** All parts but the named ones are sent; gives the name and the bytes. */
async function begun(bytes: Uint8Array, without: readonly number[] = []) {
  const name = await sha256(bytes);
  const begin = await ask(`${name}/upload`, { method: "POST", body: { bytes: bytes.length } });
  expect(begin.json).toEqual({ stored: false, partBytes: PART, parts: [] });
  for (let part = 1; (part - 1) * PART < bytes.length; part++) {
    if (!without.includes(part)) expect((await send(name, part, bytes)).status).toBe(204);
  }
  return name;
}
const send = (name: string, part: number, bytes: Uint8Array) =>
  ask(`${name}/upload/${part}`, {
    method: "PUT",
    body: bytes.subarray((part - 1) * PART, part * PART),
  });

describe("an artifact that comes as a whole", () => {
  it("is found and read by hosts of its project, from any place in it, and by nobody else", async () => {
    const bytes = randomBytes(300_000);
    const name = await sha256(bytes);
    expect((await ask(name, { method: "HEAD" })).status).toBe(404);
    await stored(bytes);
    const other = await TestHost.make(projectId);
    const head = await ask(name, { method: "HEAD", as: other });
    expect(head.headers.get("content-length")).toBe("300000");
    const whole = await ask(name, { as: other });
    expect(whole.status).toBe(200);
    expect(await sha256(whole.bytes)).toBe(name);
    const rest = await ask(name, { headers: { range: "bytes=299990-" } });
    expect(rest.status).toBe(206);
    expect(rest.headers.get("content-range")).toBe("bytes 299990-299999/300000");
    expect(rest.bytes).toEqual(bytes.subarray(299_990));
    expect((await ask(name, { headers: { range: "bytes=300000-" } })).status).toBe(416);
    for (const method of ["GET", "HEAD"])
      expect((await ask(name, { method, as: foreign })).status).toBe(404);
    expect((await ask("../../etc/passwd")).status).toBe(404);
    expect((await ask("x".repeat(64))).status).toBe(404);
  });

  it("is refused without a valid assertion, and after the host was removed", async () => {
    const name = await sha256(randomBytes(10));
    const headers = { authorization: "Bearer x.y.z" };
    expect((await ask(name, { headers })).status).toBe(401);
    const forged = await TestHost.make(projectId);
    const token = await forged.assertion({ iss: host.id });
    expect((await ask(name, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    await forged.rpc.remove();
    expect((await ask(name, { as: forged })).status).toBe(401);
  });

  it("is refused to a host that was copied: either machine may be the wrong one", async () => {
    const name = await stored(randomBytes(10));
    const copied = await TestHost.make(projectId);
    expect((await ask(name, { as: copied })).status).toBe(200);
    await copied.inside((object) => {
      object.parts.store.update({ status: "cloned" });
    });
    expect((await ask(name, { as: copied })).status).toBe(401);
  });

  it("with another digest or too large leaves nothing behind", async () => {
    const bytes = randomBytes(1_000);
    const name = await sha256(randomBytes(1_000));
    const wrong = await ask(name, { method: "PUT", body: bytes });
    expect(wrong).toMatchObject({ status: 422, json: { code: "artifact_mismatch" } });
    const large = await ask(name, { method: "PUT", body: randomBytes(MIB + 1) });
    expect(large).toMatchObject({ status: 413, json: { code: "body_too_large" } });
    expect(await rows(name)).toEqual([]);
    expect(await objects(name)).toBe(0);
    expect((await ask(name)).status).toBe(404);
  });

  it("that comes twice, or from two hosts at once, is stored once", async () => {
    const bytes = randomBytes(2_000);
    const name = await stored(bytes);
    expect((await ask(name, { method: "PUT", body: bytes })).status).toBe(200);
    const twin = randomBytes(2_000);
    const second = await TestHost.make(projectId);
    const both = await Promise.all(
      [host, second].map(async (as) => ask(await sha256(twin), { method: "PUT", body: twin, as })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(await rows(await sha256(twin))).toEqual(["stored"]);
    expect(await objects(await sha256(twin))).toBe(1);
  });

  it("whose bytes were lost is absent, and can be stored again", async () => {
    const bytes = randomBytes(500);
    const name = await stored(bytes);
    const [object] = (await realEnv.ARTIFACTS.list({ prefix: `${projectId}/${name}/` })).objects;
    await realEnv.ARTIFACTS.delete(object!.key);
    expect((await ask(name, { method: "HEAD" })).status).toBe(404);
    await stored(bytes);
  });
});

describe("an artifact that comes in parts", () => {
  const bytes = randomBytes(2 * PART + 1_234);

  it("goes on where it was cut, and counts only when it is whole", async () => {
    const name = await begun(bytes, [2]);
    expect(await ask(`${name}/upload/complete`, { method: "POST" })).toMatchObject({ status: 409 });
    expect((await ask(name, { method: "HEAD" })).status).toBe(404);
    const again = await ask(`${name}/upload`, { method: "POST", body: { bytes: bytes.length } });
    expect(again.json).toEqual({ stored: false, partBytes: PART, parts: [1, 3] });
    const short = await ask(`${name}/upload/2`, { method: "PUT", body: bytes.subarray(0, 10) });
    expect(short.status).toBe(400);
    expect(
      (await ask(`${name}/upload/4`, { method: "PUT", body: bytes.subarray(0, 10) })).status,
    ).toBe(400);
    expect((await send(name, 2, bytes)).status).toBe(204);
    expect((await send(name, 2, bytes)).status).toBe(204);
    expect((await ask(`${name}/upload/complete`, { method: "POST" })).status).toBe(204);
    expect((await ask(`${name}/upload/complete`, { method: "POST" })).status).toBe(204);
    const read = await ask(name);
    expect(await sha256(read.bytes)).toBe(name);
    const known = await ask(`${name}/upload`, { method: "POST", body: { bytes: bytes.length } });
    expect(known.json).toMatchObject({ stored: true });
    expect(await objects(name)).toBe(1);
  });

  it("that is completed twice at once is stored, and both are told so", async () => {
    for (let round = 0; round < 3; round++) {
      const mine = randomBytes(PART + 7);
      const name = await begun(mine);
      const complete = () => ask(`${name}/upload/complete`, { method: "POST" });
      const both = await Promise.all([complete(), complete()]);
      expect(both.map(({ status }) => status)).toEqual([204, 204]);
      expect(await rows(name)).toEqual(["stored"]);
      expect(await sha256((await ask(name)).bytes)).toBe(name);
    }
  });

  it.each(["complete", "get"] as const)(
    "that is completed by another request just before `%s` stays stored",
    async (before) => {
      const mine = randomBytes(PART + 7);
      const name = await begun(mine);
      const complete = (store?: Env["ARTIFACTS"]) =>
        ask(`${name}/upload/complete`, { method: "POST", ...(store && { store }) });
      const first = async () => expect((await complete()).status).toBe(204);
      const real = realEnv.ARTIFACTS;
      const store = {
        head: (key: string) => real.head(key),
        delete: (key: string) => real.delete(key),
        get: async (key: string) => {
          if (before === "get") await first();
          return real.get(key);
        },
        resumeMultipartUpload: (key: string, id: string) => {
          const upload = real.resumeMultipartUpload(key, id);
          return {
            abort: () => upload.abort(),
            complete: async (parts: R2UploadedPart[]) => {
              if (before === "complete") await first();
              return upload.complete(parts);
            },
          };
        },
      } as unknown as Env["ARTIFACTS"];
      expect((await complete(store)).status).toBe(204);
      expect(await rows(name)).toEqual(["stored"]);
      expect(await sha256((await ask(name)).bytes)).toBe(name);
    },
  );

  it("whose bytes come after it was dropped leaves none of them behind", async () => {
    const mine = randomBytes(400);
    const name = await sha256(mine);
    const store = {
      put: async (key: string, ...rest: [never]) => {
        await realEnv.DB.prepare("DELETE FROM artifacts WHERE key = ?").bind(key).run();
        return realEnv.ARTIFACTS.put(key, ...rest);
      },
      delete: (key: string) => realEnv.ARTIFACTS.delete(key),
    } as unknown as Env["ARTIFACTS"];
    expect((await ask(name, { method: "PUT", body: mine, store })).status).toBe(409);
    expect(await objects(name)).toBe(0);
  });

  it("with the wrong digest does not count, and nothing of it is kept", async () => {
    const other = randomBytes(PART + 10);
    const name = await sha256(randomBytes(16));
    await ask(`${name}/upload`, { method: "POST", body: { bytes: other.length } });
    for (const part of [1, 2]) expect((await send(name, part, other)).status).toBe(204);
    const done = await ask(`${name}/upload/complete`, { method: "POST" });
    expect(done).toMatchObject({ status: 422, json: { code: "artifact_mismatch" } });
    expect(await rows(name)).toEqual([]);
    expect(await objects(name)).toBe(0);
  });

  it("is the host's own: another host's parts and another project's are not mixed in", async () => {
    const mine = randomBytes(PART + 99);
    const name = await begun(mine, [2]);
    const second = await TestHost.make(projectId);
    const theirs = { method: "POST", body: { bytes: mine.length } };
    expect((await ask(`${name}/upload`, { ...theirs, as: second })).json.parts).toEqual([]);
    const stranger = { method: "PUT", body: mine.subarray(PART), as: foreign };
    expect((await ask(`${name}/upload/2`, stranger)).status).toBe(409);
    await ask(`${name}/upload`, { method: "DELETE" });
    await ask(`${name}/upload`, { method: "DELETE", as: second });
    expect(await rows(name)).toEqual([]);
    expect((await send(name, 2, mine)).status).toBe(409);
  });

  it("that is larger than allowed is not begun", async () => {
    const name = await sha256(randomBytes(16));
    const begin = await ask(`${name}/upload`, { method: "POST", body: { bytes: 2 ** 31 } });
    expect(begin.status).toBe(413);
  });

  it("that nobody goes on with is dropped after a day", async () => {
    const half = randomBytes(PART + 5);
    const name = await begun(half, [2]);
    await collect(Date.now() + 23 * HOUR);
    expect(await rows(name)).toEqual(["uploading"]);
    await collect(Date.now() + 25 * HOUR);
    expect(await rows(name)).toEqual([]);
    expect((await send(name, 2, half)).status).toBe(409);
  });
});

describe("collecting", () => {
  it("is not undone by whoever asks at the same time: what is to go is not found", async () => {
    const name = await stored(randomBytes(90));
    const db = openDb(realEnv.DB);
    const asked = { projectId, digest: `sha256:${name}` };
    const row = await storedArtifact(db, asked);
    expect(await doom(db, row!, Date.now() + HOUR)).toBe(true);
    expect(await touchArtifact(db, row!, Date.now())).toBe(false);
    // Nor does a second one, who read it as stored, remove anything.
    expect(await doom(db, row!)).toBe(false);
  });

  it("removes what no release of the project refers to, a day after it was last asked for", async () => {
    const { host: builder, worker } = await makeLive(1);
    projectId = builder.projectId;
    await worker.listInD1();
    const needed = randomBytes(700);
    const left = randomBytes(700);
    for (const bytes of [needed, left]) {
      const answer = await ask(await sha256(bytes), { method: "PUT", body: bytes, as: builder });
      expect(answer.status).toBe(201);
    }
    const artifact = { digest: `sha256:${await sha256(needed)}`, bytes: 700, root: null };
    await worker.inside(({ parts }) =>
      parts.sql.run("UPDATE releases SET artifact = ?", JSON.stringify(artifact)),
    );
    const names = await Promise.all([needed, left].map(sha256));
    const states = async () => (await Promise.all(names.map(rows))).map(([state]) => state);
    await collect(Date.now() + 23 * HOUR);
    expect(await states()).toEqual(["stored", "stored"]);
    await collect(Date.now() + 25 * HOUR);
    expect(await states()).toEqual(["stored", undefined]);
    expect(await objects(names[1]!)).toBe(0);
    // Looked at and kept: not looked at again at once, and gone once its worker is.
    await worker.inside(({ parts }) => parts.sql.run("UPDATE releases SET artifact = NULL"));
    await collect(Date.now() + 26 * HOUR);
    expect(await states()).toEqual(["stored", undefined]);
    await collect(Date.now() + 32 * HOUR);
    expect(await states()).toEqual([undefined, undefined]);
  });

  it("leaves all of a project alone while one of its workers can't be asked", async () => {
    const { host: builder, worker } = await makeLive(1);
    projectId = builder.projectId;
    await worker.listInD1();
    const bytes = randomBytes(64);
    const name = await sha256(bytes);
    await ask(name, { method: "PUT", body: bytes, as: builder });
    const broken = { ...env, WORKER_OBJECT: { idFromName: () => null, get: () => ({}) } };
    const at = Date.now() + 25 * HOUR;
    const call = makeCall(broken as unknown as Env, {
      requestId: "cron",
      now: at,
      waitUntil: () => {},
    });
    await collectArtifacts(call);
    expect(await rows(name)).toEqual(["stored"]);
    await collect(at + 7 * HOUR);
    expect(await rows(name)).toEqual([]);
  });
});
