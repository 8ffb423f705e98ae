// The new user's path by the command line alone, against real parts: from a Procfile to running workers, through a kill, a
// scaling and a deploy that fails. `npm run docs:cli` writes its transcript into docs/cli.md.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../../cli/bundle.mjs";
import type { CrashView, InstanceView } from "../../protocol/rest.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import { Terminal, writeTranscript } from "./cli-terminal.ts";

const DOCS = resolve(import.meta.dirname, "../../docs/cli.md");
const MAILER = `
console.log(process.env.GREETING + ", the mailer is up");
let sent = 0;
setInterval(() => console.log("sent mail " + ++sent), 250);
`;

let cluster: Cluster;
let repo: TestRepo;
let home: string;
let terminal: Terminal;

beforeAll(async () => {
  repo = new TestRepo({
    Procfile: "web: node server.js\nmailer: node mailer.js\n",
    "mailer.js": MAILER,
  });
  home = mkdtempSync(join(tmpdir(), "coppice-home-"));
  const [bundle, started] = await Promise.all([
    bundleCli(join(home, "coppice.mjs")),
    Cluster.start(),
  ]);
  cluster = started;
  // As `npm start -- --no-demo` leaves it in a checkout.
  mkdirSync(join(repo.path, ".coppice"));
  const { url, token } = cluster.api;
  writeFileSync(
    join(repo.path, ".coppice", "local.json"),
    JSON.stringify({ url, token, project: cluster.project.name }),
  );
  terminal = new Terminal({
    bundle,
    cwd: repo.path,
    env: { PATH: process.env.PATH, HOME: home, TZ: "UTC" },
    names: [
      [repo.path, "/home/you/shop"],
      [url, "http://127.0.0.1:8787"],
      [home, "/home/you"],
      [/web-1/g, "local-vm"],
      [/\be2e\b/g, "local"],
    ],
  });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
  rmSync(home, { recursive: true, force: true });
});

const instances = async (): Promise<InstanceView[]> =>
  JSON.parse((await terminal.run(["ps", "--json"])).stdout) as InstanceView[];

/** Exactly so many, all healthy. */
function healthy(count: number): Promise<InstanceView[]> {
  return waitUntil(
    { what: `${count} healthy instances`, withinMs: 15_000, everyMs: 100 },
    async () => {
      const all = await instances();
      return all.length === count && all.every(({ state }) => state === "healthy") ? all : null;
    },
  );
}

