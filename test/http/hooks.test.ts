// Hooks: signed calls deploy, others do nothing; what is sent again is one deploy; secrets are shown once.
import { beforeAll, describe, expect, it } from "vitest";
import type { HookAnswer, HookView, NewHookView } from "../../protocol/rest.ts";
import { toHex, utf8 } from "../../src/db/bytes.ts";
import { dumpD1, freshName, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

const COMMIT = "1c2f7e7a41b2c3d4e5f607182930a1b2c3d4e5f6";
let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

async function makeHook(kind: "github" | "generic", more = {}) {
  const worker = await makeWorker(world, project, { deploy: false, ...more });
  const made = await world.ask<NewHookView>(`${worker.path}/hooks`, { body: { kind } });
  expect(made.status).toBe(201);
  const hook = made.body;
  return { worker, hook, path: new URL(hook.url).pathname, object: world.worker(worker.id) };
}
type Made = Awaited<ReturnType<typeof makeHook>>;

async function sign(secret: string, text: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8(secret), algorithm, false, ["sign"]);
  return `sha256=${toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text))))}`;
}
const push = (over = {}) =>
  JSON.stringify({
    ...{ ref: "refs/heads/main", after: COMMIT, pusher: { name: "ada" } },
    commits: [{ added: ["a.js"], removed: [], modified: [] }],
    ...over,
  });

async function github(made: Made, raw: string, over: Record<string, string> = {}) {
  const headers = {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": freshName("delivery"),
    "x-hub-signature-256": await sign(made.hook.secret, raw),
    ...over,
  };
  return world.ask<HookAnswer & { code: string; detail: string }>(made.path, {
    ...{ method: "POST", token: null, raw, headers },
  });
}
async function generic(
  made: Made,
  raw: string,
  over: { at?: number; secret?: string; shout?: boolean } = {},
) {
  const at = String(Math.floor((over.at ?? Date.now()) / 1_000));
  const signature = await sign(over.secret ?? made.hook.secret, `${at}.${raw}`);
  const headers = {
    "content-type": "application/json",
    "x-coppice-timestamp": at,
    "x-coppice-signature": over.shout ? signature.toUpperCase() : signature,
  };
  return world.ask<HookAnswer & { code: string; detail: string }>(made.path, {
    ...{ method: "POST", token: null, raw, headers },
  });
}

