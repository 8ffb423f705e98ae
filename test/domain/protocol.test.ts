// The ground floor: ids, addresses, names, back-off and frames mean the same to everybody.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration } from "../../protocol/duration.ts";
import { decodeFrame, encodeFrame, type FrameHeader } from "../../protocol/frame.ts";
import { isId, makeId } from "../../protocol/ids.ts";
import { DEFAULT_POLICY, makePolicy, nextReconnectMs, nextRestart } from "../../protocol/policy.ts";
import {
  branchSchema,
  CreateWorker,
  envNameSchema,
  nameSchema,
  refuseRepo,
  rootDirSchema,
} from "../../protocol/spec.ts";

describe("ids", () => {
  test("sort by time, are recognised by kind, and never by another kind", () => {
    const random = new Uint8Array(10).fill(7);
    const ids = [1, 1_700_000_000_000, 1_800_000_000_000].map((at) => makeId("worker", at, random));
    expect([...ids].sort()).toEqual(ids);
    expect(isId("worker", ids[0]!)).toBe(true);
    expect(isId("host", ids[0]!)).toBe(false);
    expect(isId("worker", `${ids[0]}0`)).toBe(false);
  });
});

describe("repository addresses", () => {
  test.each([
    "https://github.com/acme/shop.git",
    "https://git.example.com:8443/a/b",
    "ssh://git@example.com/acme/shop.git",
    "git@github.com:acme/shop.git",
    "/srv/repos/shop",
    "file:///srv/repos/shop",
  ])("%s is taken", (repo) => expect(refuseRepo(repo)).toBeNull());

  test.each([
    "-uroot",
    "--upload-pack=touch /tmp/x",
    "ext::sh -c touch% /tmp/x",
    "fd::17",
    "http://example.com/a",
    "git://example.com/a",
    "https://user:secret@example.com/a",
    "https://token@example.com/a",
    "ssh://-oProxyCommand=x/a",
    "ssh://git:secret@example.com/a",
    "git@-oProxyCommand=x:a",
    "git@example.com:-a",
    "/srv/../etc",
    "https://exa mple.com/a",
    "https://example.com/a\nb",
    "C:\\repos",
    "shop",
    "https://",
  ])("%j is refused with a sentence", (repo) => expect(refuseRepo(repo)).toMatch(/\w/));
});

describe("names and paths", () => {
  test.each(["main", "feature/a-b", "v1.2", "release_3"])("branch %s is taken", (name) => {
    expect(branchSchema.safeParse(name).success).toBe(true);
  });
  test.each([
    "-x",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "@{u}",
    "a//b",
    "/a",
    "a/",
    "a.lock",
    "a\u0007",
    "",
  ])("branch %j is refused", (name) => expect(branchSchema.safeParse(name).success).toBe(false));
  test.each([
    ["", "."],
    [".", "."],
    ["./a//b/", "a/b"],
    ["apps/mailer", "apps/mailer"],
  ])("rootDir %j is %j", (path, clean) => expect(rootDirSchema.parse(path)).toBe(clean));
  test.each(["..", "a/../..", "/etc", "a\\..\\b", "a/.git/hooks", "a\u0000b"])(
    "rootDir %j is refused",
    (path) => {
      expect(rootDirSchema.safeParse(path).success).toBe(false);
    },
  );
  test.each(["mailer", "mail-sender-2", "a"])("name %s is taken", (name) => {
    expect(nameSchema.safeParse(name).success).toBe(true);
  });
  test.each(["", "Mailer", "-a", "a-", "a--b", "a_b", "a/b", "<b>", "x".repeat(64)])(
    "name %j is refused",
    (name) => {
      expect(nameSchema.safeParse(name).success).toBe(false);
    },
  );
  test.each(["COPPICE_SLOT", "1A", "A-B", "A=B", ""])("variable %j is refused", (name) => {
    expect(envNameSchema.safeParse(name).success).toBe(false);
  });
  test("a new worker gets every default", () => {
    const worker = CreateWorker.parse({
      name: "a",
      repo: "https://example.com/a",
      startCommand: "node a.js",
    });
    expect(worker).toMatchObject({
      branch: "main",
      rootDir: ".",
      instances: 1,
      mode: "available",
      deploy: true,
    });
  });
});

describe("back-off", () => {
  test("0 at first, then 1 s doubling to 60 s, spread by a quarter", () => {
    const policy = DEFAULT_POLICY.restart;
    let count = { restarts: 0 };
    const delays: number[] = [];
    for (let i = 0; i < 10; i++) {
      const verdict = nextRestart(policy, count, 100, 0.5);
      delays.push(verdict.delayMs);
      count = verdict.next;
    }
    expect(delays).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("stays within its cap and spread, for ever, and forgets after long enough an uptime", () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (restarts, random) => {
          const policy = DEFAULT_POLICY.restart;
          const { delayMs } = nextRestart(policy, { restarts }, 0, random);
          expect(delayMs).toBeLessThanOrEqual(policy.capMs * (1 + policy.jitter));
          expect(delayMs).toBeGreaterThanOrEqual(
            restarts === 0 ? 0 : policy.baseMs * (1 - policy.jitter),
          );
          expect(nextRestart(policy, { restarts }, policy.resetAfterMs, random).delayMs).toBe(0);
        },
      ),
    );
  });

  test("reconnects are spread over the whole first term and never later than the cap", () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.nat(1e7),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, downMs, random) => {
          const policy = DEFAULT_POLICY.reconnect;
          const wait = nextReconnectMs(policy, { attempt, downMs, exclusive: false }, random);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(
            downMs < policy.eagerForMs ? policy.eagerCapMs : policy.capMs,
          );
        },
      ),
    );
  });

  test("an override changes its own number and no other", () => {
    const policy = makePolicy({ rollout: { soakMs: 5 } });
    expect(policy.rollout).toEqual({ ...DEFAULT_POLICY.rollout, soakMs: 5 });
    expect(policy.heartbeat).toEqual(DEFAULT_POLICY.heartbeat);
  });
});

describe("frames", () => {
  const header: FrameHeader = {
    instanceId: "ins_1",
    bootId: "b",
    attempt: 1,
    stream: "stdout",
    slot: 0,
    release: 1,
    start: 0,
    end: 3,
    gap: false,
    lines: 1,
    marks: [{ at: 1, bytes: 3 }],
    last: false,
  };

  test("come back as they went", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const decoded = decodeFrame(encodeFrame({ header, payload }));
        expect(decoded.ok && decoded.frame.header).toEqual(header);
        expect(decoded.ok && [...decoded.frame.payload]).toEqual([...payload]);
      }),
    );
  });

  test("any bytes are answered with a value, never with a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(typeof decodeFrame(bytes).ok).toBe("boolean");
        const whole = encodeFrame({ header, payload: bytes });
        for (let cut = 0; cut < 20; cut++) decodeFrame(whole.subarray(0, cut));
      }),
    );
  });
});

test.each([
  [340, "340 ms"],
  [12_340, "12.3 s"],
  [240_000, "4 min"],
  [9_000_000, "2.5 h"],
  [267_840_000, "3.1 d"],
])("%d ms is %s", (ms, words) => expect(formatDuration(ms)).toBe(words));
