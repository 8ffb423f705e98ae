// Signing in: links that work once, sessions that end with what they hang on, cookies that no other site can use.
import { beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../src/http/api.ts";
import { makeProject, makeWorker, makeWorld, OPERATOR, type World } from "./support.ts";

const ORIGIN = "https://coppice.test";
const OWN = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
let worker: Awaited<ReturnType<typeof makeWorker>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
  worker = await makeWorker(world, project);
});

let address = 0;
/** Each sign-in from an address of its own, so that the bound of one test is not another's. */
const elsewhere = () => ({ "cf-connecting-ip": `192.0.2.${++address}` });

async function linkOf(token: string, body: object = {}): Promise<string> {
  const made = await world.ask<{ url: string }>("/v1/sign-in-links", { token, body });
  expect(made.status).toBe(201);
  return made.body.url.split("#")[1]!;
}

const begin = (body: object, headers: Record<string, string> = elsewhere()) =>
  world.ask("/v1/session", { token: null, body, headers });

async function cookieOf(token: string, body: object = {}): Promise<string> {
  const made = await begin({ code: await linkOf(token, body) });
  expect(made.status).toBe(200);
  return made.headers.get("set-cookie")!.split(";")[0]!;
}

const withCookie = (cookie: string, path: string, more: Parameters<World["ask"]>[1] = {}) =>
  world.problem(path, { token: null, ...more, headers: { cookie, ...more.headers } });

