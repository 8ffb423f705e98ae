// Whom programs and builds run as: which user where, and on a real host, that one can't harm or read the other.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { giveTo, openFor } from "../../agent/users/owner.ts";
import { choosePair, FIRST_UID, type Standpoint, whyOwnUser } from "../../agent/users/verdict.ts";
import { INSTANCE, TestHost, until } from "../support/agent-host.ts";

const ROOT: Standpoint = {
  uid: 0,
  uidMap: "         0          0 4294967295\n",
  capabilities: "000001ffffffffff",
  closed: null,
};

describe("which user", () => {
  test.each([
    ["root, with a way to its directory", {}, null],
    ["somebody", { uid: 1_000 }, /not run as root/],
    ["root without the right to become others", { capabilities: "0000000000000021" }, /CAP_SETGID/],
    ["root of a container with few users", { uidMap: "0 100000 1000\n" }, /58000 to 58999/],
    ["root whose directory lies in a closed one", { closed: "/root" }, /\/root is closed/],
  ] as const)("%s", (_name, change, why) => {
    const said = whyOwnUser({ ...ROOT, ...change });
    if (why === null) expect(said).toBeNull();
    else expect(said).toMatch(why);
  });

  test("a pair is free, the project's own by its hash, and null once there is none", () => {
    const first = choosePair(7, new Set());
    expect(first?.program.uid).toBe(FIRST_UID + 14);
    expect(first?.build.uid).toBe(FIRST_UID + 15);
    // One of both taken is enough to pass it over.
    expect(choosePair(7, new Set([FIRST_UID + 15]))?.program.uid).toBe(FIRST_UID + 16);
    expect(choosePair(499, new Set([FIRST_UID + 998]))?.program.uid).toBe(FIRST_UID);
    const all = new Set(Array.from({ length: 1_000 }, (_, at) => FIRST_UID + at));
    expect(choosePair(0, all)).toBeNull();
  });
});