describe("a new user, by the command line alone", () => {
  test("looks around: who am I, and is anything here", async () => {
    const me = await terminal.show(
      "Who am I? The address and token of `npm start` are found by themselves",
      ["whoami"],
    );
    expect(me).toMatchObject({ code: 0, stdout: expect.stringContaining("admin") });
    const empty = await terminal.run(["ps"]);
    expect(empty).toMatchObject({ code: 3, stderr: expect.stringContaining("coppice init") });
  });

  test("makes coppice.toml from the Procfile", async () => {
    const ran = await terminal.show("A coppice.toml from the Procfile", ["init"]);
    expect(ran.code).toBe(0);
    const file = readFileSync(join(repo.path, "coppice.toml"), "utf8");
    expect(file).toContain('start = "node mailer.js"');
    terminal.note("What it wrote", `$ cat coppice.toml\n${file}`);
  });

  test("sets a variable before anything runs, and brings the worker up", async () => {
    const set = await terminal.show("A variable; its value can only be written", [
      "env",
      "set",
      "GREETING=Hello",
    ]);
    expect(set.code).toBe(0);
    const dry = await terminal.show("What would happen", ["up", "--dry-run"]);
    expect(dry.stdout).toContain("deploy mailer");
    const refused = await terminal.run(["up"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    const up = await terminal.show("Up (on a terminal it asks; here `--yes` answers)", [
      "up",
      "--yes",
    ]);
    expect(up).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/mailer {2}deploy 1 {2}● live {2}v1/),
    });
  });

  test("sees it run", async () => {
    await healthy(1);
    const ps = await terminal.show("What runs", ["ps"]);
    expect(ps.stdout).toMatch(/mailer\.0 +● healthy/);
    const logs = await terminal.show("Its logs, live; Ctrl-C ends it", ["logs", "-f", "-n", "5"], {
      until: /sent mail \d+[\s\S]*sent mail \d+/,
    });
    expect(logs.code).toBe(130);
    const all = await terminal.run(["logs", "--grep", "mailer is up"]);
    expect(all.stdout).toContain("Hello, the mailer is up");
  });

  test("kills it, and finds the crash with its evidence", async () => {
    const [one] = await healthy(1);
    process.kill(one?.pid ?? 0, "SIGKILL");
    terminal.note("Kill it yourself", `$ kill -9 ${one?.pid}`.replace(/\d+$/, "4242"));
    const crash = await waitUntil(
      { what: "the crash", withinMs: 10_000, everyMs: 100 },
      async () => {
        const { stdout } = await terminal.run(["crashes", "--json"]);
        return (JSON.parse(stdout) as CrashView[])[0] ?? null;
      },
    );
    expect(crash).toMatchObject({ signal: "SIGKILL", slot: 0 });
    const list = await terminal.show("The crash is recorded", ["crashes"]);
    expect(list.stdout).toContain("SIGKILL");
    const shown = await terminal.run(["crashes", crash.id.slice(-8)]);
    expect(shown).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/SIGKILL[\s\S]*sent mail/),
    });
    await waitUntil({ what: "its line in the log", withinMs: 10_000, everyMs: 100 }, async () => {
      return /crashed, killed by/.test((await terminal.run(["logs", "--stream", "system"])).stdout);
    });
    const story = await terminal.show("And told in the log, beside what it was", [
      "logs",
      "--stream",
      "system",
      "-n",
      "4",
    ]);
    expect(story.stdout).toMatch(/killed by SIGKILL/);
  });

  test("scales it", async () => {
    const scaled = await terminal.show("Three of them", ["scale", "mailer=3"]);
    expect(scaled).toMatchObject({ code: 0, stdout: "mailer  1 → 3\n" });
    await healthy(3);
    expect((await terminal.show("There they are", ["ps"])).stdout).toMatch(/mailer\.2 +● healthy/);
  });

  test("a deploy that fails says why, and leaves what is live alone", async () => {
    const before = await healthy(3);
    const failed = await terminal.show("A deploy that fails says why", [
      "deploy",
      "mailer",
      "--ref",
      "nowhere",
    ]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("nowhere");
    expect(failed.stderr).toContain("try: coppice deploys mailer 2");
    expect((await healthy(3)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    repo.commit({ "mailer.js": "console.error('no such module'); process.exit(3);\n" }, "Break it");
    const fell = await terminal.run(["deploy", "mailer"]);
    expect(fell).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/deploy 3 {2}● reverted/),
      stderr: expect.stringMatching(/it crashed 3 times[\s\S]*no such module/),
    });
    const deploys = await terminal.show("Every deploy, and what became of it", [
      "deploys",
      "mailer",
    ]);
    expect(deploys.stdout).toMatch(/3 +● reverted[\s\S]*2 +● failed[\s\S]*1 +● live/);
  });

  test("hosts and tokens", async () => {
    const hosts = await terminal.show("The hosts", ["hosts"]);
    expect(hosts.stdout).toMatch(/web-1 +● online/);
    const add = await terminal.run(["hosts", "add", "--json"]);
    expect(JSON.parse(add.stdout)).toMatchObject({ token: expect.stringMatching(/^cop_join_/) });
    const made = await terminal.show("A token for CI: its text alone on stdout", [
      "tokens",
      "create",
      "ci",
      "--role",
      "viewer",
      "--expires",
      "90d",
    ]);
    expect(made.stdout).toMatch(/^cop_[0-9a-f]+\n$/);
    const login = await terminal.run(
      ["login", cluster.api.url, "--token-stdin", "--context", "ci"],
      { stdin: made.stdout },
    );
    expect(login.code).toBe(0);
    expect((await terminal.run(["stop", "mailer", "--context", "ci"])).code).toBe(4);
    const tokens = await terminal.show("The tokens", ["tokens"]);
    expect(tokens.stdout).toMatch(/ci +viewer/);
    expect(
      (await terminal.show("Revoked, it is worthless at once", ["tokens", "revoke", "ci"])).code,
    ).toBe(0);
    expect((await terminal.run(["ps", "--context", "ci"])).code).toBe(4);
  });

  test("the whole at a glance; then away with it", async () => {
    const status = await terminal.show("The project at a glance", ["status"]);
    expect(status.stdout).toMatch(/mailer +● \w+ +3\/3/);
    expect((await terminal.show("Is anything wrong?", ["doctor"])).code).toBe(0);
    const gone = await terminal.show("And away with it", [
      "delete",
      "mailer",
      "--confirm",
      "mailer",
    ]);
    expect(gone).toMatchObject({ code: 0, stdout: "mailer  deleted\n" });
  });

  test("docs/cli.md shows this path", () => {
    if (process.env.COPPICE_WRITE_DOCS === "1") writeTranscript(DOCS, terminal.transcript());
    const docs = readFileSync(DOCS, "utf8");
    for (const command of terminal.commands) expect(docs).toContain(`$ ${command}`);
  });
});
