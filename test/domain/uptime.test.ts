// How a worker's time is counted.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LEDGER_KINDS, type LedgerKind } from "../../protocol/status-page.ts";
import {
  addChanges,
  type Change,
  DAY_MS,
  dayOf,
  keepDays,
  ledgerKind,
  sumOf,
  uptimeOf,
  withGaps,
} from "../../src/domain/uptime.ts";
import type { Instance, WorkerState } from "../../src/domain/worker.ts";

const DAY = 20_780;
const START = DAY * DAY_MS;
const HOUR = 3_600_000;

const total = (sums: object) => Object.values(sums).reduce((sum: number, one) => sum + one, 0);

describe("a day's sums", () => {
  const rows: [string, Change[], number, object][] = [
    ["one kind", [{ at: START, kind: "up" }], HOUR, { up: HOUR }],
    [
      "an outage of a minute",
      [
        { at: START, kind: "up" },
        { at: START + HOUR, kind: "down" },
        { at: START + HOUR + 60_000, kind: "up" },
      ],
      2 * HOUR,
      { up: 2 * HOUR - 60_000, down: 60_000 },
    ],
    [
      "stopped by its owner is not downtime",
      [{ at: START, kind: "stopped" }],
      HOUR,
      { idle: HOUR },
    ],
    ["not deployed yet is not downtime", [{ at: START, kind: "pending" }], HOUR, { idle: HOUR }],
    ["silence is unknown, not down", [{ at: START, kind: "unknown" }], HOUR, { unknown: HOUR }],
    [
      "a clock that went back makes no time",
      [
        { at: START + HOUR, kind: "up" },
        { at: START, kind: "down" },
      ],
      2 * HOUR,
      { down: HOUR },
    ],
  ];
  test.each(rows)("%s", (_name, changes, until, expected) => {
    expect(addChanges({}, changes, START + until)[DAY]).toEqual({
      up: 0,
      degraded: 0,
      down: 0,
      unknown: 0,
      idle: 0,
      ...expected,
    });
  });

  test("split at midnight UTC, also where summer time begins or ends", () => {
    for (const date of ["2026-03-29", "2026-10-25", "2026-11-01"]) {
      const start = Date.parse(`${date}T00:00:00Z`);
      const table = addChanges({}, [{ at: start - HOUR, kind: "up" }], start + DAY_MS + HOUR);
      expect(table[dayOf(start)]?.up).toBe(DAY_MS);
      expect(table[dayOf(start) - 1]?.up).toBe(HOUR);
      expect(table[dayOf(start) + 1]?.up).toBe(HOUR);
    }
  });
});

const changes = fc.array(
  fc.record({
    at: fc.integer({ min: START, max: START + 20 * DAY_MS }),
    kind: fc.constantFrom(...LEDGER_KINDS),
  }),
  { minLength: 1, maxLength: 60 },
);
const sorted = (all: Change[]) => all.toSorted((a, b) => a.at - b.at);

