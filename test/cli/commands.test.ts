// What holds for every command: help with an example, JSON that parses, the right exit code, data alone on stdout, and no
// question where nobody can answer.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../cli/app.ts";
import { FakeControlPlane } from "./fake.ts";
import { at, cli, emptyFolder, type RunOptions } from "./run.ts";
import { CRASH_ID, host, worker } from "./views.ts";

let plane: FakeControlPlane;
beforeAll(async () => {
  plane = await new FakeControlPlane().start();
});
afterAll(() => plane.stop());

interface Case {
  /** Arguments of a call that succeeds. */
  readonly args: readonly string[];
  readonly options?: RunOptions;
  /** Needs no control plane, so that neither network nor token can fail it. */
  readonly offline?: boolean;
  /** Says nothing on stdout but with --json. */
  readonly silent?: boolean;
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = emptyFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
const TOML = 'repo = "https://github.com/acme/shop"\n[workers.mailer]\nstart = "node mailer.js"\n';
const contextFile = { XDG_CONFIG_HOME: "" };

const CASES: Readonly<Record<string, Case>> = {
  init: {
    args: ["init", "--repo", "https://github.com/acme/shop", "--start", "node a.js"],
    offline: true,
    silent: true,
  },
  up: { args: ["up", "--yes"], options: { cwd: folderWith({ "coppice.toml": TOML }) } },
  status: { args: ["status"] },
  deploy: { args: ["deploy", "mailer"] },
  deploys: { args: ["deploys", "mailer"] },
  releases: { args: ["releases"] },
  rollback: { args: ["rollback", "mailer", "v3", "--yes"] },
  ps: { args: ["ps"] },
  scale: { args: ["scale", "mailer=2"] },
  restart: { args: ["restart", "mailer"] },
  stop: { args: ["stop", "mailer"] },
  start: { args: ["start"] },
  logs: { args: ["logs", "-n", "10"] },
  crashes: { args: ["crashes"] },
  "env list": { args: ["env"] },
  "env set": { args: ["env", "set", "B=1"], silent: true },
  "env unset": { args: ["env", "unset", "A"], silent: true },
  "env import": { args: ["env", "import", "-"], options: { stdin: "C=1\n" }, silent: true },
  "env export": { args: ["env", "export"] },
  "groups list": { args: ["groups"] },
  "groups create": { args: ["groups", "create", "shared"] },
  "groups attach": { args: ["groups", "attach", "shared", "mailer"] },
  "groups detach": { args: ["groups", "detach", "shared", "mailer"] },
  "groups rm": { args: ["groups", "rm", "shared", "--yes"] },
  "repo list": { args: ["repo"] },
  "repo auth": { args: ["repo", "auth"], options: { stdin: "token\n" } },
  "repo forget": { args: ["repo", "forget"] },
  "hooks list": { args: ["hooks"] },
  "hooks create": { args: ["hooks", "create", "mailer"] },
  "hooks rotate": { args: ["hooks", "rotate", `hok_${"9".repeat(32)}`, "mailer"] },
  "hooks rm": { args: ["hooks", "rm", `hok_${"9".repeat(32)}`, "mailer"] },
  "hosts list": { args: ["hosts"] },
  "hosts add": { args: ["hosts", "add", "--no-wait"] },
  "hosts cordon": { args: ["hosts", "cordon", "web-1"] },
  "hosts uncordon": { args: ["hosts", "uncordon", "web-1"] },
  "hosts drain": { args: ["hosts", "drain", "web-1", "--no-wait"] },
  "hosts undrain": { args: ["hosts", "undrain", "web-1"] },
  "hosts thaw": { args: ["hosts", "thaw", "--yes"], silent: true },
  "hosts rm": { args: ["hosts", "rm", "web-1", "--confirm", "web-1"] },
  "tokens list": { args: ["tokens"] },
  "tokens create": { args: ["tokens", "create", "ci"] },
  "tokens revoke": { args: ["tokens", "revoke", "ci"] },
  delete: { args: ["delete", "mailer", "--confirm", "mailer"] },
  login: { args: ["login", "--token-stdin"], options: { stdin: "cop_test_token\n" }, silent: true },
  logout: { args: ["logout"], offline: true, silent: true },
  whoami: { args: ["whoami"] },
  contexts: { args: ["contexts"], offline: true },
  open: { args: ["open"] },
  doctor: { args: ["doctor"] },
  completion: { args: ["completion", "bash"], offline: true },
};
const names = Object.keys(CASES);

interface Entries {
  getAllEntries(): readonly { readonly name: { readonly original: string } }[];
}

/** A run with a home of its own, in which one context is known. */
async function run(name: string, more: readonly string[] = [], env = at(plane.url)) {
  const { args, options } = CASES[name] ?? { args: [] };
  const home = emptyFolder();
  const config = { ...contextFile, XDG_CONFIG_HOME: home };
  if (name === "logout" || name === "contexts") {
    await cli(["login", plane.url, "--token-stdin"], { env: config, stdin: "cop_test_token" });
  }
  const files = name === "init" ? {} : { cwd: emptyFolder() };
  return cli([...args, ...more], { ...files, ...options, env: { ...config, ...env } });
}

test("no command is left out here", () => {
  const all = Object.entries(ROUTES).flatMap(([name, target]) =>
    "getAllEntries" in target
      ? (target as unknown as Entries).getAllEntries().map((one) => `${name} ${one.name.original}`)
      : [name],
  );
  expect(names.sort()).toEqual(all.sort());
});

describe.each(names)("coppice %s", (name) => {
  const { offline, silent } = CASES[name] ?? {};

  test("--help says what it does, with an example, on stdout", async () => {
    const { code, stdout, stderr } = await cli([...name.split(" "), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage {2}coppice /);
    expect(stdout).toMatch(new RegExp(`Examples\\n {2}.*coppice ${name.replace(" list", "")}`));
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test("succeeds with 0, and prints data alone on stdout", async () => {
    const { code, stdout, stderr } = await run(name);
    expect({ code, stderr }).toEqual({ code: 0, stderr });
    if (silent) expect(stdout).toBe("");
    else expect(stdout).not.toBe("");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toMatch(/try:|error:|warning:/);
  });

  test("--json parses", async () => {
    const { code, stdout } = await run(name, ["--json"]);
    expect(code).toBe(0);
    for (const line of name === "logs" ? stdout.trim().split("\n") : [stdout]) {
      expect(JSON.parse(line)).toBeTypeOf("object");
    }
  });

  test("a wrong flag ends with 2 and names a help page", async () => {
    const { code, stdout, stderr } = await run(name, ["--no-such-flag"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`try: coppice ${name.replace(" list", "")} --help`);
  });

  if (offline) return;

  test("without a network it ends with 1 and says so in a line", async () => {
    const { code, stdout, stderr } = await run(name, [], at("http://127.0.0.1:1"));
    expect(code).toBe(1);
    if (name === "doctor") {
      expect(stdout).toMatch(/✗ control plane/);
      return;
    }
    expect(stdout).toBe("");
    expect(stderr).toMatch(/error: http:\/\/127\.0\.0\.1:1 cannot be reached/);
    expect(stderr).toContain("try: coppice doctor");
  });

  test("an expired or unknown token ends with 4", async () => {
    const old = { ...at(plane.url, "cop_expired") };
    const given = name === "login" ? { args: CASES.login?.args ?? [], stdin: "cop_expired" } : null;
    const { code, stdout, stderr } = given
      ? await cli(given.args, { stdin: given.stdin, env: old })
      : await run(name, [], old);
    if (name === "doctor") {
      expect(code).toBe(1);
      expect(stdout).toMatch(/✗ token .*unknown or expired/);
      return;
    }
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/error: A token is missing, unknown or expired/);
    expect(stderr).toContain("try: ");
  });
});

describe("exit codes by what the control plane answers", () => {
  test.each([
    ["forbidden", 4],
    ["not_found", 3],
    ["conflict", 5],
    ["precondition_failed", 5],
    ["invalid_request", 2],
    ["internal", 1],
  ] as const)("%s is %i", async (problem, code) => {
    plane.fail("POST /v1/projects/shop/workers/wrk_11111111111111111111111111111111/stop", problem);
    const ran = await cli(["stop", "mailer"], { env: at(plane.url) });
    expect(ran.code).toBe(code);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain("said the fake");
  });

  test("a name that is not there is 3, and the nearest is suggested", async () => {
    const { code, stderr } = await cli(["logs", "mialer"], { env: at(plane.url) });
    expect(code).toBe(3);
    expect(stderr).toContain("Did you mean `mailer`?");
  });

  test.each([
    ["lgos", "logs"],
    ["deplyo", "deploy"],
    ["statsu", "status"],
  ])("an unknown command `%s` is 2, and `%s` is suggested", async (typed, meant) => {
    const { code, stderr } = await cli([typed]);
    expect(code).toBe(2);
    expect(stderr).toContain(meant);
  });

  test("a flag that is nearly right is suggested", async () => {
    const { code, stderr } = await cli(["logs", "--folow"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--follow");
  });
});

describe("where nobody can answer, nothing is asked", () => {
  test.each([
    { args: ["up"], options: CASES.up?.options, flag: "--yes" },
    { args: ["delete", "mailer"], flag: "--confirm mailer" },
    { args: ["hosts", "rm", "web-1"], flag: "--confirm web-1" },
    { args: ["login"], flag: "--token-stdin" },
  ])("$args says $flag", async ({ args, options, flag }) => {
    const before = plane.changes.length;
    const { code, stderr } = await cli(args, { ...options, env: at(plane.url) });
    expect(code).toBe(2);
    expect(stderr).toContain(flag);
    expect(plane.changes.length).toBe(before);
  });

  test("--confirm with another name does nothing", async () => {
    const before = plane.changes.length;
    const { code } = await cli(["delete", "mailer", "--confirm", "mailr"], { env: at(plane.url) });
    expect(code).toBe(2);
    expect(plane.changes.length).toBe(before);
  });
});

test("hosts add waits for the machine that it let in, not for one that was there", async () => {
  plane.joins = host({ id: "hst_new", name: "web-2" });
  const { code, stdout, stderr } = await cli(["hosts", "add"], { env: at(plane.url) });
  plane.joins = null;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "curl -fsSL https://coppice.example.org/install.sh | sudo TOKEN=cop_join sh\n",
  });
  expect(stderr).toContain("#cloud-config");
  expect(stderr).toContain("web-2 is online");
  expect(stderr).not.toContain("web-1 is online");
});

test("crashes takes the end of an id and shows the evidence", async () => {
  const { code, stdout } = await cli(["crashes", CRASH_ID.slice(-8)], { env: at(plane.url) });
  expect(code).toBe(0);
  expect(stdout).toContain("exit code 1");
  expect(stdout).toContain("Error: no route to host");
  expect(stdout).toMatch(/seen +12 times since v4/);
});

test("crashes --groups counts kinds of crash, says since when, and shows what it said", async () => {
  const { code, stdout } = await cli(["crashes", "mailer", "--groups"], { env: at(plane.url) });
  expect(code).toBe(0);
  expect(stdout).toMatch(/mailer +exit code 1 +12 +new in v4 .*·█ .*Error: no route to host/);
  const { stdout: json } = await cli(["crashes", "--groups", "--json"], { env: at(plane.url) });
  expect(JSON.parse(json)).toMatchObject([{ worker: "mailer", id: 7, count: 12 }]);
});

test.each([
  [{ status: "stopped" }, "mailer is stopped and runs nothing: coppice start mailer"],
  [
    { status: "stopped", instances: 0 },
    "mailer is scaled to 0 and runs nothing: coppice scale mailer=1",
  ],
] as const)("a live deploy of a worker that runs nothing says so: %o", async (over, words) => {
  const { workers, instances } = plane;
  plane.workers = [worker(over)];
  try {
    // The status may be older than what runs.
    const fresh = await cli(["deploy", "mailer"], { env: at(plane.url) });
    expect(fresh.stderr).not.toContain("runs nothing");
    plane.instances = [];
    const ran = await cli(["deploy", "mailer"], { env: at(plane.url) });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(words);
    expect(ran.stdout).not.toContain("runs nothing");
  } finally {
    Object.assign(plane, { workers, instances });
  }
});

test("scale warns of a worker that its owner stopped, not of one that was scaled to 0", async () => {
  const before = plane.workers;
  const said = async (over: Parameters<typeof worker>[0]) => {
    plane.workers = [worker({ status: "stopped", ...over })];
    return (await cli(["scale", "mailer=2"], { env: at(plane.url) })).stderr;
  };
  try {
    expect(await said({})).toContain("mailer is stopped: coppice start mailer");
    expect(await said({ instances: 0, statusReason: "scaled to 0 instances" })).toBe("");
  } finally {
    plane.workers = before;
  }
});

describe("completion", () => {
  const complete = async (...words: string[]) => {
    const { code, stdout } = await cli(["__complete", ...words], { env: at(plane.url) });
    expect(code).toBe(0);
    return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
  };

  test("commands, the commands of a group, and what an alias stands for", async () => {
    expect(await complete("dep")).toEqual(["deploy", "deploys"]);
    expect(await complete("env", "")).toEqual(["list", "set", "unset", "import", "export"]);
    expect(await complete("hosts", "r")).toEqual(["rm"]);
    expect(await complete("config:set", "--wor")).toEqual(["--worker"]);
    expect(await complete("nonsense", "")).toEqual([]);
  });

  test("names of workers and values of flags; flags once a dash was typed", async () => {
    expect(await complete("logs", "m")).toEqual(["mailer"]);
    expect(await complete("scale", "")).toEqual(["mailer="]);
    expect(await complete("env", "set", "-w", "")).toEqual(["mailer"]);
    expect(await complete("logs", "--stream", "std")).toEqual(["stdout", "stderr"]);
    expect(await complete("logs", "--gr")).toEqual(["--grep"]);
    expect(await complete("ps", "")).toEqual(["mailer"]);
    expect(await complete("ps", "--")).toContain("--json");
  });

  test("without a network it proposes what it can and complains of nothing", async () => {
    const { code, stdout, stderr } = await cli(["__complete", "logs", ""], {
      env: at("http://127.0.0.1:1"),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("--follow");
  });
});

test("aliases of other tools lead to ours", async () => {
  const { code } = await cli(["config:set", "A=b"], { env: at(plane.url) });
  expect(code).toBe(0);
  expect(plane.changes.at(-1)).toMatchObject({ method: "PUT", body: { set: { A: "b" } } });
  await cli(["ps:scale", "mailer=7"], { env: at(plane.url) });
  expect(plane.changes.at(-1)).toMatchObject({ method: "PATCH", body: { instances: 7 } });
  expect((await cli(["help", "ps"])).stdout).toMatch(/^Usage {2}coppice ps/);
});

test("without arguments it shows every command", async () => {
  const { code, stdout } = await cli([]);
  expect(code).toBe(0);
  for (const name of Object.keys(ROUTES)) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
});
