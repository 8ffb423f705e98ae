// Which control plane is meant, the file that remembers them, and signing in.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeContexts } from "../../cli/config/contexts.ts";
import { findPlace } from "../../cli/config/place.ts";
import { FakeControlPlane } from "./fake.ts";
import { at, cli, emptyFolder } from "./run.ts";
import { TOKEN } from "./views.ts";

let plane: FakeControlPlane;
beforeAll(async () => {
  plane = await new FakeControlPlane().start();
});
afterAll(() => plane.stop());

function home(current: string | null = "prod") {
  const env = { XDG_CONFIG_HOME: emptyFolder() };
  writeContexts(env, {
    current,
    contexts: {
      prod: { url: "https://prod", token: "p", project: "shop" },
      staging: { url: "https://staging", token: "s", project: null },
    },
  });
  return env;
}

function checkout(): string {
  const folder = emptyFolder();
  mkdirSync(join(folder, ".coppice"));
  mkdirSync(join(folder, "deep", "down"), { recursive: true });
  const local = { url: "http://local", token: "l", project: "local" };
  writeFileSync(join(folder, ".coppice", "local.json"), JSON.stringify(local));
  return join(folder, "deep", "down");
}

describe("the nearest wish wins", () => {
  const elsewhere = emptyFolder();

  test("the current context, where nothing else is said", () => {
    expect(findPlace({ env: home(), cwd: elsewhere }, undefined)).toMatchObject({
      url: "https://prod",
      project: "shop",
    });
    expect(findPlace({ env: home(null), cwd: elsewhere }, undefined)).toBeNull();
  });
  test(".coppice/local.json of a checkout, from any folder below it", () => {
    expect(findPlace({ env: home(), cwd: checkout() }, undefined)).toMatchObject({
      url: "http://local",
      project: "local",
    });
  });
  test("COPPICE_CONTEXT before that", () => {
    const env = { ...home(), COPPICE_CONTEXT: "staging" };
    expect(findPlace({ env, cwd: checkout() }, undefined)?.url).toBe("https://staging");
  });
  test("COPPICE_URL and COPPICE_TOKEN before that", () => {
    const env = {
      ...home(),
      COPPICE_CONTEXT: "staging",
      COPPICE_URL: "https://x",
      COPPICE_TOKEN: "t",
    };
    expect(findPlace({ env, cwd: checkout() }, undefined)).toMatchObject({
      url: "https://x",
      token: "t",
      project: null,
    });
  });
  test("--context before all", () => {
    const env = { ...home(), COPPICE_URL: "https://x", COPPICE_TOKEN: "t" };
    expect(findPlace({ env, cwd: checkout() }, "prod")?.url).toBe("https://prod");
  });
  test("another control plane's address never gets the context's token", () => {
    const env = { ...home(), COPPICE_URL: "https://evil" };
    expect(() => findPlace({ env, cwd: elsewhere }, undefined)).toThrow(/COPPICE_TOKEN/);
  });
  test("a context that is not there suggests the nearest", () => {
    expect(() => findPlace({ env: home(), cwd: elsewhere }, "stagin")).toThrow(/`staging`/);
  });
  test("without any, commands end with 4 and say how to sign in", async () => {
    const ran = await cli(["ps"], { env: { XDG_CONFIG_HOME: emptyFolder() } });
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining("try: coppice login") });
  });
});

describe("login", () => {
  const config = (env: { XDG_CONFIG_HOME: string }) =>
    join(env.XDG_CONFIG_HOME, "coppice", "config.json");

  test("keeps the token where only its owner may read, and prints it nowhere", async () => {
    const env = { XDG_CONFIG_HOME: emptyFolder() };
    const ran = await cli(["login", plane.url, "--token-stdin"], { env, stdin: `${TOKEN}\n` });
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
    expect(statSync(config(env)).mode & 0o777).toBe(0o600);
    expect(statSync(join(env.XDG_CONFIG_HOME, "coppice")).mode & 0o777).toBe(0o700);
    expect((await cli(["whoami"], { env })).code).toBe(0);
    expect((await cli(["logout"], { env })).code).toBe(0);
    expect(readFileSync(config(env), "utf8")).not.toContain(TOKEN);
    expect((await cli(["whoami"], { env })).code).toBe(4);
  });

  test("a token that is refused is not kept", async () => {
    const env = { XDG_CONFIG_HOME: emptyFolder() };
    const ran = await cli(["login", plane.url, "--token-stdin"], { env, stdin: "cop_wrong" });
    expect(ran.code).toBe(4);
    expect(() => readFileSync(config(env))).toThrow();
  });

  test("a code that a person approves gives the token", async () => {
    const env = { XDG_CONFIG_HOME: emptyFolder() };
    const pending = { state: "pending", token: null, project: null };
    plane.device = [pending, pending, { state: "approved", token: TOKEN, project: "shop" }];
    const ran = await cli(["login", plane.url, "--device"], { env });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(`${plane.url}/device`);
    expect(ran.stderr).toContain("BCDF-GHJK");
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
    expect((await cli(["whoami"], { env })).code).toBe(0);
  });

  test.each([
    ["denied", 4],
    ["expired", 124],
  ])("a code that is %s ends with %i", async (state, code) => {
    plane.device = [{ state, token: null, project: null }];
    const ran = await cli(["login", plane.url, "--device"], {
      env: { XDG_CONFIG_HOME: emptyFolder() },
    });
    expect(ran.code).toBe(code);
  });

  test("a broken config file is said with its name", async () => {
    const env = { XDG_CONFIG_HOME: emptyFolder() };
    mkdirSync(join(env.XDG_CONFIG_HOME, "coppice"));
    writeFileSync(config(env), "{");
    const ran = await cli(["ps"], { env });
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining(config(env)) });
  });
});

describe("the project", () => {
  test("of --project, COPPICE_PROJECT, coppice.toml or the token, in that order", async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, "coppice.toml"), 'project = "filed"\n[workers.a]\nstart = "x"\n');
    const projectOf = async (argv: string[], env: Record<string, string>, folder = cwd) => {
      await cli(["status", ...argv], { cwd: folder, env: { ...at(plane.url), ...env } });
      return /projects\/([^/]+)\//.exec(plane.asked.at(-1)?.path ?? "")?.[1];
    };
    expect(await projectOf(["-p", "flagged"], { COPPICE_PROJECT: "env" })).toBe("flagged");
    expect(await projectOf([], { COPPICE_PROJECT: "env" })).toBe("env");
    expect(await projectOf([], {})).toBe("filed");
    expect(await projectOf([], {}, emptyFolder())).toBe("shop");
  });
});