describe("for any changes", () => {
  test("the sums of all days are the time from the first change to the end, and no day has more than a day", () => {
    fc.assert(
      fc.property(changes, (some) => {
        const ordered = sorted(some);
        const until = START + 21 * DAY_MS;
        const table = addChanges({}, ordered, until);
        expect(total(sumOf(Object.values(table)))).toBe(until - ordered[0]!.at);
        for (const sums of Object.values(table)) expect(total(sums)).toBeLessThanOrEqual(DAY_MS);
      }),
    );
  });

  test("folding in pieces comes to the same as folding at once", () => {
    fc.assert(
      fc.property(changes, fc.nat(59), (some, at) => {
        const ordered = sorted(some);
        const cut = Math.min(at, ordered.length - 1);
        const until = START + 21 * DAY_MS;
        const first = addChanges({}, ordered.slice(0, cut + 1), ordered[cut]!.at);
        const both = addChanges(first, ordered.slice(cut), until);
        expect(both).toEqual(addChanges({}, ordered, until));
      }),
    );
  });

  test("a clock that jumps at will makes no negative time and no more time than passed", () => {
    fc.assert(
      fc.property(changes, (some) => {
        const until = START + 20 * DAY_MS;
        for (const sums of Object.values(addChanges({}, some, until))) {
          expect(total(sums)).toBeLessThanOrEqual(DAY_MS);
          for (const one of Object.values(sums)) expect(one).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test("a gap only turns up into unknown: no time is lost, none is made, down stays down", () => {
    const gaps = fc.array(
      fc.tuple(
        fc.integer({ min: START, max: START + 9 * DAY_MS }),
        fc.integer({ min: 0, max: DAY_MS }),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(changes, gaps, (some, drawn) => {
        const table = addChanges({}, sorted(some), START + 21 * DAY_MS);
        const seen = withGaps(
          table,
          drawn.map(([from, long]) => [from, from + long] as const),
        );
        for (const [day, sums] of Object.entries(table)) {
          const after = seen[Number(day)]!;
          expect(total(after)).toBe(total(sums));
          expect(after.down).toBe(sums.down);
          expect(after.up).toBeLessThanOrEqual(sums.up);
          expect(Math.min(...Object.values(after))).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe("uptime", () => {
  const none = { up: 0, degraded: 0, down: 0, unknown: 0, idle: 0 };
  test.each([
    ["of nothing is not known", none, null],
    ["of silence is not known", { ...none, unknown: HOUR }, null],
    ["of a stopped worker is not known", { ...none, idle: HOUR }, null],
    ["does not count stopped time", { ...none, up: HOUR, idle: 9 * HOUR }, 1],
    ["does not count unknown time", { ...none, up: HOUR, down: HOUR, unknown: 9 * HOUR }, 0.5],
    ["counts degraded time half", { ...none, up: HOUR, degraded: HOUR }, 0.75],
    ["of time down is 0", { ...none, down: HOUR }, 0],
  ])("%s", (_name, sums, expected) => {
    expect(uptimeOf(sums)).toBe(expected);
  });

  test("old days are dropped", () => {
    const table = addChanges({}, [{ at: START, kind: "up" }], START + 5 * DAY_MS);
    expect(Object.keys(keepDays(table, DAY + 3))).toEqual([String(DAY + 3), String(DAY + 4)]);
  });
});

describe("how a worker is", () => {
  const base = { deploy: 1, release: 1, live: true };
  const instance = (slot: number, more: Partial<Instance> = {}): Instance =>
    ({ slot, hostId: "hst_a", state: "healthy", restarts: 0, stop: null, ...more }) as Instance;
  const state = (more: {
    wanted?: number;
    stopped?: boolean;
    instances?: Instance[];
    base?: typeof base | null;
    silent?: string[];
  }): WorkerState =>
    ({
      spec: { instances: more.wanted ?? 1, wanted: more.stopped ? "stopped" : "running" },
      base: more.base === undefined ? base : more.base,
      deploys: [],
      instances: more.instances ?? [],
      silentHosts: new Map((more.silent ?? []).map((one) => [one, 0])),
    }) as unknown as WorkerState;
  const backoff = { state: "backoff", restarts: 5 } as const;
  const cases: [string, LedgerKind, WorkerState][] = [
    ["all instances run", "up", state({ wanted: 2, instances: [instance(0), instance(1)] })],
    ["one of two is missing", "degraded", state({ wanted: 2, instances: [instance(0)] })],
    ["none runs", "down", state({})],
    [
      "it waits for room",
      "down",
      state({ instances: [instance(0, { hostId: null, state: "pending" })] }),
    ],
    ["all crash again and again", "down", state({ instances: [instance(0, backoff)] })],
    [
      "an attempt of a crash loop has a process but did not survive its soak",
      "down",
      state({ instances: [instance(0, { state: "running", restarts: 5 })] }),
    ],
    [
      "it restarted once and runs",
      "up",
      state({ instances: [instance(0, { state: "running", restarts: 1 })] }),
    ],
    [
      "one of two crashes again and again",
      "degraded",
      state({ wanted: 2, instances: [instance(0), instance(1, backoff)] }),
    ],
    ["its owner stopped it", "stopped", state({ stopped: true, instances: [instance(0)] })],
    ["it was scaled to 0", "stopped", state({ wanted: 0 })],
    ["nothing was deployed yet", "pending", state({ base: null })],
    ["its hosts are silent", "unknown", state({ instances: [instance(0)], silent: ["hst_a"] })],
    [
      "its instance was given up with a silent host, and waits for room elsewhere",
      "unknown",
      state({
        instances: [
          instance(0, { state: "lost" }),
          instance(0, { hostId: null, state: "pending" }),
        ],
        silent: ["hst_a"],
      }),
    ],
    [
      "its lost instance has a successor that runs",
      "up",
      state({
        instances: [instance(0, { state: "lost" }), instance(0, { hostId: "hst_b" as never })],
        silent: ["hst_a"],
      }),
    ],
    [
      "one host of two is silent",
      "degraded",
      state({
        wanted: 2,
        instances: [instance(0), instance(1, { hostId: "hst_b" as never })],
        silent: ["hst_b"],
      }),
    ],
    [
      "a rollout has the old instance beside the new one",
      "up",
      state({ instances: [instance(0), instance(0, { state: "starting" })] }),
    ],
    [
      "an instance is being stopped without a successor",
      "down",
      state({ instances: [instance(0, { stop: { reason: "stopped", why: "", at: 0 } })] }),
    ],
  ];
  test.each(cases)("%s: %s", (_name, kind, given) => {
    expect(ledgerKind(given)).toBe(kind);
  });
});
