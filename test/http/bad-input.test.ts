// Bad input: the right status, code and field path, never a 5xx, nothing half-written.
import { beforeAll, describe, expect, it } from "vitest";
import { PROBLEMS, type ProblemCode } from "../../protocol/problems.ts";
import {
  type Ask,
  dumpD1,
  GOOD_WORKER,
  makeProject,
  makeWorker,
  makeWorld,
  type World,
} from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
let worker: Awaited<ReturnType<typeof makeWorker>>;

beforeAll(async () => {
  world = await makeWorld({ COPPICE_ALLOW_LOCAL_REPOS: "0" });
  project = await makeProject(world);
  worker = await makeWorker(world, project);
});

interface Row {
  readonly what: string;
  /** Below the project; the worker's own address stands for `{w}`. */
  readonly to: string;
  readonly ask: Ask;
  readonly status: number;
  readonly code: string;
  readonly paths?: readonly string[];
}

/** The paths in the order in which they are told; none where the place is not told. */
const bad = (what: string, to: string, ask: Ask, code: ProblemCode, ...paths: string[]): Row => ({
  what,
  to,
  ask,
  status: PROBLEMS[code].status,
  code,
  ...(paths.length > 0 ? { paths } : {}),
});

const create = (what: string, change: Record<string, unknown>, ...paths: string[]): Row =>
  bad(what, "/workers", { body: { ...GOOD_WORKER, ...change } }, "invalid_request", ...paths);
const json = { "content-type": "application/json" };

