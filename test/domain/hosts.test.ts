// Who a host is, whether it is there, and what it takes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { grantEpoch } from "../../src/domain/epoch.ts";
import { judgeLiveness, lossDueAt, mayJudge } from "../../src/domain/liveness.ts";
import {
  type Ask,
  admit,
  type Candidate,
  eligible,
  orderBuilders,
  orderCandidates,
  type Room,
  type Size,
  spread,
  whyNoRoom,
} from "../../src/domain/placement.ts";

describe("epochs", () => {
  const at = (acceptedAt: number) => ({ acceptedAt });
  const [older, now, later] = [at(10), at(20), at(30)];
  test("rise by one with each connection", () => {
    const first = { epoch: 0, nonce: null, acceptedAt: 0 };
    expect(grantEpoch(first, { epoch: 0, nonce: "a", ...now })).toEqual({
      kind: "granted",
      epoch: 1,
      repeated: false,
    });
    expect(
      grantEpoch({ epoch: 7, nonce: "a", ...now }, { epoch: 7, nonce: "b", ...later }),
    ).toEqual({
      kind: "granted",
      epoch: 8,
      repeated: false,
    });
  });
  test("a lost answer is no clone: the same try gets the same epoch again", () => {
    expect(grantEpoch({ epoch: 8, nonce: "b", ...now }, { epoch: 7, nonce: "b", ...now })).toEqual({
      kind: "granted",
      epoch: 8,
      repeated: true,
    });
  });
  test.each([
    ["a copied disk", { epoch: 7, nonce: "c" }],
    ["an old copy with the right nonce", { epoch: 6, nonce: "b" }],
    ["an epoch from the future", { epoch: 9, nonce: "b" }],
  ])("%s is found out", (_, hello) => {
    expect(grantEpoch({ epoch: 8, nonce: "b", ...now }, { ...hello, ...later })).toEqual({
      kind: "cloned",
    });
  });
  test.each([
    ["the last one's repeat", { epoch: 7, nonce: "b" }],
    ["one of long ago", { epoch: 5, nonce: "x" }],
    ["even one that would be granted", { epoch: 8, nonce: "c" }],
  ])("what comes late, on an older channel, is no clone: %s", (_, hello) => {
    expect(grantEpoch({ epoch: 8, nonce: "b", ...now }, { ...hello, ...older })).toEqual({
      kind: "superseded",
    });
  });
});

describe("a build goes", () => {
  const host = (hostId: string, used: number, labels = {}) => candidate({ hostId, used, labels });
  test("to a host that is labelled for it, however full", () => {
    const hosts = [host("a", 0), host("b", 9, { build: "yes" }), host("c", 1, { build: "no" })];
    expect(orderBuilders(hosts, "a")).toEqual(["b", "a", "c"]);
  });
  test("to where the last one was, whose caches are warm, unless that looks full", () => {
    expect(orderBuilders([host("a", 0), host("b", 5)], "b")).toEqual(["b", "a"]);
    expect(orderBuilders([host("a", 0), host("b", 10)], "b")).toEqual(["a", "b"]);
  });
  test("else to the emptiest", () => {
    expect(orderBuilders([host("a", 5), host("b", 1), host("c", 1)], null)).toEqual([
      "b",
      "c",
      "a",
    ]);
  });
});

describe("liveness", () => {
  const policy = DEFAULT_POLICY.heartbeat;
  test.each([
    [0, "online"],
    [24_999, "online"],
    [25_000, "suspect"],
    [59_999, "suspect"],
    [60_000, "lost"],
  ] as const)("after %d ms of silence it is %s", (silent, liveness) => {
    expect(judgeLiveness(1_000, 1_000 + silent, policy).liveness).toBe(liveness);
  });
  test("a verdict that is passed late is passed on nobody", () => {
    expect(
      [0, 5_000, 5_001, 120_000].map((lateMs) => mayJudge(1_000, 1_000 + lateMs, policy)),
    ).toEqual([...[true, true], ...[false, false]]);
  });
  test("the next look is when it would be lost, and once before where something is amiss", () => {
    fc.assert(
      fc.property(fc.nat(59_999), fc.boolean(), (silent, isConnected) => {
        const { lookAt } = judgeLiveness(5_000, 5_000 + silent, policy, isConnected);
        const isAmiss = silent < 25_000 && (silent > 15_000 || !isConnected);
        expect(lookAt).toBe(isAmiss ? 30_000 : 65_000);
      }),
    );
  });
});