describe.skipIf(process.getuid?.() !== 0)("on a host whose agent is root", () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await TestHost.start(undefined, { dirMode: 0o711 });
  });
  afterAll(async () => {
    expect(host.plane.faults).toEqual([]);
    await host.stop();
  });

  const output = () => host.worker.text({ instanceId: INSTANCE });

  test("a program has a user and a HOME of its own, may read its release and change nothing of it, and reads nothing else", async () => {
    await host.runScript(
      [
        'echo "user $(id -u) groups $(id -G)"',
        'touch "$HOME/mine" && echo "home is mine"',
        "touch here 2>/dev/null || echo 'the release is not'",
        `cat ${host.state}/agent.json ${host.state}/users.json ${host.state}/instances/*/* 2>/dev/null || echo 'nothing else'`,
        `ls ${host.state} 2>/dev/null || echo 'not even names'`,
        "while :; do sleep 0.2; done",
      ].join("\n"),
    );
    await until("it said all", () => output().includes("not even names"));
    const users = JSON.parse(readFileSync(join(host.state, "users.json"), "utf8"));
    const [{ program, build }] = Object.values(users) as {
      program: { uid: number };
      build: { uid: number };
    }[] as [never];
    const { uid } = program as { uid: number };
    expect(uid).toBeGreaterThanOrEqual(FIRST_UID);
    expect((build as { uid: number }).uid).toBe(uid + 1);
    expect(output().split("\n").slice(0, 5)).toEqual([
      `user ${uid} groups ${uid}`,
      "home is mine",
      "the release is not",
      "nothing else",
      "not even names",
    ]);
    expect(statSync(join(host.state, "homes/wrk_1")).uid).toBe(uid);
    expect(host.plane.hellos.at(-1)?.facts.holds).toMatchObject({
      user: "project",
      openFiles: "rlimit",
    });
  });

  test("a build is another user: it can't end the program; what it leaves is root's, and its daemons end with it", async () => {
    const pid = host.worker.report?.instances[0]?.pid ?? 0;
    const { repo } = host.repo({ "a.txt": "a" });
    const before = JSON.parse(readFileSync(join(host.state, "users.json"), "utf8"));
    const buildCommand = [
      "id -u > who.txt",
      "umask 077; echo x > closed.txt; cp /bin/true tool; chmod 6755 tool; chmod 0777 .",
      'echo cached >> "$HOME/cache.txt"',
      `kill -9 ${pid} 2>/dev/null || echo "can not end it"`,
      `setsid env -i sleep ${5_000 + process.pid} & sleep 0.2`,
    ].join("; ");
    const report = await host.builds(host.build({ repo, buildCommand, deployId: "dep_users" }));
    expect(report.outcome).toMatchObject({ kind: "succeeded" });
    const [{ program, build }] = Object.values(before) as [
      { program: { gid: number }; build: { uid: number } },
    ];
    const releases = join(host.state, "releases");
    const tree = readdirSync(releases)
      .map((key) => join(releases, key, "tree"))
      .find((dir) => existsSync(join(dir, "who.txt")))!;
    expect(readFileSync(join(tree, "who.txt"), "utf8").trim()).toBe(String(build.uid));
    for (const name of ["", "who.txt", "closed.txt", "tool"]) {
      const { uid, gid, mode } = statSync(join(tree, name));
      expect([name, uid, gid, mode & 0o7027]).toEqual([name, 0, program.gid, 0]);
      expect(mode & 0o040).toBe(0o040);
    }
    expect(sleeping(5_000 + process.pid)).toBe(0);
    // The next build finds the caches of this one.
    await host.builds(
      host.build({ repo, buildCommand: `${buildCommand}; true`, deployId: "dep_2" }),
    );
    expect(readFileSync(join(host.state, "cache/wrk_1/cache.txt"), "utf8")).toBe(
      "cached\ncached\n",
    );
    expect(host.worker.report?.instances[0]).toMatchObject({ pid, attempt: 1 });
  });

  test("what a build links into the release stays its cache's: the next build reads it, and the release has files of its own", async () => {
    const { repo } = host.repo({ "a.txt": "a" });
    const buildCommand =
      '[ -e "$HOME/kept" ] || (umask 077; echo kept > "$HOME/kept"; ln "$HOME/kept" "$HOME/twin"; touch -d @1000000000 "$HOME/kept"); ln "$HOME/kept" linked; cat linked';
    const first = await host.builds(host.build({ repo, buildCommand, deployId: "dep_link" }));
    expect(first.outcome).toMatchObject({ kind: "succeeded" });
    const { users, trees } = lookAt(host.state);
    const cache = statSync(join(host.state, "cache/wrk_1/kept"));
    expect([cache.uid, cache.gid, cache.nlink]).toEqual([users.build.uid, users.build.gid, 2]);
    const again = { repo, buildCommand: `${buildCommand}; true`, deployId: "dep_link_2" };
    const second = await host.builds(host.build(again));
    expect(second.outcome).toMatchObject({ kind: "succeeded" });
    const linked = trees().filter((tree) => existsSync(join(tree, "linked")));
    expect(linked).toHaveLength(2);
    for (const tree of linked) {
      const { uid, gid, nlink, mode, mtimeMs } = statSync(join(tree, "linked"));
      expect([uid, gid, nlink, mode & 0o777]).toEqual([0, users.program.gid, 1, 0o640]);
      // Python takes what it compiled for stale where the time differs.
      expect(mtimeMs).toBe(1_000_000_000_000);
      expect(readFileSync(join(tree, "linked"), "utf8")).toBe("kept\n");
    }
  });

  test.each([
    ["built", "echo x > made"],
    ["without a build command", null],
  ])(
    "a release %s is as it was sealed once a program runs from it: nothing of it is read again",
    async (_, buildCommand) => {
      const script = "while :; do sleep 0.2; done";
      const { repo, commit } = host.repo({ "run.sh": script, "sub/b.txt": String(buildCommand) });
      const built = {
        repo,
        buildCommand,
        deployId: `dep_seal_${buildCommand}`.replaceAll(/\W/g, "_"),
      };
      expect((await host.builds(host.build(built))).outcome).toMatchObject({ kind: "succeeded" });
      const { trees } = lookAt(host.state);
      const isIt = (tree: string) =>
        existsSync(join(tree, "sub/b.txt")) &&
        readFileSync(join(tree, "sub/b.txt"), "utf8") === String(buildCommand);
      const tree = trees().find(isIt) ?? "";
      const instanceId = `${INSTANCE}_${built.deployId}`;
      host.worker.want({
        releases: [
          host.release({
            number: 7,
            ...{ repo, commit },
            source: { repo, commit, rootDir: ".", buildCommand },
          }),
        ],
        run: [{ instanceId, slot: 0, generation: 2, release: 7 }],
      });
      await host.reported((r) =>
        r.instances.some((one) => one.instanceId === instanceId && one.pid !== null),
      );
      const { entries, changed } = JSON.parse(readFileSync(join(tree, "../seal.json"), "utf8"));
      const now = entries.map(({ path }: { path: string }) =>
        String(lstatSync(join(tree, path), { bigint: true }).ctimeNs),
      );
      expect(now.length).toBeGreaterThan(2);
      expect(now).toEqual(changed);
    },
  );

  test("a file in the tree that is somebody else's is named, and left as it is", async () => {
    const tree = join(host.dir, "foreign");
    mkdirSync(join(tree, "sub"), { recursive: true });
    chmodSync(tree, 0o700);
    const theirs = join(host.dir, "theirs");
    writeFileSync(theirs, "secret", { mode: 0o600 });
    const build = { uid: FIRST_UID + 901, gid: FIRST_UID + 901 };
    await giveTo(tree, build);
    linkSync(theirs, join(tree, "sub/link"));
    expect(await openFor(tree, 58_900, { from: build })).toBe(join(tree, "sub/link"));
    const { uid, gid, nlink, mode } = statSync(theirs);
    expect([uid, gid, nlink, mode & 0o777]).toEqual([0, 0, 2, 0o600]);
  });

  test("a build at its deadline ends whole, daemons without session and environment too", async () => {
    const { repo } = host.repo({ "a.txt": "a" });
    const seconds = 6_000 + process.pid;
    const buildCommand = `setsid env -i sleep ${seconds} & setsid sh -c 'setsid env -i sleep ${seconds} & exec env -i sleep ${seconds}' & sleep 1000`;
    const build = host.build({ repo, buildCommand, deployId: "dep_late", deadlineMs: 1_500 });
    const report = await host.builds(build);
    expect(report.outcome).toMatchObject({ kind: "failed", reason: "build_timeout" });
    await until("all of it is gone", () => sleeping(seconds) === 0);
  });

  test("a directory that is closed again by whoever starts the keeper is opened again", async () => {
    chmodSync(host.state, 0o700);
    host.keeper?.kill("SIGKILL");
    host.startKeeper();
    await until("others may pass", () => (statSync(host.state).mode & 0o777) === 0o711);
  });
});

interface Pair {
  readonly program: { readonly uid: number; readonly gid: number };
  readonly build: { readonly uid: number; readonly gid: number };
}

/** The numbers of the one project, and where the trees of its releases are. */
function lookAt(state: string): { readonly users: Pair; readonly trees: () => string[] } {
  const noted = JSON.parse(readFileSync(join(state, "users.json"), "utf8")) as Record<string, Pair>;
  const releases = join(state, "releases");
  const trees = () => readdirSync(releases).map((key) => join(releases, key, "tree"));
  return { users: Object.values(noted)[0]!, trees };
}

function sleeping(seconds: number): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  }).length;
}
