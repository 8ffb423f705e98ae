// The policy's promises, as a table and as properties over any history of events.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decide,
  type Life,
  type LifeEvent,
  type Mode,
  NEW_LIFE,
  REKILL_MS,
  type Verdict,
  wakeAtMs,
} from "../../../agent/keeper/policy.ts";
import type { Lease } from "../../../protocol/keeper.ts";
import { DEFAULT_POLICY } from "../../../protocol/policy.ts";

const context = (nowMs: number, mode: Mode = "available") => ({
  nowMs,
  random: 0.5,
  restart: DEFAULT_POLICY.restart,
  mode,
  once: false,
});
const running: Life = { attempt: 3, restarts: 2, lease: null, phase: { kind: "running" } };
const stopping = (alive: boolean, killAtMs = 5_000): Life => ({
  ...running,
  phase: { kind: "stopping", reason: "replaced", alive, killAtMs, killed: false },
});
const exit: LifeEvent = { type: "exited", uptimeMs: 10, seen: true };
const stop = (graceMs: number): LifeEvent => ({ type: "stop", reason: "replaced", graceMs });

describe("decide", () => {
  const rows: [string, Life, LifeEvent, string, string[]][] = [
    ["a wanted instance is cleared first", NEW_LIFE, { type: "wanted" }, "clearing", ["clear"]],
    [
      "… and then started",
      { ...NEW_LIFE, phase: { kind: "clearing" } },
      { type: "emptied" },
      "running",
      ["start"],
    ],
    [
      "the first crash restarts at once",
      { ...running, restarts: 0 },
      exit,
      "clearing",
      ["close", "clear"],
    ],
    ["a later one waits", running, exit, "backoff", ["close", "clear"]],
    [
      "an end that nobody saw does not wait",
      running,
      { ...exit, seen: false },
      "backoff",
      ["close", "clear"],
    ],
    ["a stop signals", running, stop(5_000), "stopping", ["terminate"]],
    [
      "a stopped program's end is watched to the last descendant",
      stopping(true),
      exit,
      "stopping",
      ["close", "watch"],
    ],
    ["… and then it is stopped", stopping(false), { type: "emptied" }, "stopped", []],
    ["not before", stopping(true), { type: "emptied" }, "stopping", []],
    ["the grace is over", stopping(true, 1_000), { type: "tick" }, "stopping", ["kill"]],
    ["the grace is not over", stopping(true, 1_001), { type: "tick" }, "stopping", []],
    [
      "a stop ends a back-off",
      { ...running, phase: { kind: "backoff", dueMs: 9e9 } },
      stop(5_000),
      "stopping",
      ["clear"],
    ],
    [
      "a stop wins between exit and restart",
      { ...running, phase: { kind: "clearing" } },
      stop(5_000),
      "stopping",
      ["clear"],
    ],
    [
      "a back-off that is due starts",
      { ...running, phase: { kind: "backoff", dueMs: 1_000 } },
      { type: "tick" },
      "clearing",
      ["clear"],
    ],
    [
      "a back-off that is not due stays",
      { ...running, phase: { kind: "backoff", dueMs: 1_001 } },
      { type: "tick" },
      "backoff",
      [],
    ],
  ];
  test.each(rows)("%s", (_, life, event, phase, verdicts) => {
    const decision = decide(life, event, context(1_000));
    expect(decision.life.phase.kind).toBe(phase);
    expect(decision.verdicts.map((verdict) => verdict.do)).toEqual(verdicts);
  });

  test("a repeated stop shortens the grace and never lengthens it", () => {
    const at = (graceMs: number) =>
      wakeAtMs(decide(stopping(true), stop(graceMs), context(1_000)).life, "available");
    expect([at(10), at(3_999), at(4_001), at(1e6)]).toEqual([1_010, 4_999, 5_000, 5_000]);
  });
});