const ROWS: readonly Row[] = [
  create("an unknown field", { port: 8080 }, "port"),
  bad(
    "a field called __proto__",
    "/workers",
    {
      raw: `{"name":"a","repo":"https://a/b","startCommand":"x","__proto__":{"mode":"x"}}`,
      headers: json,
    },
    "invalid_request",
    "__proto__",
  ),
  bad(
    "a field called __proto__ in other letters, where a record would drop it",
    "/workers",
    {
      raw: `{"name":"a","repo":"https://a/b","startCommand":"x","env":{"\\u005f_proto__":"x"}}`,
      headers: json,
    },
    "invalid_request",
    "__proto__",
  ),
  create("two unknown fields", { port: 1, web: {} }, "port", "web"),
  create("a number as name", { name: 5 }, "name"),
  create("an empty name", { name: "" }, "name"),
  create("an upper-case name", { name: "Mailer" }, "name"),
  create("a name with a path in it", { name: "../etc" }, "name"),
  create("a name of 64 characters", { name: "a".repeat(64) }, "name"),
  create("a name like an id", { name: "wrk_00000000000000000000000000000000" }, "name"),
  create("a name with NUL", { name: "a\u0000b" }, "name"),
  create("no repository", { repo: undefined }, "repo"),
  create("no start command", { startCommand: undefined }, "startCommand"),
  create("a blank start command", { startCommand: "  " }, "startCommand"),
  create("a start command with NUL", { startCommand: "a\u0000b" }, "startCommand"),
  create(
    "a start command of 9,000 characters",
    { startCommand: "x".repeat(9_000) },
    "startCommand",
  ),
  create("a list as start command", { startCommand: ["node", "x"] }, "startCommand"),
  create("instances as text", { instances: "3" }, "instances"),
  create("half an instance", { instances: 1.5 }, "instances"),
  create("minus one instance", { instances: -1 }, "instances"),
  create("501 instances", { instances: 501 }, "instances"),
  create("1e308 instances", { instances: 1e308 }, "instances"),
  create("an unknown mode", { mode: "best" }, "mode"),
  create("SIGKILL as stop signal", { stopSignal: "SIGKILL" }, "stopSignal"),
  create("a grace of 0", { stopGraceMs: 0 }, "stopGraceMs"),
  create("a grace of a day", { stopGraceMs: 86_400_000 }, "stopGraceMs"),
  create("rootDir that climbs", { rootDir: "../secrets" }, "rootDir"),
  create("rootDir that climbs in the middle", { rootDir: "a/../../b" }, "rootDir"),
  create("an absolute rootDir", { rootDir: "/etc" }, "rootDir"),
  create("rootDir in .git", { rootDir: "x/.git/hooks" }, "rootDir"),
  create("rootDir with a backslash", { rootDir: "a\\..\\b" }, "rootDir"),
  create("rootDir with NUL", { rootDir: "a\u0000" }, "rootDir"),
  create("a repository that is an option", { repo: "--upload-pack=touch /tmp/x" }, "repo"),
  create("a repository that begins with -", { repo: "-u" }, "repo"),
  create("an ext:: repository", { repo: "ext::sh -c touch% /tmp/x" }, "repo"),
  create("an fd:: repository", { repo: "fd::17" }, "repo"),
  create("a git:// repository", { repo: "git://example.com/x" }, "repo"),
  create("an http:// repository", { repo: "http://example.com/x" }, "repo"),
  create("credentials in the address", { repo: "https://me:pw@example.com/x" }, "repo"),
  create("a token in the address", { repo: "https://ghp_x@example.com/x" }, "repo"),
  create("a password in ssh", { repo: "ssh://git:pw@example.com/x" }, "repo"),
  create("an ssh host that is an option", { repo: "ssh://-oProxyCommand=x/y" }, "repo"),
  create("a line break in the repository", { repo: "https://a/b\n--x" }, "repo"),
  create("a branch that is an option", { branch: "--force" }, "branch"),
  create("a branch with dots", { branch: "a..b" }, "branch"),
  create("a branch with @{", { branch: "a@{1}" }, "branch"),
  create("an environment that is a list", { env: ["A=1"] }, "env"),
  create("a number as value", { env: { A: 1 } }, "env.A"),
  create("a variable with a hyphen", { env: { "A-B": "x" } }, "env.A-B"),
  create("a variable of Coppice's own", { env: { COPPICE_SLOT: "x" } }, "env.COPPICE_SLOT"),
  create("a value with NUL", { env: { A: "x\u0000y" } }, "env.A"),
  create("a value of 70,000 bytes", { env: { A: "ä".repeat(35_000) } }, "env.A"),
  create("deploy as text", { deploy: "yes" }, "deploy"),
  create("an unknown mode", { mode: "twice" }, "mode"),
  create("memory of a kilobyte", { memoryBytes: 1_024 }, "memoryBytes"),
  create("no cores", { cpus: 0 }, "cpus"),
  create("a label that is none", { hosts: { "Disk!": "ssd" } }, "hosts.Disk!"),
  ...["/srv/repo", "file:///srv/repo"].map((repo) =>
    bad(
      `the local repository ${repo}`,
      "/workers",
      { body: { ...GOOD_WORKER, repo } },
      "local_repo_refused",
      "repo",
    ),
  ),
  bad("a list as body", "/workers", { body: [] }, "invalid_request", ""),
  bad("null as body", "/workers", { body: null }, "invalid_request", ""),
  bad("a text as body", "/workers", { body: "x" }, "invalid_request", ""),
  bad("broken JSON", "/workers", { raw: '{"name": ', headers: json }, "malformed_json"),
  bad("two JSON values", "/workers", { raw: "{} {}", headers: json }, "malformed_json"),
  bad("no body", "/workers", { method: "POST" }, "malformed_json"),
  bad(
    "bytes that are not UTF-8",
    "/workers",
    { raw: new Uint8Array([0x22, 0xff, 0x22]), headers: json },
    "malformed_json",
  ),
  bad(
    "100,000 open brackets",
    "/workers",
    { raw: "[".repeat(100_000), headers: json },
    "malformed_json",
  ),
  bad(
    "a deep nesting",
    "/workers",
    { raw: `${"[".repeat(5_000)}${"]".repeat(5_000)}`, headers: json },
    "invalid_request",
  ),
  bad(
    "a body of 2 MB",
    "/workers",
    { body: { ...GOOD_WORKER, startCommand: "x".repeat(2_000_000) } },
    "body_too_large",
  ),
  bad(
    "a body as a form",
    "/workers",
    { raw: "name=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
    "unsupported_media_type",
  ),
  bad(
    "JSON sent as text",
    "/workers",
    { raw: "{}", headers: { "content-type": "text/plain" } },
    "unsupported_media_type",
  ),
  bad(
    "JSON without a type",
    "/workers",
    { raw: new TextEncoder().encode("{}") },
    "unsupported_media_type",
  ),
  bad("a patch of nothing", "{w}", { method: "PATCH", body: {} }, "invalid_request", ""),
  bad(
    "a patch of `wanted`",
    "{w}",
    { method: "PATCH", body: { wanted: "deleted" } },
    "invalid_request",
    "wanted",
  ),
  bad("a patch of `env`", "{w}", { method: "PATCH", body: { env: {} } }, "invalid_request", "env"),
  bad(
    "a patch to a local repository",
    "{w}",
    { method: "PATCH", body: { repo: "/srv/x" } },
    "local_repo_refused",
    "repo",
  ),
  bad(
    "If-Match that is no ETag",
    "{w}",
    { method: "PATCH", body: { instances: 2 }, headers: { "if-match": "7" } },
    "invalid_request",
    "If-Match",
  ),
  bad(
    "If-Match of another version",
    "{w}",
    { method: "PATCH", body: { instances: 2 }, headers: { "if-match": '"7"' } },
    "precondition_failed",
  ),
  bad("a wrong cursor", "/workers?cursor=zzz", {}, "invalid_request", "cursor"),
  bad(
    "another list's cursor",
    `/workers?cursor=${btoa(`hst_${"0".repeat(32)}`).replaceAll("=", "")}`,
    {},
    "invalid_request",
    "cursor",
  ),
  bad("a wrong cursor of crashes", "{w}/crashes?cursor=x", {}, "invalid_request", "cursor"),
  bad("a wrong cursor of deploys", "{w}/deploys?cursor=-1", {}, "invalid_request", "cursor"),
  bad("a cursor of logs for events", "{w}/events?cursor=5.3", {}, "invalid_request", "cursor"),
  bad("a wrong cursor of logs", "{w}/logs?cursor=1.2.3", {}, "invalid_request", "cursor"),
  bad(
    "a wrong cursor to follow from",
    "{w}/logs?follow=1&cursor=x",
    {},
    "invalid_request",
    "cursor",
  ),
  bad("a limit of 0", "/workers?limit=0", {}, "invalid_request", "limit"),
  bad("a limit of 201", "/workers?limit=201", {}, "invalid_request", "limit"),
  bad("a limit that is no number", "/hosts?limit=x", {}, "invalid_request", "limit"),
  bad("a log stream that there is not", "{w}/logs?stream=x", {}, "invalid_request", "stream"),
  bad("a time that is none", "{w}/logs?since=yesterday", {}, "invalid_request", "since"),
  bad("a deploy number that is none", "{w}/deploys/x", {}, "invalid_request", "number"),
  bad("a deploy that there is not", "{w}/deploys/99", {}, "not_found"),
  bad(
    "a ref that is an option",
    "{w}/deploys",
    { body: { ref: "--upload-pack=x" } },
    "invalid_request",
    "ref",
  ),
  bad("an empty ref", "{w}/deploys", { body: { ref: "" } }, "invalid_request", "ref"),
  bad(
    "an unknown field of a deploy",
    "{w}/deploys",
    { body: { commit: "x" } },
    "invalid_request",
    "commit",
  ),
  bad("variables without set or dotenv", "{w}/env", { method: "PUT", body: {} }, "invalid_request"),
  bad(
    "set and dotenv at once",
    "{w}/env",
    { method: "PUT", body: { set: {}, dotenv: "" } },
    "invalid_request",
  ),
  bad(
    "a number as value to set",
    "{w}/env",
    { method: "PUT", body: { set: { A: 1 } } },
    "invalid_request",
    "set.A",
  ),
  bad(
    "a bad name to set",
    "{w}/env",
    { method: "PUT", body: { set: { "1A": "x" } } },
    "invalid_request",
    "set.1A",
  ),
  bad(
    "Coppice's own name in dotenv",
    "{w}/env",
    { method: "PUT", body: { dotenv: "COPPICE_X=1" } },
    "invalid_request",
    "dotenv.COPPICE_X",
  ),
  bad(
    "501 variables",
    "{w}/env",
    {
      method: "PUT",
      body: { set: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`V${i}`, "x"])) },
    },
    "invalid_request",
    "set",
  ),
  bad(
    "a token for the operator's role",
    "/tokens",
    { body: { name: "x", role: "operator" } },
    "invalid_request",
    "role",
  ),
  bad(
    "a token called coppice",
    "/tokens",
    { body: { name: "Coppice", role: "viewer" } },
    "invalid_request",
    "name",
  ),
  bad(
    "a token that lives 10 s",
    "/tokens",
    { body: { name: "x", role: "viewer", expiresInS: 10 } },
    "invalid_request",
    "expiresInS",
  ),
  bad("a token id that there is not", "/tokens/tok_x", { method: "DELETE" }, "not_found"),
  bad("a host that there is not", "/hosts/web-1", {}, "not_found"),
  bad(
    "an Idempotency-Key of 300 characters",
    "/workers",
    { body: GOOD_WORKER, headers: { "idempotency-key": "k".repeat(300) } },
    "invalid_request",
    "idempotency-key",
  ),
  bad("PUT on a list", "/workers", { method: "PUT", body: {} }, "method_not_allowed"),
  bad(
    "OPTIONS from another origin",
    "/workers",
    { method: "OPTIONS", headers: { origin: "https://evil.test" } },
    "method_not_allowed",
  ),
  bad("an address that there is not", "/workerz", {}, "not_found"),
  bad("a worker that there is not", "/workers/nobody", {}, "not_found"),
  bad("a worker with a path in its name", "/workers/..%2f..%2fetc", {}, "not_found"),
  bad("a worker with NUL in its name", "/workers/a%00b", {}, "not_found"),
  bad("a worker with a broken escape", "/workers/%zz", {}, "not_found"),
  bad("a worker with quotes in its name", "/workers/'%20OR%201=1--", {}, "not_found"),
];

