// The commands that take hosts out of use and back: what they ask for, what they say, how they end; and a drain that is
// followed to its end, of each kind.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { standingOf } from "../../cli/watch/standing.ts";
import { FakeControlPlane } from "./fake.ts";
import { at, cli, type RunOptions } from "./run.ts";
import { AT, host, instance, worker } from "./views.ts";

const ELSEWHERE = { id: "hst_other", name: "web-2" };
const HERE = host().id;

let plane: FakeControlPlane;
beforeEach(async () => {
  plane = await new FakeControlPlane().start();
  plane.hosts = [host({ used: 1 }), host({ ...ELSEWHERE, used: 0 })];
});
afterEach(() => plane.stop());

const coppice = (args: string, options: RunOptions = {}) =>
  cli(args.split(" "), { ...options, env: at(plane.url) });
const [SUCCESSOR, LATER] = ["ins_next", "ins_later"].map((id, index) => ({
  ...{ id, generation: 2 + index, hostId: null, pid: null, startedAt: null },
}));
const path = (end: string) => `/v1/projects/shop/hosts${end}`;
const emptied = () => {
  const [first] = plane.hosts;
  if (first) first.used = 0;
};

describe("the list", () => {
  test("says how each does, what may go there and how much is taken", async () => {
    plane.hosts = [
      host({
        ...{ used: 2, region: "eu", labels: { disk: "ssd" } },
        ...{ heldMemoryBytes: 805_306_368, heldCpus: 0.5 },
        capacity: { slots: 10, memoryBytes: 8_333_000_704, cpus: 4 },
      }),
      host({ ...ELSEWHERE, used: 0, cordoned: true }),
      host({ id: "3", name: "web-3", cordoned: true, drainUntil: "2026-11-23T10:08:05.000Z" }),
      host({ id: "4", name: "web-4", used: 0, cordoned: true, drainUntil: AT }),
    ];
    const { code, stdout, stderr } = await coppice("hosts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^HOST +STATE +REGION +SLOTS +MEMORY +CPUS +AGENT +LABELS/);
    expect(rows[0]).toMatch(/^web-1 +● online +eu +2\/10 +768M\/7.8G +0.5\/4 +0.1.0 +disk=ssd/);
    expect(rows[1]).toMatch(/● online, cordoned /);
    expect(rows[2]).toMatch(/● online, draining \(8 min left\) /);
    expect(rows[3]).toMatch(/● online, drained /);
  });

  test("says when replacement is frozen, and what goes on with it", async () => {
    const lost = { status: "lost", frozen: { gone: 2, of: 4 } } as const;
    plane.hosts = [host(), host({ ...ELSEWHERE, ...lost })];
    const { stdout, stderr } = await coppice("hosts");
    expect(stdout).toMatch(/web-2 +● lost .*what it ran is not replaced/);
    expect(stderr).toContain("2 of 4 hosts were lost at once");
    expect(stderr).toContain("coppice hosts thaw");
  });

  test("fits a terminal of 80 columns", async () => {
    plane.hosts = [
      host({ region: "eu", labels: { disk: "ssd", build: "yes" }, cordoned: true }),
      host({ ...ELSEWHERE, drainUntil: "2026-11-23T10:08:05.000Z" }),
    ];
    const { stdout } = await coppice("hosts", { tty: true, columns: 80 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour codes
    const lines = stdout.replace(/\u001b\[\d+m/g, "").split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("cordon and uncordon", () => {
  test("ask for it, and say what stays and how it is undone", async () => {
    const cordoned = await coppice("hosts cordon web-1");
    expect(cordoned).toMatchObject({ code: 0, stdout: "web-1  cordoned  1 instance stays\n" });
    expect(cordoned.stderr).toContain("coppice hosts uncordon web-1");
    const back = await coppice("hosts uncordon web-1");
    expect(back).toMatchObject({ code: 0, stdout: "web-1  takes instances again\n", stderr: "" });
    expect(plane.changes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST ${path(`/${HERE}/cordon`)}`,
      `DELETE ${path(`/${HERE}/cordon`)}`,
    ]);
  });

  test("uncordon says that a drain goes on", async () => {
    await coppice("hosts drain web-1 --no-wait");
    const { stdout, stderr } = await coppice("hosts uncordon web-1");
    expect(stdout).toBe("web-1  draining\n");
    expect(stderr).toContain("coppice hosts undrain web-1");
    expect((await coppice("hosts undrain web-1")).stdout).toBe("web-1  takes instances again\n");
  });

  test.each(["cordon", "uncordon", "drain", "undrain", "rm"])(
    "%s of a host that is not there is 3, with the nearest; nothing is changed",
    async (verb) => {
      const { code, stderr } = await coppice(`hosts ${verb} wbe-1`);
      expect(code).toBe(3);
      expect(stderr).toContain("There is no host `wbe-1`. Did you mean `web-1`?");
      expect(plane.changes).toEqual([]);
    },
  );

  test.each([
    ["cordon web-1", "POST", "cordon"],
    ["uncordon web-1", "DELETE", "cordon"],
    ["drain web-1", "POST", "drain"],
    ["undrain web-1", "DELETE", "drain"],
    ["rm web-1 --confirm web-1", "DELETE", ""],
  ])("%s without the right is 4", async (args, method, verb) => {
    plane.fail(`${method} ${path(`/${HERE}${verb && `/${verb}`}`)}`, "forbidden");
    expect((await coppice(`hosts ${args}`)).code).toBe(4);
  });
});

describe("drain", () => {
  test("follows until the host is empty: what moved, what waits and why; ends with 0", async () => {
    plane.hostNews.push(
      () => plane.instances.push(instance({ ...SUCCESSOR, state: "pending" })),
      () => {
        plane.instances[1] = instance({
          ...SUCCESSOR,
          ...{ state: "pending", detail: "no host has room" },
        });
      },
      () => {
        plane.instances[1] = instance({ ...SUCCESSOR, hostId: ELSEWHERE.id, state: "running" });
      },
      () => {
        plane.instances = [instance({ ...SUCCESSOR, hostId: ELSEWHERE.id })];
        emptied();
      },
    );
    const { code, stdout, stderr } = await coppice("hosts drain web-1");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "web-1  drained  1 moved\n" });
    const places = [
      /web-1 {2}1 instance left {2}10 min to the deadline\n {2}mailer\.0 {2}waits: looks for a host with room/,
      /mailer\.0 {2}waits: no host has room/,
      /mailer\.0 {2}its successor on web-2: running/,
      /1 instance moved\. It takes nothing until: coppice hosts undrain web-1/,
    ].map((words) => stderr.search(words));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThanOrEqual(0);
    expect(plane.changes[0]?.body).toEqual({ deadlineMs: 600_000 });
  });

  test("a host on which nothing runs is drained at once", async () => {
    plane.instances = [];
    emptied();
    const { code, stdout, stderr } = await coppice("hosts drain web-1 --deadline 1h");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "web-1  drained  0 moved\n" });
    expect(stderr).toContain("Nothing ran there");
    expect(plane.changes[0]?.body).toEqual({ deadlineMs: 3_600_000 });
  });

  test("what was left at the deadline is named with its reason, and it ends with 1", async () => {
    plane.instances = [
      instance(),
      instance({ ...SUCCESSOR, state: "pending", detail: "all hosts are cordoned" }),
    ];
    plane.hostNews.push(
      () => {},
      () => {
        plane.instances[0] = instance({ state: "stopping" });
      },
      emptied,
    );
    const ran = await coppice("hosts drain web-1 --deadline 0s");
    expect(ran).toMatchObject({ code: 1, stdout: "web-1  drained  0 moved  1 stopped\n" });
    expect(ran.stderr).toContain("The deadline passed: 1 instance left there, which stop now.");
    expect(ran.stderr).toMatch(/stopped {2}mailer\.0 {2}waits: all hosts are cordoned/);
    expect(ran.stderr).toContain("try: coppice hosts undrain web-1");
  });

  test("--json gives the host with what moved and what was stopped, alone on stdout", async () => {
    plane.instances = [instance(), instance({ ...LATER, state: "pending", detail: "no room" })];
    plane.hostNews.push(emptied);
    const { code, stdout } = await coppice("hosts drain web-1 --deadline 0s --json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ name: "web-1", used: 0, drained: true, moved: [] },
      stopped: [{ instance: "mailer.0", why: "waits: no room" }],
    });
  });

  test("a host that is silent when the deadline passed can't be waited for: 1, and why", async () => {
    plane.hostNews.push(() => {
      Object.assign(plane.hosts[0] ?? {}, { status: "lost" });
    });
    const { code, stderr } = await coppice("hosts drain web-1 --deadline 0s");
    expect(code).toBe(1);
    expect(stderr).toContain("web-1 is lost, so it can't be told to stop 1 instance.");
    expect(stderr).toContain("coppice hosts rm web-1");
  });

  test("somebody who ends the drain ends the following too: 5", async () => {
    plane.hostNews.push(
      () => {},
      () => {
        Object.assign(plane.hosts[0] ?? {}, { drainUntil: null });
      },
    );
    const { code, stderr } = await coppice("hosts drain web-1");
    expect(code).toBe(5);
    expect(stderr).toContain("Somebody ended the drain of web-1.");
  });

  test("a control plane that is away for a moment is waited for", async () => {
    // More often than the client tries by itself.
    plane.hostNews.push(emptied);
    plane.fail(`GET ${path(`/${HERE}`)}`, "unavailable", 12);
    expect((await coppice("hosts drain web-1")).code).toBe(0);
  });

  test("Ctrl-C ends with 130; the drain goes on, and it is said how it is ended", async () => {
    const control = new AbortController();
    plane.hostNews.push(
      () => {},
      () => control.abort(new Error("interrupted")),
    );
    const { code, stderr } = await coppice("hosts drain web-1", { signal: control.signal });
    expect(code).toBe(130);
    expect(stderr).toContain("The drain goes on; end it with: coppice hosts undrain web-1");
    expect(plane.changes.map(({ method }) => method)).toEqual(["POST"]);
  });

  test("a deadline that is none is 2", async () => {
    for (const wrong of ["soon", "25h"]) {
      const { code, stderr } = await coppice(`hosts drain web-1 --deadline ${wrong}`);
      expect(code).toBe(2);
      expect(stderr).toContain("from 0s to 24h");
    }
    expect(plane.changes).toEqual([]);
  });
});

describe("what still stands on a host, and why", () => {
  const why = (over: Parameters<typeof instance>[0], mode: "available" | "exclusive") => {
    const successor = over === undefined ? null : instance({ mode, ...over });
    const here = { worker: { id: "w", name: "mailer" }, instance: instance({ mode }), successor };
    return standingOf(here, new Map([[ELSEWHERE.id, ELSEWHERE.name]])).why;
  };
  test.each([
    ["nothing made yet", undefined, "available", "is to move"],
    ["nothing made yet, exclusive", undefined, "exclusive", "stops first, then moves"],
    [
      "a successor without a place",
      { state: "pending", detail: null },
      "available",
      "waits: looks for a host with room",
    ],
    [
      "a successor that waits for its lease",
      { hostId: ELSEWHERE.id, state: "starting", detail: "Waiting for its lease." },
      "exclusive",
      "its successor on web-2: waits for its lease",
    ],
    [
      "a successor that crashes",
      { hostId: ELSEWHERE.id, state: "backoff" },
      "available",
      "its successor on web-2: crashed, and is started again",
    ],
  ] as const)("%s", (_, over, mode, words) => {
    expect(why(over && { ...SUCCESSOR, ...over }, mode)).toBe(words);
  });
});

describe("rm", () => {
  test("off a terminal it wants --confirm, and says what goes with the host", async () => {
    plane.instances = [instance(), instance({ id: "b", slot: 1 })];
    const { code, stdout, stderr } = await coppice("hosts rm web-1");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("2 instances: mailer.0, mailer.1");
    expect(stderr).toContain("has to join again");
    expect(stderr).toContain("until its keeper is stopped");
    expect(stderr).toContain("--confirm web-1");
    expect(plane.changes).toEqual([]);
    expect((await coppice("hosts rm web-1 --confirm web-2")).code).toBe(2);
    expect(plane.changes).toEqual([]);
    expect((await coppice("hosts rm web-1 --confirm web-1")).stdout).toBe("web-1  removed\n");
  });
});

describe("thaw", () => {
  const freeze = () =>
    Object.assign(plane.hosts[1] ?? {}, { status: "lost", frozen: { gone: 2, of: 4 } });

  test("asks first, for it may make duplicates", async () => {
    freeze();
    const asked = await coppice("hosts thaw");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("2 of 4 hosts were lost at once");
    expect(asked.stderr).toContain("--yes");
    expect(plane.changes).toEqual([]);
    const { code, stdout } = await coppice("hosts thaw --yes");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "web-2  replaced from now on\n" });
  });

  test("says so where nothing is frozen", async () => {
    const { code, stdout, stderr } = await coppice("hosts thaw");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("No host's replacement is frozen");
  });
});

describe("ps", () => {
  test("host, generation, and of an exclusive worker its mode and what it waits for", async () => {
    plane.workers = [worker({ mode: "exclusive" })];
    plane.instances = [
      instance({ generation: 7 }),
      instance({
        id: "b",
        slot: 1,
        pid: null,
        state: "starting",
        detail: "Waiting for its lease.",
      }),
      instance({ id: "c", slot: 2, pid: null, hostId: null, state: "pending", detail: null }),
      instance({ id: "d", slot: 3, pid: null, hostId: null, state: "pending", detail: "no room" }),
    ];
    const { stdout } = await coppice("ps");
    const [head, ...rows] = stdout.split("\n");
    expect(head).toMatch(/RELEASE +GEN +MODE +HOST/);
    expect(rows[0]).toMatch(/^mailer\.0 +● healthy .* 7 +exclusive +web-1/);
    expect(rows[1]).toMatch(/^mailer\.1 +● starting .*web-1 +waits for its lease$/);
    expect(rows[2]).toMatch(/^mailer\.2 +● pending .*looks for a host with room$/);
    expect(rows[3]).toMatch(/^mailer\.3 +● pending .*no room$/);
    plane.workers = [worker()];
    expect((await coppice("ps")).stdout).not.toContain("MODE");
  });
});