describe("of an exclusive instance", () => {
  const LEASE = { termAtMs: 4_000, killAtMs: 5_000 };
  const held: Life = { ...running, lease: LEASE };
  const waiting: Life = { ...held, phase: { kind: "waiting" } };
  const clearing: Life = { ...held, phase: { kind: "clearing" } };
  const fencing = (alive: boolean): Life => ({
    ...held,
    phase: { kind: "fencing", alive, killAtMs: 5_000 },
  });
  const stoppingHeld: Life = { ...held, phase: stopping(true, 9e9).phase };
  const leased = (termAtMs: number): LifeEvent => ({
    type: "leased",
    lease: { termAtMs, killAtMs: termAtMs + 1_000 },
  });
  const tick: LifeEvent = { type: "tick" };
  const emptied: LifeEvent = { type: "emptied" };
  const bare = (life: Life): Life => ({ ...life, lease: null });

  const rows: [string, number, Life, LifeEvent, string, string[]][] = [
    ["leftovers go without a lease too", 0, NEW_LIFE, { type: "wanted" }, "clearing", ["clear"]],
    ["nothing starts without one", 0, bare(clearing), emptied, "waiting", []],
    ["a lease starts what waits", 3_999, bare(waiting), leased(4_000), "clearing", ["clear"]],
    ["one that came too late doesn't", 4_000, bare(waiting), leased(4_000), "waiting", []],
    ["it may start while its lease lasts", 3_999, clearing, emptied, "running", ["start"]],
    ["not when it is over", 4_000, clearing, emptied, "waiting", []],
    ["it runs while its lease lasts", 3_999, held, tick, "running", []],
    ["it is fenced when it is over", 4_000, held, tick, "fencing", ["terminate"]],
    ["it is killed where no time is left", 5_000, held, tick, "fencing", ["kill"]],
    ["it is killed where no lease is known", 1, bare(held), tick, "fencing", ["kill"]],
    ["a fenced one is killed in time", 5_000, fencing(true), tick, "fencing", ["kill"]],
    ["not before", 4_999, fencing(true), tick, "fencing", []],
    ["what it left behind, too", 5_000, fencing(false), tick, "fencing", ["kill"]],
    ["a renewal does not stop a fence", 4_100, fencing(true), leased(9_000), "fencing", []],
    [
      "its end is watched to the last one",
      4_100,
      fencing(true),
      exit,
      "fencing",
      ["close", "watch"],
    ],
    ["… and then it waits", 4_100, fencing(false), emptied, "waiting", []],
    [
      "a back-off outlives a lease",
      4_000,
      { ...held, phase: { kind: "backoff", dueMs: 9e9 } },
      tick,
      "backoff",
      [],
    ],
    ["a stop wins over a fence", 4_100, fencing(true), stop(5_000), "stopping", []],
    ["a grace ends with the lease", 5_000, stoppingHeld, tick, "stopping", ["kill"]],
    [
      "… and lasts while it is renewed",
      5_000,
      { ...stoppingHeld, lease: { termAtMs: 9_000, killAtMs: 10_000 } },
      tick,
      "stopping",
      [],
    ],
  ];
  test.each(rows)("%s", (_, nowMs, life, event, phase, verdicts) => {
    const decision = decide(life, event, context(nowMs, "exclusive"));
    expect(decision.life.phase.kind).toBe(phase);
    expect(decision.verdicts.map((verdict) => verdict.do)).toEqual(verdicts);
  });

  test("one renewed while it is fenced starts again as soon as it is emptied, without a back-off", () => {
    const now = context(4_100, "exclusive");
    const renewed = decide(fencing(true), leased(9_000), now).life;
    const ended = decide(renewed, exit, now);
    expect(ended.verdicts[0]).toEqual({
      do: "close",
      reason: "fenced",
      restartInMs: null,
      restarts: running.restarts,
    });
    const cleared = decide(ended.life, emptied, now).life;
    expect(decide(cleared, emptied, now).verdicts).toEqual([
      { do: "start", attempt: 4, why: "restart" },
    ]);
  });

  test("a KILL that left something is repeated, of a fence and of a stop alike", () => {
    for (const life of [fencing(true), stoppingHeld]) {
      const killed = decide(life, tick, context(5_000, "exclusive")).life;
      expect(wakeAtMs(killed, "exclusive")).toBe(5_000 + REKILL_MS);
    }
  });

  test("an available instance needs no lease, and takes none", () => {
    expect(decide(running, leased(9_000), context(0))).toEqual({ life: running, verdicts: [] });
    expect(wakeAtMs(running, "available")).toBeNull();
  });
});

