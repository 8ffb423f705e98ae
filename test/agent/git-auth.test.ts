// Private repositories: a real git over real TLS with a password, and an ssh that looks at what it is given. What opens
// them is seen by nobody else, and gone afterwards.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAuth } from "../../agent/artifacts/git-auth.ts";
import { TestHost } from "../support/agent-host.ts";

const TOKEN = "ghp_planted-secret-token";
const KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted-secret-key\n-----END OPENSSH PRIVATE KEY-----\n";

let host: TestHost;
let server: Server;
let repo: string;
let bare: string;
let tools: string;
let number = 0;
/** The Authorization of each request. */
const heard: (string | undefined)[] = [];
let redirectTo: string | null = null;

/** Git's own server, behind TLS and a password. */
async function serve(dir: string): Promise<Server> {
  const [key, cert] = [join(dir, "tls.key"), join(dir, "tls.crt")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
  execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const made2 = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      const { authorization } = request.headers;
      heard.push(authorization);
      if (redirectTo !== null) {
        response.writeHead(302, { location: `${redirectTo}${request.url}` });
        response.end();
        return;
      }
      const wanted = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`;
      if (authorization !== wanted) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="git"' });
        response.end();
        return;
      }
      const url = new URL(request.url ?? "/", "https://localhost");
      const backend = spawn(
        join(execFileSync("git", ["--exec-path"]).toString().trim(), "git-http-backend"),
        [],
        {
          env: {
            PATH: process.env.PATH,
            GIT_PROJECT_ROOT: dir,
            GIT_HTTP_EXPORT_ALL: "1",
            GIT_CONFIG_COUNT: "1",
            GIT_CONFIG_KEY_0: "safe.directory",
            GIT_CONFIG_VALUE_0: "*",
            PATH_INFO: url.pathname,
            QUERY_STRING: url.search.slice(1),
            REQUEST_METHOD: request.method,
            CONTENT_TYPE: request.headers["content-type"] ?? "",
            HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
            HTTP_GIT_PROTOCOL: request.headers["git-protocol"]?.toString() ?? "",
          },
          stdio: ["pipe", "pipe", "ignore"],
        },
      );
      request.pipe(backend.stdin);
      const chunks: Buffer[] = [];
      backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      backend.on("close", () => {
        const all = Buffer.concat(chunks);
        const border = all.indexOf("\r\n\r\n");
        const lines = all.subarray(0, border).toString().split("\r\n");
        const headers = Object.fromEntries(
          lines.map((line) => line.split(": ", 2) as [string, string]),
        );
        response.writeHead(Number.parseInt(headers.Status ?? "200", 10), headers);
        response.end(all.subarray(border + 4));
      });
    },
  );
  await new Promise<void>((resolve) => made2.listen(0, "127.0.0.1", resolve));
  return made2;
}

beforeAll(async () => {
  host = await TestHost.start();
  const { repo: work } = host.repo({ "a.txt": "private" });
  bare = join(host.dir, "served/private.git");
  mkdirSync(join(host.dir, "served"));
  execFileSync("git", ["clone", "--quiet", "--bare", work, bare]);
  server = await serve(join(host.dir, "served"));
  repo = `https://localhost:${(server.address() as AddressInfo).port}/private.git`;
  // Git as it is, but for believing the test's certificate; and an ssh that is none.
  tools = join(host.dir, "tools");
  mkdirSync(tools);
  const script = (name: string, text: string) => {
    writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(tools, name), 0o755);
  };
  const git = execFileSync("which", ["git"]).toString().trim();
  script(
    "git",
    `tr '\\0' '\\n' < /proc/$$/environ >> ${host.dir}/environ; echo "git $*" >> ${host.dir}/argv\nGIT_SSL_CAINFO=${host.dir}/served/tls.crt exec ${git} "$@"`,
  );
  script(
    "ssh",
    `echo "ssh $*" >> ${host.dir}/argv
while [ $# -gt 0 ]; do case $1 in -i) key=$2; shift 2;; -o) shift 2;; -F) shift 2;; *) break;; esac; done
stat -c '%a' "$key" > ${host.dir}/key-mode; cat "$key" > ${host.dir}/key-seen
shift; exec ${git}-upload-pack ${bare}`,
  );
  await host.killAgent();
  const before = process.env.PATH;
  process.env.PATH = `${tools}${delimiter}${before}`;
  host.startAgent();
  process.env.PATH = before;
});
afterAll(async () => {
  server?.close();
  await host?.stop();
});

const build = (change: object) =>
  host.builds(host.build({ repo, deployId: `auth_${++number}`, ...change }));

/** All that is on the host's disk and in its log, searched for a secret. */
function holders(secret: string): string[] {
  const files = readdirSync(host.state, { recursive: true, encoding: "utf8" })
    .map((name) => join(host.state, name))
    .filter((path) => statSync(path).isFile());
  const found = files.filter((path) => readFileSync(path).includes(secret));
  const told = [host.log, JSON.stringify(host.worker.reports), host.worker.text()];
  return [...found, ...told.filter((text) => text.includes(secret)).map(() => "told")];
}

