// Who a host is, whether it is there, and what it takes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { grantEpoch } from "../../src/domain/epoch.ts";
import { confirmsLoss, judgeLiveness } from "../../src/domain/liveness.ts";
import { admit, orderCandidates, type Room, spread } from "../../src/domain/placement.ts";

describe("epochs", () => {
  test("rise by one with each connection", () => {
    expect(grantEpoch({ epoch: 0, nonce: null }, { epoch: 0, nonce: "a" })).toEqual({
      kind: "granted",
      epoch: 1,
      repeated: false,
    });
    expect(grantEpoch({ epoch: 7, nonce: "a" }, { epoch: 7, nonce: "b" })).toEqual({
      kind: "granted",
      epoch: 8,
      repeated: false,
    });
  });
  test("a lost answer is no clone: the same try gets the same epoch again", () => {
    expect(grantEpoch({ epoch: 8, nonce: "b" }, { epoch: 7, nonce: "b" })).toEqual({
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
    expect(grantEpoch({ epoch: 8, nonce: "b" }, hello)).toEqual({ kind: "cloned" });
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
  test("the next look is when it would be lost, and once before where something is amiss", () => {
    fc.assert(
      fc.property(fc.nat(59_999), fc.boolean(), (silent, isConnected) => {
        const { lookAt } = judgeLiveness(5_000, 5_000 + silent, policy, isConnected);
        const isAmiss = silent < 25_000 && (silent > 15_000 || !isConnected);
        expect(lookAt).toBe(isAmiss ? 30_000 : 65_000);
      }),
    );
  });
  test("a worker whose own channel heard later does not take the host for lost", () => {
    expect(confirmsLoss({ heardAt: 50_000 }, { lastHeardAt: 10_000 }, 30_000)).toBe(false);
    expect(confirmsLoss({ heardAt: 20_000 }, { lastHeardAt: 10_000 }, 30_000)).toBe(true);
    expect(confirmsLoss({ heardAt: null }, { lastHeardAt: 10_000 }, 30_000)).toBe(true);
  });
});

describe("placement", () => {
  test("spreads a worker first, then prefers the emptiest, full ones last", () => {
    const hosts = [
      { hostId: "a", used: 9, slots: 10 },
      { hostId: "b", used: 1, slots: 10 },
      { hostId: "c", used: 0, slots: 10 },
      { hostId: "d", used: 10, slots: 10 },
    ];
    expect(orderCandidates(hosts, new Map([["c", 1]]))).toEqual(["b", "a", "c", "d"]);
  });

  test("of many at once each goes where it would go alone after those before it", () => {
    const host = fc.record({ hostId: fc.uuid(), used: fc.nat(8), slots: fc.nat(8) });
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
        expect(spread(hosts, new Map(), count)).toEqual(alone);
      }),
    );
  });

  const room = (patch: Partial<Room>): Room => ({
    status: "online",
    cordoned: false,
    slots: 2,
    taken: new Set(["x"]),
    ...patch,
  });
  test.each([
    ["has room", room({}), { ok: true, known: false }],
    ["is full", room({ taken: new Set(["x", "y"]) }), { ok: false, reason: "full" }],
    [
      "has it already, though full",
      room({ taken: new Set(["new", "y"]) }),
      { ok: true, known: true },
    ],
    ["is cordoned", room({ cordoned: true }), { ok: false, reason: "cordoned" }],
    ["is suspect", room({ status: "suspect" }), { ok: false, reason: "offline" }],
    [
      "was removed",
      room({ status: "removed", taken: new Set(["new"]) }),
      { ok: false, reason: "removed" },
    ],
  ] as const)("a host that %s answers so", (_, host, answer) => {
    expect(admit(host, "new", "instance")).toEqual(answer);
  });
  test("a build takes no slot", () => {
    expect(admit(room({ taken: new Set(["x", "y"]) }), "dep", "build").ok).toBe(true);
  });
  test("never admits more than there are slots", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g")),
        (slots, keys) => {
          const taken = new Set<string>();
          for (const key of keys)
            if (admit(room({ slots, taken }), key, "instance").ok) taken.add(key);
          expect(taken.size).toBeLessThanOrEqual(slots);
        },
      ),
    );
  });
});