const anEvent: fc.Arbitrary<LifeEvent> = fc.oneof(
  fc.constant<LifeEvent>({ type: "wanted" }),
  fc.constant<LifeEvent>({ type: "emptied" }),
  fc.constant<LifeEvent>({ type: "tick" }),
  fc.integer({ min: -50_000, max: 40_000 }).map((termAtMs): LifeEvent => {
    return { type: "leased", lease: { termAtMs, killAtMs: termAtMs + 10_000 } };
  }),
  fc.record({
    type: fc.constant("exited" as const),
    uptimeMs: fc.nat(700_000),
    seen: fc.boolean(),
  }),
);
const aStop: fc.Arbitrary<LifeEvent> = fc.record({
  type: fc.constant("stop" as const),
  reason: fc.constantFrom("stopped" as const, "replaced" as const),
  graceMs: fc.nat(3_600_000),
});
const aStep = fc.record({
  event: fc.oneof({ weight: 9, arbitrary: anEvent }, aStop),
  waitMs: fc.nat(70_000),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

interface Trace {
  readonly nowMs: number;
  readonly event: LifeEvent;
  readonly before: Life;
  readonly life: Life;
  readonly verdicts: readonly Verdict[];
}

function play(
  steps: readonly { event: LifeEvent; waitMs: number; random: number }[],
  mode: Mode,
): Trace[] {
  let life = NEW_LIFE;
  let nowMs = 0;
  return steps.map(({ event, waitMs, random }) => {
    const before = life;
    nowMs += waitMs;
    const now = event.type === "leased" ? { ...event, lease: later(event.lease, nowMs) } : event;
    const { restart } = DEFAULT_POLICY;
    const decision = decide(life, now, { nowMs, random, restart, mode, once: false });
    life = decision.life;
    return { nowMs, event: now, before, ...decision };
  });
}

/** The renewal was sent before now, some of it so long ago that nothing is left. */
function later(lease: Lease, nowMs: number): Lease {
  return { termAtMs: nowMs + lease.termAtMs, killAtMs: nowMs + lease.killAtMs };
}

describe.each<Mode>(["available", "exclusive"])("in any history of an %s instance", (mode) => {
  const histories = fc.array(aStep, { maxLength: 120 });
  const check = (property: (traces: Trace[]) => void) =>
    fc.assert(
      fc.property(histories, (steps) => property(play(steps, mode))),
      { numRuns: 500 },
    );

  test("attempt numbers rise by one and are never given twice", () => {
    check((traces) => {
      const given = traces
        .flatMap((t) => t.verdicts)
        .flatMap((v) => (v.do === "start" ? [v.attempt] : []));
      expect(given).toEqual(given.map((_, index) => index + 1));
    });
  });

  test("nothing starts after a stop", () => {
    check((traces) => {
      const stopped = traces.findIndex((trace) => trace.event.type === "stop");
      if (stopped < 0) return;
      const after = traces.slice(stopped).flatMap((trace) => trace.verdicts);
      expect(after.filter((verdict) => verdict.do === "start")).toEqual([]);
    });
  });

  test("a start follows only `emptied`, and never beside a running attempt", () => {
    check((traces) => {
      for (const { event, before, verdicts } of traces) {
        if (!verdicts.some((verdict) => verdict.do === "start")) continue;
        expect([event.type, before.phase.kind]).toEqual(["emptied", "clearing"]);
      }
    });
  });

  test("each started attempt is closed once at most, and before the next start", () => {
    check((traces) => {
      let open = false;
      for (const verdict of traces.flatMap((trace) => trace.verdicts)) {
        if (verdict.do === "start") {
          expect(open).toBe(false);
          open = true;
        } else if (verdict.do === "close") {
          expect(open).toBe(true);
          open = false;
        }
      }
    });
  });

  test("it never gives up: whatever waits has a wake-up or lacks a lease", () => {
    check((traces) => {
      for (const { life, nowMs } of traces) {
        const { kind } = life.phase;
        if (kind === "backoff" || kind === "stopping" || kind === "fencing")
          expect(wakeAtMs(life, mode)).not.toBeNull();
        if (kind === "waiting" && life.attempt > 0)
          expect([mode, (life.lease?.termAtMs ?? 0) <= nowMs]).toEqual(["exclusive", true]);
      }
    });
  });
});

/** A keeper that ticks on time, in a world that does whatever it likes otherwise. */
function live(steps: readonly { event: LifeEvent; waitMs: number; random: number }[]): Trace[] {
  const traces: Trace[] = [];
  let life = NEW_LIFE;
  let nowMs = 0;
  const step = (event: LifeEvent, random: number) => {
    const before = life;
    const restart = DEFAULT_POLICY.restart;
    const decision = decide(life, event, {
      nowMs,
      random,
      restart,
      mode: "exclusive",
      once: false,
    });
    life = decision.life;
    traces.push({ nowMs, event, before, ...decision });
  };
  for (const { event, waitMs, random } of steps) {
    const untilMs = nowMs + waitMs;
    for (;;) {
      const at = wakeAtMs(life, "exclusive");
      if (at === null || at > untilMs) break;
      nowMs = Math.max(nowMs, at);
      step({ type: "tick" }, random);
    }
    nowMs = untilMs;
    step(event.type === "leased" ? { ...event, lease: later(event.lease, nowMs) } : event, random);
  }
  return traces;
}

describe("in any history of an exclusive instance whose keeper ticks", () => {
  const aLease = fc.integer({ min: -10_000, max: 40_000 }).map((termAtMs): LifeEvent => {
    return { type: "leased", lease: { termAtMs, killAtMs: termAtMs + 10_000 } };
  });
  const histories = fc.array(
    fc.record({
      event: fc.oneof(
        { weight: 30, arbitrary: anEvent },
        { weight: 15, arbitrary: aLease },
        { weight: 1, arbitrary: aStop },
      ),
      waitMs: fc.nat(12_000),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
    { minLength: 20, maxLength: 120, size: "max" },
  );
  const check = (property: (traces: Trace[]) => void) =>
    fc.assert(
      fc.property(histories, (steps) => property(live(steps))),
      { numRuns: 1_000 },
    );
  const grantedUntil = (traces: readonly Trace[], pick: "termAtMs" | "killAtMs") =>
    Math.max(0, ...traces.flatMap((t) => (t.event.type === "leased" ? [t.event.lease[pick]] : [])));

  test("nothing starts but before the end of what was granted", () => {
    check((traces) => {
      traces.forEach(({ verdicts, nowMs }, index) => {
        if (!verdicts.some((verdict) => verdict.do === "start")) return;
        expect(nowMs).toBeLessThan(grantedUntil(traces.slice(0, index), "termAtMs"));
      });
    });
  });

  test("whatever still has a process is told at the end of its lease, and killed soon after, again and again", () => {
    check((traces) => {
      let killedMs = Number.NEGATIVE_INFINITY;
      traces.forEach(({ before, life, verdicts, nowMs, event }, index) => {
        const granted = traces.slice(0, index + 1);
        if (verdicts.some((verdict) => verdict.do === "kill")) killedMs = nowMs;
        const { kind } = life.phase;
        if (kind === "running")
          expect(nowMs).toBeLessThanOrEqual(grantedUntil(granted, "termAtMs"));
        const hasProcess = kind === "fencing" || (kind === "stopping" && life.phase.alive);
        if (hasProcess && nowMs > grantedUntil(granted, "killAtMs"))
          expect(nowMs - killedMs).toBeLessThanOrEqual(REKILL_MS);
        if (before.phase.kind === "fencing" && event.type !== "stop" && event.type !== "emptied")
          expect(kind).toBe("fencing");
      });
    });
  });

  test("a lease never shortens", () => {
    check((traces) => {
      for (const { before, life } of traces) {
        if (before.lease === null) continue;
        expect(life.lease?.termAtMs).toBeGreaterThanOrEqual(before.lease.termAtMs);
        expect(life.lease?.killAtMs).toBeGreaterThanOrEqual(before.lease.killAtMs);
      }
    });
  });

  test("a fenced attempt costs no back-off: its close leaves the count of restarts as it was", () => {
    check((traces) => {
      for (const { before, verdicts } of traces)
        for (const verdict of verdicts)
          if (verdict.do === "close" && verdict.reason === "fenced")
            expect([verdict.restarts, verdict.restartInMs]).toEqual([before.restarts, null]);
    });
  });

  test("the histories do fence, kill and start again", () => {
    let [fenced, killed, again] = [0, 0, 0];
    check((traces) => {
      for (const { before, life, verdicts } of traces) {
        if (life.phase.kind === "fencing" && before.phase.kind === "running") fenced++;
        if (verdicts.some((verdict) => verdict.do === "kill")) killed++;
        if (before.phase.kind === "fencing" && life.phase.kind === "clearing") again++;
      }
    });
    expect(Math.min(fenced, killed, again)).toBeGreaterThan(100);
  });
});