test("a token opens it over https: for git alone, nowhere else, and gone afterwards", async () => {
  const git = { kind: "token", username: "x-access-token", token: TOKEN } as const;
  const buildCommand =
    'env; cat .git/config; ls -R "$(dirname "$(dirname "$HOME")")/git-auth" 2>&1 || true';
  const { outcome } = await build({ git, buildCommand });
  expect(outcome).toMatchObject({ kind: "succeeded" });
  expect(heard.at(-1)).toMatch(/^Basic /);
  expect(holders(TOKEN)).toEqual([]);
  for (const name of ["argv", "environ"])
    expect(readFileSync(join(host.dir, name), "utf8")).not.toContain(TOKEN);
  expect(readdirSync(join(host.state, "git-auth"))).toEqual([]);
});

test.each([
  ["written large", (url: string) => url.replace("localhost", "LocalHost")],
  ["with zeros before its port", (url: string) => url.replace("localhost:", "localhost:00")],
])("its own host is known %s", async (_, write) => {
  const git = { kind: "token", username: "x-access-token", token: TOKEN } as const;
  const { outcome } = await build({ repo: write(repo), git });
  expect(outcome).toMatchObject({ kind: "succeeded" });
});

test("without one, or with a wrong one, the build fails with what to do", async () => {
  const none = await build({});
  expect(none.outcome).toMatchObject({ kind: "failed", reason: "repo_unreachable" });
  expect(JSON.stringify(none.outcome)).toContain("coppice repo auth");
  const git = { kind: "token", username: "x-access-token", token: "wrong-secret" } as const;
  const wrong = await build({ git });
  expect(JSON.stringify(wrong.outcome)).toContain("did not open it");
  expect(holders("wrong-secret")).toEqual([]);
});

test("another host that the repository's redirects to is not given the token", async () => {
  const thief = await serveThief();
  redirectTo = thief.url;
  const git = { kind: "token", username: "x-access-token", token: TOKEN } as const;
  const { outcome } = await build({ git });
  redirectTo = null;
  expect(outcome).toMatchObject({ kind: "failed", reason: "repo_unreachable" });
  expect(thief.heard.length).toBeGreaterThan(0);
  expect(thief.heard.filter((one) => one !== undefined)).toEqual([]);
  thief.close();
});

test.each([
  ["https://GitHub.com/a/b.git", "'https://GitHub.com'", true],
  ["https://github.com:443/a/b.git", "'https://github.com:443'", true],
  ["https://github.com:443/a/b.git", "'https://x@github.com:443'", true],
  ["https://github.com:443", "'https://github.com'", true],
  ["https://github.com/a/b.git", "'https://github.com:444'", false],
  ["https://github.com/a/b.git", "'https://github.com.example.org'", false],
  ["https://github.com/a/b.git", "'https://example.org'", false],
  ["https://github.com/a/b.git", "'http://github.com'", false],
])("%s: asked for %s it answers: %s", (address, asked, answers) => {
  const git = { kind: "token", username: "me", token: TOKEN } as const;
  const auth = openAuth(host.state, address, git);
  const askpass = auth.env.GIT_ASKPASS ?? "";
  const ask = (what: string) => spawnSync(askpass, [`${what} for ${asked}: `]).stdout.toString();
  const said = [ask("Username"), ask("Password")];
  auth.close();
  expect(said).toEqual(answers ? ["me", TOKEN] : ["", ""]);
});

test("a deploy key is handed to ssh in a file that only its owner reads, and believes the named servers only", async () => {
  const git = {
    kind: "ssh_key",
    privateKey: KEY,
    knownHosts: "example.org ssh-ed25519 AAAA",
  } as const;
  const { outcome } = await build({ repo: "ssh://git@example.org/private.git", git });
  expect(outcome).toMatchObject({ kind: "succeeded" });
  expect(readFileSync(join(host.dir, "key-mode"), "utf8").trim()).toBe("600");
  expect(readFileSync(join(host.dir, "key-seen"), "utf8")).toBe(KEY);
  const argv = readFileSync(join(host.dir, "argv"), "utf8");
  expect(argv).toMatch(/StrictHostKeyChecking=yes/);
  expect(argv).toMatch(/IdentitiesOnly=yes/);
  expect(argv).not.toContain("planted-secret-key");
  expect(holders("planted-secret-key")).toEqual([]);
  expect(readdirSync(join(host.state, "git-auth"))).toEqual([]);
});

test("an agent that was killed while it held one leaves nothing for long", async () => {
  const left = join(host.state, "git-auth/auth-left");
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, "token"), TOKEN);
  await host.killAgent();
  host.startAgent();
  await expect.poll(() => existsSync(left), { timeout: 10_000 }).toBe(false);
});

async function serveThief() {
  const [key, cert] = ["tls.key", "tls.crt"].map((name) =>
    readFileSync(join(host.dir, "served", name)),
  );
  const stolen: (string | undefined)[] = [];
  const thief = createServer({ key: key!, cert: cert! }, (request, response) => {
    stolen.push(request.headers.authorization);
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' });
    response.end();
  });
  await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
  const url = `https://localhost:${(thief.address() as AddressInfo).port}`;
  return { url, heard: stolen, close: () => thief.close() };
}