describe("the loss of a host, told when it was heard last at 100 s", () => {
  const told = { toldHeardAt: 100_000, isConnected: true, leased: false };
  test.each([
    ["never heard it", { ...told, ownHeardAt: null }, 100_000],
    ["heard it as late", { ...told, ownHeardAt: 110_000 }, 110_000],
    ["heard it later, so that is awaited too", { ...told, ownHeardAt: 150_000 }, 210_000],
    [
      "heard it later, but lost the channel",
      { ...told, ownHeardAt: 150_000, isConnected: false },
      150_000,
    ],
    ["gave leases: they run out first", { ...told, ownHeardAt: 95_000, leased: true }, 155_000],
    [
      "gave leases, and lost the channel",
      { ...told, ownHeardAt: 150_000, isConnected: false, leased: true },
      210_000,
    ],
  ])("is believed by a worker that %s", (_, question, at) => {
    expect(lossDueAt(question, DEFAULT_POLICY)).toBe(at);
  });
  test("is never believed before the keeper has ended what the lease allowed", () => {
    const { killMs } = DEFAULT_POLICY.lease;
    fc.assert(
      fc.property(
        fc.nat(300_000),
        fc.nat(300_000),
        fc.boolean(),
        (toldHeardAt, ownHeardAt, isConnected) => {
          // A renewal that was heard then was sent no later.
          const killedAt = ownHeardAt + killMs;
          const due = lossDueAt(
            { toldHeardAt, ownHeardAt, isConnected, leased: true },
            DEFAULT_POLICY,
          );
          expect(due - killedAt).toBeGreaterThanOrEqual(10_000);
        },
      ),
    );
  });
});

const candidate = (patch: Partial<Candidate>): Candidate => ({
  ...{ hostId: "a", used: 0, slots: 10, region: null, labels: {}, cordoned: false },
  ...{ freeMemoryBytes: 1_000, freeCpus: 4 },
  ...patch,
});
const NOTHING: Size = { memoryBytes: 0, cpus: 0 };
const holding = (...keys: string[]) => new Map(keys.map((key) => [key, NOTHING]));
const ask = (key: string, size = NOTHING): Ask => ({ key, kind: "instance", ...size });