describe("a sign-in link", () => {
  it("carries its code behind the #, where no server sees it, and ends within 15 minutes", async () => {
    const made = await world.ask<{ url: string; expiresAt: string }>("/v1/sign-in-links", {
      method: "POST",
      token: project.viewer,
    });
    expect(made.body.url).toMatch(/^https:\/\/coppice\.test\/sign-in#cop_in_[0-9a-f]{56}$/);
    const lives = Date.parse(made.body.expiresAt) - Date.now();
    expect(lives).toBeGreaterThan(14 * 60_000);
    expect(lives).toBeLessThanOrEqual(15 * 60_000);
  });

  it("works once, also for many at the same time", async () => {
    const code = await linkOf(project.developer);
    const all = await Promise.all(Array.from({ length: 6 }, () => begin({ code })));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
  });

  it("is worthless when it is too old", async () => {
    const code = await linkOf(project.developer);
    await world.env.DB.prepare("UPDATE sign_in_codes SET expires_at = ?").bind(Date.now()).run();
    expect((await begin({ code })).status).toBe(401);
  });

  it("gives no more than its maker has", async () => {
    const ask = (token: string, body: object) =>
      world.problem("/v1/sign-in-links", { token, body });
    expect((await ask(project.viewer, { role: "developer" })).status).toBe(403);
    expect((await ask(project.admin, { role: "operator" })).status).toBe(403);
    const other = await makeProject(world);
    expect((await ask(project.admin, { project: other.name })).status).toBe(404);
    expect((await ask(project.admin, { project: project.name, role: "viewer" })).status).toBe(201);
    expect((await ask(OPERATOR, { role: "admin" })).status).toBe(400);
    expect((await ask(OPERATOR, { project: project.name, role: "operator" })).status).toBe(400);
    const cookie = await cookieOf(project.admin, { role: "viewer" });
    expect((await withCookie(cookie, "/v1/whoami")).body).toMatchObject({ role: "viewer" });
  });

  it("of the operator is for all projects, or for the one that is named", async () => {
    const all = await cookieOf(OPERATOR);
    expect((await withCookie(all, "/v1/whoami")).body).toEqual({
      name: "operator",
      role: "operator",
      project: null,
    });
    const one = await cookieOf(OPERATOR, { project: project.name, role: "developer" });
    expect((await withCookie(one, "/v1/whoami")).body).toMatchObject({
      role: "developer",
      project: { name: project.name },
    });
    const other = await makeProject(world);
    expect((await withCookie(one, other.path.concat("/workers"))).status).toBe(404);
    expect((await withCookie(all, other.path.concat("/workers"))).status).toBe(200);
  });
});

describe("a session", () => {
  it("begins with a code or a token, and tells who is signed in", async () => {
    const made = await begin({ token: project.developer });
    expect(made.body).toEqual({
      name: "a developer",
      role: "developer",
      project: { id: project.id, name: project.name },
    });
    expect(made.headers.get("set-cookie")).toMatch(
      /^__Host-coppice=cop_ses_[0-9a-f]{56}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await begin({ token: OPERATOR })).body).toMatchObject({ role: "operator" });
  });

  it("is stored as a digest only, and so is the code", async () => {
    const code = await linkOf(project.developer);
    const made = await begin({ code });
    const secret = /cop_ses_(\w+)/.exec(made.headers.get("set-cookie")!)![1]!;
    const rows = await Promise.all(
      ["sessions", "sign_in_codes"].map((name) =>
        world.env.DB.prepare(`SELECT * FROM ${name}`).all(),
      ),
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(code.slice(7));
  });

  it("ends when the browser says so, and the cookie goes", async () => {
    const cookie = await cookieOf(project.developer);
    expect((await withCookie(cookie, "/v1/whoami")).status).toBe(200);
    const ended = await withCookie(cookie, "/v1/session", { method: "DELETE", headers: OWN });
    expect(ended.status).toBe(204);
    expect(ended.headers.get("set-cookie")).toMatch(/^__Host-coppice=; Max-Age=0;/);
    expect((await withCookie(cookie, "/v1/whoami")).status).toBe(401);
    const again = await withCookie(cookie, "/v1/session", { method: "DELETE", headers: OWN });
    expect(again.status).toBe(204);
  });

  it("ends with the token that it hangs on", async () => {
    const made = await world.ask<{ id: string; token: string }>(`${project.path}/tokens`, {
      body: { name: "passing", role: "viewer" },
    });
    const cookie = await cookieOf(made.body.token);
    const byToken = (await begin({ token: made.body.token })).headers.get("set-cookie")!;
    await world.ask(`${project.path}/tokens/${made.body.id}`, { method: "DELETE" });
    expect((await withCookie(cookie, "/v1/whoami")).status).toBe(401);
    expect((await withCookie(byToken.split(";")[0]!, "/v1/whoami")).status).toBe(401);
  });

  it("of the operator ends with the operator's secret", async () => {
    const cookie = await cookieOf(OPERATOR);
    const scoped = await cookieOf(OPERATOR, { project: project.name });
    const other = await makeWorld({ COPPICE_OPERATOR_TOKEN: "another-secret-of-the-operator" });
    for (const one of [cookie, scoped]) {
      expect((await withCookie(one, "/v1/whoami")).status).toBe(200);
      const answer = await other.ask("/v1/whoami", { token: null, headers: { cookie: one } });
      expect(answer.status).toBe(401);
    }
  });

  it("lives 30 days from its last use, written at most once a day", async () => {
    const cookie = await cookieOf(project.developer);
    const ends = async () =>
      (await world.env.DB.prepare("SELECT MAX(expires_at) AS at FROM sessions WHERE created_at = ?")
        .bind(newest)
        .first<{ at: number }>())!.at;
    const newest = (await world.env.DB.prepare("SELECT MAX(created_at) AS at FROM sessions").first<{
      at: number;
    }>())!.at;
    const first = await ends();
    expect(first - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    await withCookie(cookie, "/v1/whoami");
    expect(await ends()).toBe(first);
    const soon = Date.now() + 86_400_000;
    await world.env.DB.prepare("UPDATE sessions SET expires_at = ? WHERE created_at = ?")
      .bind(soon, newest)
      .run();
    await withCookie(cookie, "/v1/whoami");
    expect(await ends()).toBeGreaterThanOrEqual(first);
    await world.env.DB.prepare("UPDATE sessions SET expires_at = ? WHERE created_at = ?")
      .bind(Date.now(), newest)
      .run();
    expect((await withCookie(cookie, "/v1/whoami")).status).toBe(401);
  });

  it("that is no session at all is answered 401, also beside nothing else", async () => {
    for (const secret of ["x", `cop_ses_${"0".repeat(56)}`, project.developer]) {
      const answer = await withCookie(`__Host-coppice=${secret}`, "/v1/whoami");
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    }
  });

  it("does not make up for a wrong token in the header", async () => {
    const cookie = await cookieOf(project.developer);
    const answer = await world.ask("/v1/whoami", { token: "x", headers: { cookie } });
    expect(answer.status).toBe(401);
  });

  it("cannot be guessed: wrong codes and tokens are refused alike after a while", async () => {
    const headers = { "cf-connecting-ip": "2001:db8:1:2::1" };
    const answers: number[] = [];
    for (let i = 0; i < 22; i++) {
      const wrong = i % 2 ? { code: `cop_in_${i}` } : { token: `cop_${i}` };
      answers.push((await begin(wrong, headers)).status);
    }
    expect(answers).toEqual([...Array(20).fill(401), 429, 429]);
    const right = { token: project.viewer };
    const neighbour = { "cf-connecting-ip": "2001:db8:1:2:ffff::9" };
    expect((await begin(right, neighbour)).status).toBe(429);
    expect((await begin(right, { "cf-connecting-ip": "2001:db8:1:3::1" })).status).toBe(200);
  });
});

describe("behind a proxy that ends TLS", () => {
  const PUBLIC = "https://workers.example.com";
  const behind = async (configured: string) => {
    const proxied = await makeWorld({ COPPICE_PUBLIC_URL: configured });
    const begun = await proxied.ask("/v1/session", {
      token: null,
      body: { token: project.admin },
      headers: { origin: PUBLIC, "sec-fetch-site": "same-origin", ...elsewhere() },
    });
    const cookie = begun.headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = (headers: Record<string, string>) =>
      proxied.ask(`${project.path}/tokens`, {
        ...{ token: null, body: { name: "one", role: "viewer" } },
        headers: { cookie, ...headers },
      });
    return { proxied, begun, ask };
  };

  it("the configured address is ours, and no other, not even the one that the proxy asks at", async () => {
    const { proxied, begun, ask } = await behind(`${PUBLIC}/`);
    expect(begun.status).toBe(200);
    expect((await ask({ origin: PUBLIC })).status).toBe(201);
    for (const origin of [ORIGIN, "http://workers.example.com", "https://evil.test", "null"])
      expect((await ask({ origin })).status).toBe(403);
    const link = await proxied.ask<{ url: string }>("/v1/sign-in-links", {
      ...{ token: project.admin, body: {} },
    });
    expect(link.body.url).toMatch(/^https:\/\/workers\.example\.com\/sign-in#/);
    const page = await proxied.ask<{ page: { url: string } }>("/api/v2/status.json", {
      token: null,
    });
    expect(page.body.page.url).toContain(PUBLIC);
  });

  it("one that is no address is said, not guessed", async () => {
    const { begun } = await behind("workers.example.com");
    expect(begun).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(begun.text).toContain("COPPICE_PUBLIC_URL");
  });
});

describe("a request with a cookie from another site", () => {
  const address = (path: string) =>
    path
      .replace("{project}", project.name)
      .replace("{worker}", worker.name)
      .replace("{number}", "1")
      .replace("{workerId}", worker.id)
      .replace("{userCode}", "BCDF-GHJK")
      .replace(/\{\w+\}/, "nobody");
  const ask = (route: (typeof ROUTES)[number], cookie: string, headers: Record<string, string>) =>
    withCookie(cookie, address(route.path), { method: route.method, headers });
  let cookie: string;
  beforeAll(async () => {
    cookie = await cookieOf(project.admin);
  });

  it.each(ROUTES)("$method $path is refused", async (route) => {
    const foreign = [
      { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
      { origin: "https://evil.test" },
      { origin: "https://sub.coppice.test", "sec-fetch-site": "same-site" },
      { origin: "http://coppice.test" },
      { origin: "https://coppice.test:8443" },
      { origin: "null" },
    ];
    for (const headers of foreign) {
      expect(await ask(route, cookie, headers)).toMatchObject({
        status: 403,
        body: { code: "forbidden", detail: expect.stringContaining("another site") },
      });
    }
  });

  const changing = ROUTES.filter(({ method, stream }) => method !== "GET" || stream);
  it.each(changing)(
    "$method $path is refused where nothing tells that it is ours",
    async (route) => {
      const { status } = await ask(route, cookie, {});
      expect(status).toBe(403);
      const sibling = { "sec-fetch-site": "same-site" };
      expect((await ask(route, cookie, sibling)).status).toBe(403);
      const lying = { origin: ORIGIN, "sec-fetch-site": "cross-site" };
      expect((await ask(route, cookie, lying)).status).toBe(403);
    },
  );

  it("from our own pages is served", async () => {
    const made = await withCookie(cookie, `${worker.path}/stop`, { method: "POST", headers: OWN });
    expect(made.status).toBe(200);
    const old = await withCookie(cookie, `${worker.path}/start`, {
      method: "POST",
      headers: { origin: ORIGIN },
    });
    expect(old.status).toBe(200);
    expect((await withCookie(cookie, worker.path)).status).toBe(200);
    for (const headers of [{ origin: ORIGIN }, { "sec-fetch-site": "same-origin" }]) {
      const stream = await world.send(`${worker.path}/logs?follow=1`, {
        token: null,
        headers: { cookie, ...headers },
      });
      expect(stream.status).toBe(200);
      await stream.body!.cancel();
    }
  });

  it("with a token in the header is nobody's business but the token's", async () => {
    const answer = await world.ask(`${worker.path}/stop`, {
      method: "POST",
      token: project.admin,
      headers: { origin: "https://evil.test", cookie },
    });
    expect(answer.status).toBe(200);
    await world.ask(`${worker.path}/start`, { method: "POST", token: project.admin });
  });

  it("neither signs in nor out, cookie or not", async () => {
    const headers = { origin: "https://evil.test", ...elsewhere() };
    expect((await begin({ token: project.viewer }, headers)).status).toBe(403);
    const out = { method: "DELETE", token: null, headers };
    expect((await world.ask("/v1/session", out)).status).toBe(403);
  });

  it("is told nothing by CORS", async () => {
    const preflight = await world.send(worker.path, {
      method: "OPTIONS",
      token: null,
      headers: { origin: "https://evil.test", "access-control-request-method": "DELETE" },
    });
    expect(preflight.status).toBe(405);
    const answer = await world.send("/healthz", { headers: { origin: "https://evil.test" } });
    for (const { headers } of [preflight, answer])
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(answer.headers.get("content-security-policy")).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
  });
});
