// coppice.toml and Procfile: what they mean, what is refused, and what `init` makes of one for the other.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detect } from "../../cli/file/detect.ts";
import { cleanRemote, readCheckout } from "../../cli/file/git.ts";
import { parseProcfile, workerName } from "../../cli/file/procfile.ts";
import { readWanted, wantedOf } from "../../cli/file/read.ts";
import { parseToml } from "../../cli/file/toml.ts";
import { tomlText } from "../../cli/file/write.ts";
import { cli, emptyFolder } from "./run.ts";

const FULL = `
project = "shop"
repo = "https://github.com/acme/shop"
branch = "main"
secrets = ["STRIPE_KEY"]
[env]
LOG_LEVEL = "info"
RETRIES = 3
[workers.mailer]
build = "npm ci"
predeploy = "node migrate.js"
start = "node mailer.js"
instances = 2
memory = "512M"
cpus = 0.5
pids = 200
open_files = 4096
stop = { signal = "SIGINT", grace = "45s" }
mode = "available"
rollout = "stop-first"
hosts = { region = "eu" }
[workers.queue]
start = "node queue.js"
root = "jobs"
[workers.queue.env]
LOG_LEVEL = "debug"
`;

function folder(files: Readonly<Record<string, string>>): string {
  const path = emptyFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function repository(files: Readonly<Record<string, string>>, remote?: string): string {
  const path = folder(files);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", path, ...args], { stdio: "ignore" });
  git("init", "--initial-branch=trunk");
  git(
    "-c",
    "user.name=T",
    "-c",
    "user.email=t@example.org",
    "commit",
    "--allow-empty",
    "-m",
    "First",
  );
  if (remote) git("remote", "add", "origin", remote);
  return path;
}

function refusal(text: string): string {
  try {
    parseToml(text, "coppice.toml");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("coppice.toml", () => {
  test("the example of the documentation", () => {
    const [mailer, queue] = wantedOf(parseToml(FULL, "coppice.toml").raw);
    expect(mailer).toEqual({
      ...{ name: "mailer", repo: "https://github.com/acme/shop", branch: "main", rootDir: "." },
      ...{
        buildCommand: "npm ci",
        predeployCommand: "node migrate.js",
        startCommand: "node mailer.js",
        instances: 2,
        mode: "available",
      },
      ...{ stopSignal: "SIGINT", stopGraceMs: 45_000, secrets: ["STRIPE_KEY"] },
      env: { LOG_LEVEL: "info", RETRIES: "3" },
      ...{
        memoryBytes: 536_870_912,
        cpus: 0.5,
        hosts: { region: "eu" },
        groups: [],
        paths: [],
        rollout: "stop-first",
      },
      ...{ pids: 200, openFiles: 4_096 },
    });
    expect(queue).toMatchObject({ rootDir: "jobs", instances: null, predeployCommand: null });
    expect(queue).toMatchObject({ memoryBytes: null, cpus: null, hosts: {}, mode: "available" });
    expect(queue?.env).toEqual({ LOG_LEVEL: "debug", RETRIES: "3" });
  });

  test.each([
    [
      "an unknown key of a worker",
      '[workers.a]\nstart = "x"\ninstanses = 2',
      "Did you mean `instances`?",
    ],
    [
      "an unknown key at the top",
      'projct = "a"\n[workers.a]\nstart = "x"',
      "Did you mean `project`?",
    ],
    [
      "an unknown key of stop",
      '[workers.a]\nstart = "x"\nstop = { signl = "SIGINT" }',
      "Did you mean `signal`?",
    ],
    ["a worker without a start", "[workers.a]\ninstances = 1", "workers.a.start: is missing"],
    ["no worker", 'project = "a"', "workers: is missing"],
    ["a name with a space", '[workers."a b"]\nstart = "x"', "lower-case"],
    [
      "a repository with credentials",
      'repo = "https://u:p@h/x"\n[workers.a]\nstart = "x"',
      "credentials",
    ],
    ["too many instances", '[workers.a]\nstart = "x"\ninstances = 501', "workers.a.instances"],
    ["a grace of days", '[workers.a]\nstart = "x"\nstop = { grace = "2d" }', "from 1s to 1h"],
    [
      "memory without a unit",
      '[workers.a]\nstart = "x"\nmemory = 512',
      "workers.a.memory: must be a size from 4M to 32768G, such as 512M or 1.5G",
    ],
    ["memory in words", '[workers.a]\nstart = "x"\nmemory = "512 MB"', "such as 512M"],
    ["too little memory", '[workers.a]\nstart = "x"\nmemory = "3M"', "from 4M to 32768G"],
    ["no cores", '[workers.a]\nstart = "x"\ncpus = 0', "workers.a.cpus: must be a number of cores"],
    ["too few processes", '[workers.a]\nstart = "x"\npids = 2', "workers.a.pids"],
    ["cores in words", '[workers.a]\nstart = "x"\ncpus = "2"', "such as 0.5"],
    ["a mode that is none", '[workers.a]\nstart = "x"\nmode = "single"', "workers.a.mode"],
    [
      "a label that can't be one",
      '[workers.a]\nstart = "x"\nhosts = { Region = "eu" }',
      "workers.a.hosts.Region: must be a label's name",
    ],
    ["a label's value with a space", '[workers.a]\nstart = "x"\nhosts = { a = "b c" }', "value"],
    ["hosts that are names", '[workers.a]\nstart = "x"\nhosts = ["web-1"]', "workers.a.hosts"],
    ["a variable that is ours", '[env]\nCOPPICE_X = "1"\n[workers.a]\nstart = "x"', "COPPICE_"],
    ["what is not TOML", "[workers.a\nstart", "coppice.toml:1:"],
  ])("refuses %s, and says where", (_, text, says) => {
    expect(refusal(text)).toContain(says);
  });

  test("all that is wrong is said at once", () => {
    const said = refusal('a = 1\n[workers.x]\nstart = ""\ninstances = -1');
    expect(said).toMatch(/`a`[\s\S]*start[\s\S]*instances|start[\s\S]*instances[\s\S]*`a`/);
  });
});

describe("Procfile", () => {
  test("names and commands; comments and blank lines are nothing, other lines are told", () => {
    const { entries, strange } = parseProcfile(
      "# c\n\nmailer: node a.js\r\nImage_Resizer:  b --x: y\nwhat\n",
    );
    expect(entries).toEqual([
      { type: "mailer", name: "mailer", command: "node a.js" },
      { type: "Image_Resizer", name: "image-resizer", command: "b --x: y" },
    ]);
    expect(strange).toEqual(["what"]);
  });

  test.each([
    ["sendEmails", "send-emails"],
    ["--a__b--", "a-b"],
    ["_", null],
    ["x".repeat(80), "x".repeat(63)],
  ])("%s", (text, name) => expect(workerName(text)).toBe(name));

  test("web is left out and said; release becomes what comes before a deploy", () => {
    const found = detect(folder({ Procfile: "web: x\nrelease: migrate\nmailer: y\nMAILER: z\n" }));
    expect(found.workers).toEqual([{ name: "mailer", startCommand: "y" }]);
    expect(found.predeploy).toBe("migrate");
    expect(found.notes.join("\n")).toMatch(/web[\s\S]*MAILER/);
  });
});

describe("package.json", () => {
  const scripts = (all: object, more: Record<string, string> = {}) =>
    detect(
      folder({ "package.json": JSON.stringify({ name: "@acme/shop", scripts: all }), ...more }),
    );

  test("scripts that sound like a worker, else start", () => {
    expect(scripts({ worker: "x", "start:mailer": "y", test: "z", start: "web" }).workers).toEqual([
      { name: "worker", startCommand: "npm run worker" },
      { name: "mailer", startCommand: "npm run start:mailer" },
    ]);
    expect(scripts({ start: "x" }).workers).toEqual([{ name: "shop", startCommand: "npm start" }]);
    expect(scripts({ test: "x" }).source).toBeNull();
  });

  test("the build follows the lockfile", () => {
    expect(scripts({ start: "x" }, { "package-lock.json": "{}" }).buildCommand).toBe("npm ci");
    expect(scripts({ start: "x", build: "b" }, { "pnpm-lock.yaml": "" }).buildCommand).toBe(
      "pnpm install --frozen-lockfile && pnpm run build",
    );
    expect(scripts({ start: "x" }).buildCommand).toBe("npm install");
  });
});

describe("git", () => {
  test.each([
    ["https://user:secret@github.com/acme/shop.git", "https://github.com/acme/shop.git"],
    ["git@github.com:acme/shop.git", "git@github.com:acme/shop.git"],
    ["git://example.org/x", "https://example.org/x"],
  ])("%s", (remote, clean) => expect(cleanRemote(remote)).toBe(clean));

  test("where the remote is a path, only a control plane on this machine may have it", async () => {
    const path = repository({});
    expect(await readCheckout(path, { localAllowed: false })).toMatchObject({ repo: null });
    expect(await readCheckout(path, { localAllowed: true })).toMatchObject({
      repo: path,
      branch: "trunk",
    });
    expect(await readCheckout(emptyFolder(), { localAllowed: true })).toBeNull();
  });
});

describe("init", () => {
  const REMOTE = "https://github.com/acme/shop";

  test("writes what up reads, from a Procfile and git", async () => {
    const cwd = repository(
      { Procfile: 'mailer: sh -c "echo \\"hi\\""\nqueue: node q.js\n' },
      REMOTE,
    );
    mkdirSync(join(cwd, "sub"));
    const { code, stderr } = await cli(["init"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("coppice up") });
    const { workers } = await readWanted(join(cwd, "sub"), false);
    expect(
      workers.map(({ name, startCommand, repo, branch }) => ({ name, startCommand, repo, branch })),
    ).toEqual([
      { name: "mailer", startCommand: 'sh -c "echo \\"hi\\""', repo: REMOTE, branch: "trunk" },
      { name: "queue", startCommand: "node q.js", repo: REMOTE, branch: "trunk" },
    ]);
  });

  test("a bare Procfile comes to the same workers", async () => {
    const cwd = repository({ Procfile: "mailer: node m.js\n", "requirements.txt": "" }, REMOTE);
    const bare = await readWanted(cwd, false);
    await cli(["init"], { cwd });
    expect((await readWanted(cwd, false)).workers).toEqual(bare.workers);
  });

  test("what it offers as comments is what up reads, with what exclusive costs", async () => {
    const cwd = repository({ Procfile: "mailer: x\nqueue: y\n" }, REMOTE);
    const env = { COPPICE_URL: "https://coppice.example.org", COPPICE_TOKEN: "cop_x" };
    await cli(["init"], { cwd, env });
    const text = readFileSync(join(cwd, "coppice.toml"), "utf8");
    expect(text.split("\n")[0]).toBe("#:schema https://coppice.example.org/schema/coppice.json");
    expect(text).toContain("stops its instances after 40 s, and they come back by themselves");
    expect(text.match(/# memory/g)).toHaveLength(1);
    const all = text.replace(/^# (memory|hosts|mode|instances)/gm, "$1");
    const [mailer] = wantedOf(parseToml(all, "x").raw);
    expect(mailer).toMatchObject({
      ...{ memoryBytes: 536_870_912, hosts: { region: "eu" }, mode: "exclusive", instances: 2 },
    });
  });

  test("never writes over a file unless told to", async () => {
    const cwd = repository({ Procfile: "mailer: x\n", "coppice.toml": "# mine\n" }, REMOTE);
    expect((await cli(["init"], { cwd })).code).toBe(5);
    expect(readFileSync(join(cwd, "coppice.toml"), "utf8")).toBe("# mine\n");
    expect((await cli(["init", "--force"], { cwd })).code).toBe(0);
  });

  test("says what is missing: a command to run, a repository to fetch from", async () => {
    const nothing = await cli(["init"], { cwd: repository({}, REMOTE) });
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining("--start") });
    const nowhere = await cli(["init"], { cwd: folder({ Procfile: "a: b\n" }) });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("--repo") });
  });

  test("any text comes back as it went in", () => {
    const startCommand = 'x "\\ \u0001\u007f\t☃ #';
    const text = tomlText({
      ...{
        schema: null,
        project: null,
        repo: REMOTE,
        branch: "main",
        rootDir: "a b",
        buildCommand: null,
        predeploy: null,
      },
      workers: [{ name: "w", startCommand }],
    });
    expect(parseToml(text, "x").config.workers.w?.start).toBe(startCommand.trim());
  });
});
