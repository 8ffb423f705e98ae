// Who may do what, from the table of routes itself: every route, every kind of caller.
import { beforeAll, describe, expect, it } from "vitest";
import { ROLES } from "../../protocol/rest.ts";
import { ROUTES } from "../../src/http/api.ts";
import { app } from "../../src/http/app.ts";
import { ACTIONS } from "../../src/services/authorise.ts";
import { makeProject, makeWorker, makeWorld, type World } from "./support.ts";

let world: World;
let mine: Awaited<ReturnType<typeof makeProject>>;
let foreign: Awaited<ReturnType<typeof makeProject>>;
let worker: Awaited<ReturnType<typeof makeWorker>>;

beforeAll(async () => {
  world = await makeWorld();
  mine = await makeProject(world);
  foreign = await makeProject(world);
  worker = await makeWorker(world, mine);
});

const address = (path: string) =>
  path
    .replace("{project}", mine.name)
    .replace("{worker}", worker.name)
    .replace("{number}", "1")
    .replace("{workerId}", worker.id)
    .replace(/\{\w+\}/, "nobody");

const closed = ROUTES.flatMap(({ method, path, access }) =>
  access === "public" ? [] : [{ method, path, access, ...ACTIONS[access] }],
);
const send = (row: { method: string; path: string }, token: string | null) =>
  world.problem(address(row.path), { method: row.method, token });