describe("bad input is refused with the place of the fault, and leaves nothing behind", () => {
  it.each(ROWS)("$what", async ({ to, ask, status, code, paths }) => {
    const address = to.startsWith("{w}") ? worker.path + to.slice(3) : project.path + to;
    const before = await dumpD1(world.env.DB);
    const told = world.worker(worker.id).applied.length;
    const answer = await world.problem(address, ask);
    expect(answer.text).toContain(code);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({
      code,
      status,
      requestId: answer.headers.get("x-request-id"),
    });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    if (paths) expect(answer.body.errors?.map(({ path }) => path)).toEqual(paths);
    expect(await dumpD1(world.env.DB)).toBe(before);
    expect(world.worker(worker.id).applied.length).toBe(told);
  });
});

describe("what nobody expected", () => {
  it("says no more than its request id", async () => {
    const broken = await makeWorld({
      DB: {
        prepare: () => {
          throw new Error("secret detail");
        },
        batch: () => {
          throw new Error("secret detail");
        },
      } as unknown as D1Database,
    });
    const answer = await broken.problem(project.path);
    expect(answer.status).toBe(404);
    const inside = await broken.problem(`${project.path}/workers`);
    expect(inside.status).toBe(500);
    expect(inside.body.code).toBe("internal");
    expect(inside.text).not.toContain("secret detail");
    const health = await broken.problem("/healthz", { token: null });
    expect(health).toMatchObject({ status: 503, body: { code: "unavailable" } });
  });

  it("a name that is taken is a conflict, for projects and workers", async () => {
    const again = await world.problem("/v1/projects", { body: { name: project.name } });
    expect(again).toMatchObject({ status: 409, body: { code: "name_taken" } });
    const twin = { ...GOOD_WORKER, name: worker.name };
    const second = await world.problem(`${project.path}/workers`, { body: twin });
    expect(second).toMatchObject({ status: 409, body: { code: "name_taken" } });
    const other = await makeWorker(world, project);
    const renamed = await world.problem(other.path, {
      method: "PATCH",
      body: { name: worker.name },
    });
    expect(renamed).toMatchObject({ status: 409, body: { code: "name_taken" } });
    const kept = await world.ask(other.path);
    expect(kept.body).toMatchObject({ name: other.name, specVersion: 1 });
  });
});
