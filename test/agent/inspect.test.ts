// Looking into repositories on a real host: branches and suggestions come out, nothing of the repository runs.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suggest } from "../../agent/suggest.ts";
import type { Inspect } from "../../protocol/channel.ts";
import { TestHost, until } from "../support/agent-host.ts";

let host: TestHost;
let count = 0;

beforeAll(async () => {
  host = await TestHost.start();
});
afterAll(async () => {
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

/** Asked again where no answer comes: a channel that is replaced takes the question with it. */
async function inspect(
  change: Partial<Inspect>,
  tries = 3,
): Promise<(typeof host.plane.inspected)[number]> {
  const id = `look-${++count}`;
  const asked = { type: "inspect", id, repo: "", branch: null, rootDir: ".", allowLocalRepo: true };
  host.plane.hostSocket?.send(JSON.stringify({ ...asked, ...change }));
  const answer = () => host.plane.inspected.find((one) => one.id === id);
  try {
    return await until("an answer", answer, 8_000);
  } catch (error) {
    if (tries === 1) throw error;
    return inspect(change, tries - 1);
  }
}

test("branches, the default one and commands are told, and nothing is left behind", async () => {
  const { repo } = host.repo({
    Procfile: "web: node web.js\nworker: node mailer.js --all\n",
    "package.json": JSON.stringify({ scripts: { start: "node x" }, dependencies: { a: "1" } }),
    "package-lock.json": "{}",
  });
  const git = (...args: string[]) => execFileSync("git", ["-C", repo, ...args]);
  git("branch", "next");
  const found = await inspect({ repo });
  expect(found).toMatchObject({
    readable: true,
    branches: ["main", "next"],
    defaultBranch: "main",
    reason: null,
    suggestions: [
      { source: "Procfile", startCommand: "node mailer.js --all", buildCommand: "npm ci" },
      { source: "package.json", startCommand: "npm start", buildCommand: "npm ci" },
    ],
  });
  const left = join(host.state, "inspect");
  await until("no files are left", () => !existsSync(left) || readdirSync(left).length === 0);
});

test("another branch and a root directory are looked into where they are named", async () => {
  const { repo } = host.repo({ "jobs/Procfile": "worker: ./run\n" });
  expect(await inspect({ repo, branch: "main", rootDir: "jobs" })).toMatchObject({
    suggestions: [{ source: "Procfile", startCommand: "./run", buildCommand: null }],
  });
  for (const change of [{ branch: "nope" }, { rootDir: "nope" }, { rootDir: "../.." }]) {
    const found = await inspect({ repo, ...change });
    expect(found).toMatchObject({ readable: true, suggestions: [] });
    expect(found.reason).toBeTruthy();
  }
});

test("what cannot or must not be read is answered with the reason", async () => {
  const { repo } = host.repo({ a: "a" });
  const refused: Partial<Inspect>[] = [
    { repo, allowLocalRepo: false },
    { repo: "/no/such/place" },
    { repo: "--upload-pack=touch /tmp/x" },
    { repo: "ext::sh -c id" },
    { repo: "http://127.0.0.1/x" },
  ];
  for (const change of refused) {
    const found = await inspect(change);
    expect(found).toMatchObject({ readable: false, branches: [], suggestions: [] });
    expect(found.reason?.length).toBeGreaterThan(10);
  }
});

describe("suggestions", () => {
  const of = (files: Record<string, string>) =>
    suggest({ names: new Set(Object.keys(files)), read: (name) => files[name] }).map(
      ({ source, startCommand, buildCommand }) => [source, startCommand, buildCommand],
    );
  const VENV = "python3 -m venv .venv && .venv/bin/pip install";
  const json = (value: object) => JSON.stringify(value);

  test.each([
    ["nothing", {}, []],
    ["a web-only Procfile", { Procfile: "web: x\nrelease: y\n" }, []],
    [
      "a Procfile with CRLF and several kinds",
      { Procfile: "# c\r\nclock: tick\r\nworker:   work --on  \r\n" },
      [
        ["Procfile", "work --on", null],
        ["Procfile", "tick", null],
      ],
    ],
    [
      "a package without dependencies",
      { "package.json": json({ main: "w.js" }) },
      [["package.json", "node w.js", null]],
    ],
    [
      "a package that is built by pnpm",
      {
        "package.json": json({ scripts: { build: "b", worker: "w" }, devDependencies: { a: "1" } }),
        "pnpm-lock.yaml": "",
      },
      [["package.json", "pnpm run worker", "pnpm install --frozen-lockfile && pnpm run build"]],
    ],
    ["a main that is an option", { "package.json": json({ main: "-e evil" }) }, []],
    [
      "a package that is no JSON",
      { "package.json": "{", "worker.js": "" },
      [["package.json", "node worker.js", null]],
    ],
    [
      "requirements",
      { "requirements.txt": "", "bot.py": "" },
      [["requirements.txt", ".venv/bin/python bot.py", `${VENV} -r requirements.txt`]],
    ],
    [
      "a project with a script",
      { "pyproject.toml": '[project]\nname = "x"\n[project.scripts]\nserve-mail = "m:main"\n' },
      [["pyproject.toml", ".venv/bin/serve-mail", `${VENV} .`]],
    ],
    [
      "a Gemfile",
      { Gemfile: 'gem "sidekiq"\n', "worker.rb": "" },
      [
        ["Gemfile", "bundle exec sidekiq", "bundle install"],
        ["Gemfile", "bundle exec ruby worker.rb", "bundle install"],
      ],
    ],
    [
      "a Go module",
      { "go.mod": "module x" },
      [["go.mod", "./coppice-worker", "go build -o coppice-worker ."]],
    ],
  ] as [string, Record<string, string>, unknown[]][])("from %s", (_, files, expected) => {
    expect(of(files)).toEqual(expected);
  });
});