describe("every route has an access", () => {
  it("there is no route beside the table but the documents", () => {
    const named = new Set(
      ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    const registered = new Set(
      app.routes
        .filter(({ method }) => method !== "ALL")
        .map(({ method, path }) => `${method} ${path}`),
    );
    expect([...registered].filter((route) => !named.has(route)).sort()).toEqual([
      "GET /docs",
      "GET /openapi.json",
    ]);
  });

  it("only health, signing in, what hosts call or install, and the status page is open", () => {
    const isStatus = /^\/(status|api\/v2\/|history\.atom|badge\.)/;
    const open = ROUTES.filter(
      ({ access, path }) => access === "public" && !isStatus.test(path),
    ).map(({ path }) => path);
    expect(open.sort()).toEqual([
      "/healthz",
      "/hooks/deploy/{hook}",
      "/hooks/github/{hook}",
      "/install.sh",
      "/schema/coppice.json",
      ...Array(2).fill("/v1/agent/artifacts/{sha256}"),
      ...Array(2).fill("/v1/agent/artifacts/{sha256}/upload"),
      "/v1/agent/artifacts/{sha256}/upload/complete",
      "/v1/agent/artifacts/{sha256}/upload/{part}",
      "/v1/agent/gone-workers",
      "/v1/agent/host",
      "/v1/agent/join",
      "/v1/agent/workers/{workerId}",
      "/v1/device-codes",
      "/v1/device-codes/token",
      "/v1/session",
      "/v1/session",
    ]);
  });
});

describe("without a valid token nothing is told", () => {
  const wrong = [
    null,
    "x",
    `cop_${"0".repeat(56)}`,
    "cop_operator_for_tests_only_0123456789abcdeg",
    `cop_join_${"0".repeat(56)}`,
  ];
  it.each(closed)("$method $path answers 401", async (row) => {
    for (const token of wrong) {
      const answer = await send(row, token);
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    }
  });
});

describe("another project's things are as absent as what is not there", () => {
  it.each(closed.filter(({ on }) => on !== "installation"))(
    "$method $path answers 404",
    async (row) => {
      const other = await send(row, foreign.admin);
      expect(other).toMatchObject({ status: 404, body: { code: "not_found" } });
      const absent = await world.problem(address(row.path).replace(mine.name, "no-such-project"), {
        method: row.method,
        token: foreign.admin,
      });
      const { requestId: _, ...told } = other.body;
      const { requestId: __, ...toldOfAbsent } = absent.body;
      expect(told).toEqual(toldOfAbsent);
    },
  );

  it("by id as well", async () => {
    const byId = await world.problem(`/v1/projects/${mine.id}/workers/${worker.id}`, {
      token: foreign.admin,
    });
    expect(byId.status).toBe(404);
    const crossed = await world.problem(`${foreign.path}/workers/${worker.id}`, {
      token: foreign.admin,
    });
    expect(crossed.status).toBe(404);
  });

  it("a token sees its own project only", async () => {
    const list = await world.ask<{ items: { name: string }[] }>("/v1/projects", {
      token: foreign.viewer,
    });
    expect(list.body.items.map(({ name }) => name)).toEqual([foreign.name]);
  });
});

describe("a weaker role is told so", () => {
  const tokens = () => ({ viewer: mine.viewer, developer: mine.developer, admin: mine.admin });
  const weaker = closed.flatMap((row) =>
    ROLES.slice(0, ROLES.indexOf(row.role)).map((role) => ({ ...row, has: role as "viewer" })),
  );
  it.each(weaker)("$method $path answers 403 to a $has", async (row) => {
    const answer = await send(row, tokens()[row.has]);
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  it.each(closed.filter(({ role, method }) => role === "viewer" && method === "GET"))(
    "$method $path is let through for a viewer",
    async (row) => {
      const path = address(row.path);
      const response = await world.send(path, { token: mine.viewer });
      await response.body?.cancel();
      expect([200, 404]).toContain(response.status);
      if (response.status === 404) expect(path).toMatch(/nobody(\/|$)/);
    },
  );
});

describe("tokens", () => {
  const issue = async (more = {}) =>
    (
      await world.ask<{ id: string; token: string; expiresAt: string }>(`${mine.path}/tokens`, {
        body: { name: "robot", role: "viewer", ...more },
      })
    ).body;

  it("a revoked one is worthless at once, and gone from the list", async () => {
    const token = await issue();
    expect((await world.ask("/v1/whoami", { token: token.token })).status).toBe(200);
    const revoke = { method: "DELETE", token: mine.admin };
    expect((await world.ask(`${mine.path}/tokens/${token.id}`, revoke)).status).toBe(204);
    expect((await world.ask("/v1/whoami", { token: token.token })).status).toBe(401);
    expect((await world.ask(`${mine.path}/tokens/${token.id}`, revoke)).status).toBe(404);
    expect((await world.ask(`${mine.path}/tokens`)).text).not.toContain(token.id);
  });

  it("an expired one is worthless", async () => {
    const token = await issue({ expiresInS: 60 });
    expect((await world.ask("/v1/whoami", { token: token.token })).status).toBe(200);
    await world.env.DB.prepare("UPDATE tokens SET expires_at = ? WHERE id = ?")
      .bind(Date.now() - 1, token.id)
      .run();
    expect((await world.ask("/v1/whoami", { token: token.token })).status).toBe(401);
  });

  it("only the digest is stored, and the text is never shown again", async () => {
    const token = await issue();
    const stored = JSON.stringify(
      (await world.env.DB.prepare("SELECT * FROM tokens").all()).results,
    );
    expect(stored).not.toContain(token.token.slice(4));
    expect((await world.ask(`${mine.path}/tokens`)).text).not.toContain(token.token);
    expect(token.token).toMatch(/^cop_[0-9a-f]{56}$/);
  });

  it("another project's token cannot be revoked", async () => {
    const token = await issue();
    const answer = await world.ask(`${foreign.path}/tokens/${token.id}`, {
      method: "DELETE",
      token: foreign.admin,
    });
    expect(answer.status).toBe(404);
    expect((await world.ask("/v1/whoami", { token: token.token })).status).toBe(200);
  });

  it("whoami tells role and project; its use is noted", async () => {
    const me = await world.ask("/v1/whoami", { token: mine.developer });
    expect(me.body).toEqual({
      name: "a developer",
      role: "developer",
      project: { id: mine.id, name: mine.name },
    });
    expect((await world.ask("/v1/whoami")).body).toEqual({
      name: "operator",
      role: "operator",
      project: null,
    });
    const list = await world.ask<{ items: { name: string; lastUsedAt: string | null }[] }>(
      `${mine.path}/tokens`,
    );
    expect(list.body.items.find(({ name }) => name === "a developer")?.lastUsedAt).not.toBeNull();
  });
});
