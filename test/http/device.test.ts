// Signing in a client that has no browser: a person approves what it shows, the token comes once.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeviceTokenView, NewDeviceCodeView } from "../../protocol/rest.ts";
import { makeProject, makeWorld, OPERATOR, type World } from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
let address = 0;
let headers: Record<string, string> = {};

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});
beforeEach(() => {
  headers = { "cf-connecting-ip": `198.51.100.${++address}` };
});

async function ask(clientName = "a laptop"): Promise<NewDeviceCodeView> {
  const made = await world.ask<NewDeviceCodeView>("/v1/device-codes", {
    token: null,
    body: { clientName },
    headers,
  });
  expect(made.status).toBe(201);
  return made.body;
}
const claim = async (deviceCode: string) =>
  (
    await world.ask<DeviceTokenView>("/v1/device-codes/token", {
      token: null,
      body: { deviceCode },
      headers,
    })
  ).body;
const decide = (userCode: string, verb: "approve" | "deny", token: string, body?: object) =>
  world.problem(`/v1/device-codes/${userCode}/${verb}`, { method: "POST", token, body });

describe("a device code", () => {
  it("is approved by a person and gives a token, once", async () => {
    const code = await ask("the build box");
    expect(code.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(code.verificationUrl).toBe("https://coppice.test/device");
    expect(await claim(code.deviceCode)).toEqual({ state: "pending", token: null, project: null });
    const shown = await world.ask(`/v1/device-codes/${code.userCode}`, { token: project.viewer });
    expect(shown.body).toMatchObject({ clientName: "the build box", expiresAt: code.expiresAt });
    expect((await decide(code.userCode, "approve", project.developer)).status).toBe(204);
    const all = await Promise.all(Array.from({ length: 5 }, () => claim(code.deviceCode)));
    expect(all.map(({ state }) => state)).toEqual(Array(5).fill("approved"));
    const tokens = all.flatMap(({ token }) => token ?? []);
    expect(tokens).toHaveLength(1);
    const me = await world.ask("/v1/whoami", { token: tokens[0]! });
    expect(me.body).toMatchObject({ name: "login the build box", role: "developer" });
    const again = { state: "approved", token: null, project: project.name };
    expect(await claim(code.deviceCode)).toEqual(again);
    const list = await world.ask(`${project.path}/tokens`);
    expect(list.text.split("login the build box")).toHaveLength(2);
  });

  it("may be typed in any case, with or without its hyphen", async () => {
    const { userCode } = await ask();
    for (const typed of [userCode.toLowerCase(), userCode.replace("-", ""), ` ${userCode} `]) {
      const path = `/v1/device-codes/${encodeURIComponent(typed)}`;
      expect((await world.ask(path, { token: project.viewer })).status).toBe(200);
    }
  });

  it("that is denied gives nothing, and the first decision stands", async () => {
    const code = await ask();
    expect((await decide(code.userCode, "deny", project.developer)).status).toBe(204);
    expect((await decide(code.userCode, "approve", project.admin)).status).toBe(409);
    expect(await claim(code.deviceCode)).toEqual({ state: "denied", token: null, project: null });
  });

  it("is worthless when it is too old, or unknown", async () => {
    const code = await ask();
    const approved = await ask();
    await decide(approved.userCode, "approve", project.admin);
    await world.env.DB.prepare("UPDATE device_codes SET expires_at = ?").bind(Date.now()).run();
    for (const { deviceCode } of [code, approved, { deviceCode: "cop_dev_x" }])
      expect(await claim(deviceCode)).toEqual({ state: "expired", token: null, project: null });
    expect((await decide(code.userCode, "approve", project.admin)).status).toBe(404);
  });

  it("gives no more than whoever approves it has", async () => {
    const code = await ask();
    expect((await decide(code.userCode, "approve", project.viewer)).status).toBe(403);
    const more = await decide(code.userCode, "approve", project.developer, { role: "admin" });
    expect(more.status).toBe(403);
    const other = await makeProject(world);
    const foreign = await decide(code.userCode, "approve", project.admin, { project: other.name });
    expect(foreign.status).toBe(404);
    const less = await decide(code.userCode, "approve", project.developer, { role: "viewer" });
    expect(less.status).toBe(204);
    const { token } = await claim(code.deviceCode);
    expect((await world.ask("/v1/whoami", { token })).body).toMatchObject({ role: "viewer" });
  });

  it("of the operator is for the project that is named", async () => {
    await makeProject(world);
    const code = await ask();
    expect((await decide(code.userCode, "approve", OPERATOR)).status).toBe(400);
    const named = await decide(code.userCode, "approve", OPERATOR, { project: project.name });
    expect(named.status).toBe(204);
    const { token } = await claim(code.deviceCode);
    expect((await world.ask("/v1/whoami", { token })).body).toMatchObject({
      role: "admin",
      project: { name: project.name },
    });
  });

  it("ends with the token of whoever approved it, before and after it was claimed", async () => {
    const made = await world.ask<{ id: string; token: string }>(`${project.path}/tokens`, {
      body: { name: "leaving", role: "developer", expiresInS: 600 },
    });
    const [first, second, third] = [await ask(), await ask(), await ask()];
    await decide(first.userCode, "approve", made.body.token);
    await decide(second.userCode, "approve", made.body.token);
    const { token } = await claim(first.deviceCode);
    await decide(third.userCode, "approve", token!);
    const { token: ofThat } = await claim(third.deviceCode);
    const stored = await world.env.DB.prepare(
      "SELECT COUNT(*) AS n FROM tokens WHERE granted_by IS NOT NULL AND expires_at IS NOT NULL",
    ).first<{ n: number }>();
    expect(stored?.n).toBe(2);
    await world.ask(`${project.path}/tokens/${made.body.id}`, { method: "DELETE" });
    for (const gone of [token, ofThat])
      expect((await world.ask("/v1/whoami", { token: gone })).status).toBe(401);
    expect((await claim(second.deviceCode)).state).toBe("denied");
  });

  it("is kept as a digest; its name is printable", async () => {
    const code = await ask();
    const rows = await world.env.DB.prepare("SELECT * FROM device_codes").all();
    expect(JSON.stringify(rows.results)).not.toContain(code.deviceCode.slice(8));
    for (const clientName of ["", "   ", "a\u001b[31m", "\u202eevil", "x".repeat(65)]) {
      const answer = await world.problem("/v1/device-codes", {
        token: null,
        body: { clientName },
        headers,
      });
      expect(answer.status).toBe(400);
    }
  });
});

describe("guessing is bounded", () => {
  it("of user codes, by who guesses", async () => {
    const made = await world.ask<{ token: string }>(`${project.path}/tokens`, {
      body: { name: "guesser", role: "admin" },
    });
    const { token } = made.body;
    const code = await ask();
    for (let i = 0; i < 10; i++) {
      const answer = await world.problem("/v1/device-codes/BBBB-BBBB", { token });
      expect(answer.status).toBe(404);
    }
    const answer = await decide(code.userCode, "approve", token);
    expect(answer).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(answer.headers.get("retry-after")).toBe("60");
    expect((await decide(code.userCode, "approve", project.admin)).status).toBe(204);
  });

  it("of device codes, by address; the right one is asked for as often as one likes", async () => {
    const code = await ask();
    for (let i = 0; i < 40; i++) expect((await claim(code.deviceCode)).state).toBe("pending");
    const statuses: number[] = [];
    for (let i = 0; i < 31; i++) {
      const answer = await world.problem("/v1/device-codes/token", {
        token: null,
        body: { deviceCode: `cop_dev_${i}` },
        headers,
      });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([...Array(30).fill(200), 429]);
  });

  it("of asking for codes, by address", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 31; i++) {
      const body = { clientName: "flood" };
      const answer = await world.problem("/v1/device-codes", { token: null, body, headers });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([...Array(30).fill(201), 429]);
  });
});