describe("placement", () => {
  test("spreads a worker first, then prefers the emptiest, full ones last", () => {
    const hosts = [
      candidate({ hostId: "a", used: 9 }),
      candidate({ hostId: "b", used: 1 }),
      candidate({ hostId: "c", used: 0 }),
      candidate({ hostId: "d", used: 10 }),
    ];
    expect(orderCandidates(hosts, new Map([["c", 1]]))).toEqual(["b", "a", "c", "d"]);
  });

  test("of many at once each goes where it would go alone after those before it", () => {
    const region = fc.constantFrom("eu", "us", null);
    const host = fc
      .record({ hostId: fc.uuid(), used: fc.nat(8), slots: fc.nat(8), region })
      .map(candidate);
    fc.assert(
      fc.property(fc.array(host, { maxLength: 6 }), fc.nat(20), (hosts, count) => {
        const own = new Map<string, number>();
        const used = new Map(hosts.map((one) => [one.hostId, one.used]));
        const alone = Array.from({ length: hosts.length === 0 ? 0 : count }, () => {
          const now = hosts.map((one) => ({ ...one, used: used.get(one.hostId)! }));
          const best = orderCandidates(now, own)[0]!;
          own.set(best, (own.get(best) ?? 0) + 1);
          used.set(best, used.get(best)! + 1);
          return best;
        });
        expect(spread(hosts, new Map(), { count })).toEqual(alone);
      }),
    );
  });

  test("spreads over regions where the hosts are equal", () => {
    const hosts = [
      candidate({ hostId: "a", region: "eu" }),
      candidate({ hostId: "b", region: "eu" }),
      candidate({ hostId: "c", region: "us" }),
    ];
    expect(spread(hosts, new Map(), { count: 4 })).toEqual(["a", "c", "b", "c"]);
  });

  test("asks only hosts that have the labels and take something", () => {
    const hosts = [
      candidate({ hostId: "a", region: "eu", labels: { disk: "ssd" } }),
      candidate({ hostId: "b", region: "eu", labels: { disk: "hdd" } }),
      candidate({ hostId: "c", region: "us", labels: { disk: "ssd" } }),
      candidate({ hostId: "d", region: "eu", labels: { disk: "ssd" }, cordoned: true }),
    ];
    const needs = { memoryBytes: 0, cpus: 0, hosts: { region: "eu", disk: "ssd" } };
    expect(eligible(hosts, needs).map((one) => one.hostId)).toEqual(["a"]);
  });

  test("prefers hosts that have the memory", () => {
    const hosts = [
      candidate({ hostId: "a", freeMemoryBytes: 10 }),
      candidate({ hostId: "b", used: 8, freeMemoryBytes: 25 }),
    ];
    const needs = { memoryBytes: 10, cpus: 0, hosts: {} };
    expect(spread(hosts, new Map(), { count: 3, needs })).toEqual(["a", "b", "b"]);
  });

  test.each([
    ["no host is online in this project", [], {}],
    ["no host has region=us", [candidate({ region: "eu" })], { hosts: { region: "us" } }],
    ["all hosts are cordoned", [candidate({ cordoned: true })], {}],
    ["no host has 64 MiB of memory to spare", [candidate({})], { memoryBytes: 67_108_864 }],
    ["no host has 8 CPUs to spare", [candidate({})], { cpus: 8 }],
    ["no host has room", [candidate({ used: 10 })], {}],
  ])("says why there is none: %s", (why, hosts, asked) => {
    expect(whyNoRoom(hosts, { memoryBytes: 0, cpus: 0, hosts: {}, ...asked })).toBe(why);
  });

  const room = (patch: Partial<Room>): Room => ({
    status: "online",
    cordoned: false,
    slots: 2,
    memoryBytes: 100,
    cpus: 1,
    taken: holding("x"),
    ...patch,
  });
  test.each([
    ["has room", room({}), { ok: true, known: false }],
    ["is full", room({ taken: holding("x", "y") }), { ok: false, reason: "full" }],
    [
      "has it already, though full",
      room({ taken: holding("new", "y") }),
      { ok: true, known: true },
    ],
    [
      "has it already, and is suspect",
      room({ status: "suspect", taken: holding("new") }),
      { ok: true, known: true },
    ],
    ...(["lost", "cloned"] as const).map(
      (status) =>
        [
          `had it, and is ${status}`,
          room({ status, taken: holding("new") }),
          { ok: false, reason: "offline" },
        ] as const,
    ),
    ["is cordoned", room({ cordoned: true }), { ok: false, reason: "cordoned" }],
    ["is suspect", room({ status: "suspect" }), { ok: false, reason: "offline" }],
    [
      "was removed",
      room({ status: "removed", taken: holding("new") }),
      { ok: false, reason: "removed" },
    ],
  ] as const)("a host that %s answers so", (_, host, answer) => {
    expect(admit(host, ask("new"))).toEqual(answer);
  });
  test("memory and cores are summed over what holds a slot", () => {
    const taken = new Map([["x", { memoryBytes: 60, cpus: 0.7 }]]);
    const asks = (memoryBytes: number, cpus: number) =>
      admit(room({ taken }), ask("new", { memoryBytes, cpus }));
    expect(asks(40, 0.3)).toEqual({ ok: true, known: false });
    expect(asks(41, 0)).toEqual({ ok: false, reason: "memory" });
    expect(asks(0, 0.31)).toEqual({ ok: false, reason: "cpu" });
    expect(admit(room({ taken, memoryBytes: 0, cpus: 0 }), ask("new")).ok).toBe(true);
  });
  test("a build takes no slot", () => {
    expect(admit(room({ taken: holding("x", "y") }), { ...ask("dep"), kind: "build" }).ok).toBe(
      true,
    );
  });
  test("never admits more than there are slots", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g")),
        (slots, keys) => {
          const taken = holding();
          for (const key of keys)
            if (admit(room({ slots, taken }), ask(key)).ok) taken.set(key, NOTHING);
          expect(taken.size).toBeLessThanOrEqual(slots);
        },
      ),
    );
  });
});