describe("GitHub's pushes", () => {
  it("to the branch deploy it, by name, and as the branch is when it is built", async () => {
    const made = await makeHook("github");
    const answer = await github(made, push());
    expect(answer.body).toEqual({
      ...{
        outcome: "deploying",
        reason: null,
        worker: made.worker.name,
        deploy: 1,
        commit: COMMIT,
      },
    });
    expect(made.object.started).toMatchObject([
      { actor: "push by ada", ref: null, kind: "deploy" },
    ]);
    const { body } = await world.ask<{ items: HookView[] }>(`${made.worker.path}/hooks`);
    expect(body.items).toMatchObject([{ lastOutcome: "deploy 1" }]);
    expect(body.items[0]?.lastUsedAt).not.toBeNull();
  });

  it("what was signed once is one deploy however it is sent again, and another push another", async () => {
    const made = await makeHook("github");
    const again = { "x-github-delivery": freshName("delivery") };
    made.object.failing = 9;
    expect((await github(made, push(), again)).status).toBe(503);
    made.object.failing = 0;
    const [one, two] = [await github(made, push(), again), await github(made, push(), again)];
    expect(two.body).toEqual(one.body);
    expect(made.object.started).toHaveLength(1);
    // Neither the id of the delivery nor the letters of the signature are signed: whoever recorded the call may change them.
    const signature = (await sign(made.hook.secret, push())).toUpperCase();
    for (const over of [{}, { "x-github-delivery": "" }, { "x-hub-signature-256": signature }])
      expect((await github(made, push(), over)).body).toEqual(one.body);
    expect(made.object.started).toHaveLength(1);
    const other = push({ after: "0".repeat(40) });
    expect((await github(made, other, again)).body).toMatchObject({ deploy: 2 });
    expect(made.object.started).toHaveLength(2);
  });

  it.each<[string, object, RegExp]>([
    ["to another branch", { ref: "refs/heads/next" }, /follows main, not next/],
    ["of a tag", { ref: "refs/tags/v1" }, /no branch/],
    ["that deletes the branch", { deleted: true }, /was deleted/],
    ["of other folders", { commits: [{ added: ["web/a"] }] }, /nothing of api\/\*\* was changed/],
  ])("%s are ignored, and it is said why", async (_, over, reason) => {
    const made = await makeHook("github", { rootDir: "api" });
    const answer = await github(made, push(over));
    expect(answer.body).toMatchObject({ outcome: "ignored", deploy: null });
    expect(answer.body.reason).toMatch(reason);
    expect(made.object.started).toEqual([]);
  });

  it("a ping is answered, other events are ignored", async () => {
    const made = await makeHook("github");
    const ping = await github(made, '{"zen":"x"}', { "x-github-event": "ping" });
    expect(ping.body.outcome).toBe("pong");
    const star = await github(made, "{}", { "x-github-event": "star" });
    expect(star.body).toMatchObject({ outcome: "ignored" });
  });

  it("without the right signature over exactly these bytes do nothing", async () => {
    const made = await makeHook("github");
    const raw = push();
    const wrong: Record<string, string>[] = [
      { "x-hub-signature-256": "" },
      { "x-hub-signature-256": await sign("another secret", raw) },
      { "x-hub-signature-256": await sign(made.hook.secret, `${raw} `) },
      { "x-hub-signature-256": (await sign(made.hook.secret, raw)).slice(0, -1) },
      { "x-hub-signature-256": `${await sign(made.hook.secret, raw)}0` },
      { "x-hub-signature-256": (await sign(made.hook.secret, raw)).replace("sha256", "sha1") },
    ];
    for (const over of wrong) {
      const answer = await github(made, raw, over);
      expect(answer).toMatchObject({ status: 401, body: { code: "hook_signature" } });
    }
    expect(made.object.started).toEqual([]);
    const rows = await world.env.DB.prepare("SELECT count(*) AS n FROM idempotency WHERE actor = ?")
      .bind(made.hook.id)
      .first<{ n: number }>();
    expect(rows?.n).toBe(0);
  });

  it("of another form are told what to set", async () => {
    const made = await makeHook("github");
    const form = await github(made, "payload=%7B%7D", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(form).toMatchObject({ status: 415 });
    expect(form.body.detail).toContain("application/json");
    expect((await github(made, "{")).body.code).toBe("malformed_json");
    expect((await github(made, '{"ref":1}')).body.code).toBe("invalid_request");
    const large = await github(made, push({ x: "x".repeat(5_300_000) }));
    expect(large.status).toBe(413);
  });

  it("where variables refer to nothing are answered so, and the hook says it", async () => {
    const made = await makeHook("github");
    await world.ask(`${made.worker.path}/env`, {
      method: "PUT",
      body: { set: { A: "${{NOPE}}" } },
    });
    expect((await github(made, push())).body.code).toBe("env_unresolved");
    const { body } = await world.ask<{ items: HookView[] }>(`${made.worker.path}/hooks`);
    expect(body.items[0]?.lastOutcome).toMatch(/^not deployed: A refers to NOPE/);
  });
});

describe("the generic hook", () => {
  it("deploys for whoever signed time and body, in its window, each call once", async () => {
    const made = await makeHook("generic");
    const raw = JSON.stringify({ by: "gitea", commit: COMMIT });
    const now = Date.now();
    expect((await generic(made, raw, { at: now })).body).toMatchObject({ deploy: 1 });
    for (const shout of [false, true])
      expect((await generic(made, raw, { at: now, shout })).body).toMatchObject({ deploy: 1 });
    expect(made.object.started).toMatchObject([{ actor: "push by gitea", ref: COMMIT }]);
    expect((await generic(made, "", { at: now })).body).toMatchObject({ deploy: 2 });
    for (const at of [now - 400_000, now + 400_000]) {
      const late = await generic(made, raw, { at });
      expect(late).toMatchObject({ status: 401, body: { code: "hook_signature" } });
    }
    expect((await generic(made, raw, { secret: "x" })).status).toBe(401);
    expect((await generic(made, '{"branch":"next"}')).body).toMatchObject({ outcome: "ignored" });
    expect((await generic(made, '{"commit":"main"}')).body.code).toBe("invalid_request");
    expect((await generic(made, '{"who":"x"}')).body.code).toBe("invalid_request");
    expect(made.object.started).toHaveLength(2);
  });
});

describe("a hook", () => {
  it("that is none, of the other kind, revoked or of a deleted worker is not there, whoever signs", async () => {
    const made = await makeHook("github");
    const other = await makeHook("generic");
    const raw = push();
    const none = { ...made, path: "/hooks/github/hok_0198ad1c2f7e7a41b2c3d4e5f6071829" };
    const crossed = { ...other, path: other.path.replace("/deploy/", "/github/") };
    const strange = { ...made, path: "/hooks/github/%27%20OR%201=1" };
    for (const one of [none, crossed, strange]) {
      const answer = await github(one, raw);
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
    const gone = await world.ask(`${made.worker.path}/hooks/${made.hook.id}`, { method: "DELETE" });
    expect(gone.status).toBe(204);
    expect((await github(made, raw)).status).toBe(404);
    const dying = await makeHook("github");
    await world.ask(dying.worker.path, { method: "DELETE" });
    expect((await github(dying, raw)).status).toBe(404);
    const rows = await world.env.DB.prepare("SELECT id FROM hooks WHERE id = ?")
      .bind(dying.hook.id)
      .all();
    expect(rows.results).toEqual([]);
  });

  it("gets another secret, and the one before is worthless at once", async () => {
    const made = await makeHook("github");
    const rotated = await world.ask<NewHookView>(
      `${made.worker.path}/hooks/${made.hook.id}/rotate`,
      { method: "POST" },
    );
    expect(rotated.body.secret).toMatch(/^cop_hook_[0-9a-f]{56}$/);
    expect(rotated.body.secret).not.toBe(made.hook.secret);
    expect((await github(made, push())).status).toBe(401);
    expect((await github({ ...made, hook: rotated.body }, push())).status).toBe(200);
  });

  it("shows its secret once; nothing that is stored holds it", async () => {
    const made = await makeHook("github");
    await github(made, push());
    const { text } = await world.ask(`${made.worker.path}/hooks`);
    for (const where of [text, await dumpD1(world.env.DB)]) {
      expect(where).not.toContain(made.hook.secret);
      expect(where).not.toContain(made.hook.secret.slice(9, 40));
    }
  });

  it("is made once per Idempotency-Key, by developers, and never for another project's worker", async () => {
    const worker = await makeWorker(world, project);
    const ask = { body: { kind: "github" }, headers: { "idempotency-key": freshName("key") } };
    const one = await world.ask<NewHookView>(`${worker.path}/hooks`, ask);
    expect((await world.ask<NewHookView>(`${worker.path}/hooks`, ask)).body).toEqual(one.body);
    const viewer = { ...ask, token: project.viewer, headers: {} };
    expect((await world.problem(`${worker.path}/hooks`, viewer)).status).toBe(403);
    const other = await makeProject(world);
    const foreign = await makeWorker(world, other);
    const stolen = await world.problem(`${foreign.path}/hooks/${one.body.id}`, {
      method: "DELETE",
    });
    expect(stolen.status).toBe(404);
  });

  it("whose id is none is refused after too many from one place, each of another id, and unread", async () => {
    const from = { "cf-connecting-ip": "203.0.113.9", "content-type": "application/json" };
    const ask = (path: string, raw: BodyInit) =>
      world.send(path, { method: "POST", token: null, raw, headers: from });
    let last: Response | null = null;
    for (let at = 0; at < 31; at++)
      last = await ask(`/hooks/github/hok_0198ad1c2f7e7a41b2c3d4e5f60718${at + 10}`, "{}");
    expect(last?.status).toBe(429);
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>(
      { pull: (to) => void to.enqueue(new Uint8Array(++pulled)) },
      { highWaterMark: 0 },
    );
    expect((await ask("/hooks/deploy/hok_0198ad1c2f7e7a41b2c3d4e5f6071899", endless)).status).toBe(
      429,
    );
    expect(pulled).toBe(0);
    // Hooks that are there are still heard from there.
    const made = await makeHook("github");
    const ping = { "cf-connecting-ip": "203.0.113.9", "x-github-event": "ping" };
    expect((await github(made, "{}", ping)).status).toBe(200);
  });

  it("is not heard any more after too many wrong signatures from one place, nor after too many calls", async () => {
    const made = await makeHook("github");
    const wrong = { "x-hub-signature-256": "sha256=0", "cf-connecting-ip": "203.0.113.7" };
    let status = 0;
    for (let at = 0; at < 31; at++) ({ status } = await github(made, "{}", wrong));
    expect(status).toBe(429);
    // From elsewhere the right one still is.
    const fine = { "cf-connecting-ip": "203.0.113.8", "x-github-event": "ping" };
    expect((await github(made, "{}", fine)).status).toBe(200);
    await world.env.DB.prepare("UPDATE attempts SET count = 500 WHERE until > 0").run();
    expect((await github(made, "{}", fine)).status).toBe(429);
  });
});
