// The policy's promises, as a table and as properties over any history of events.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decide,
  type Life,
  type LifeEvent,
  NEW_LIFE,
  type Verdict,
  wakeAtMs,
} from "../../../agent/keeper/policy.ts";
import { DEFAULT_POLICY } from "../../../protocol/policy.ts";

const context = (nowMs: number, mayStart = true) => ({
  nowMs,
  random: 0.5,
  restart: DEFAULT_POLICY.restart,
  mayStart,
});
const running: Life = { attempt: 3, restarts: 2, phase: { kind: "running" } };
const stopping = (alive: boolean, killAtMs = 5_000): Life => ({
  ...running,
  phase: { kind: "stopping", reason: "replaced", alive, killAtMs },
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

  test("without permission nothing starts, and permission that comes later is enough", () => {
    const waiting = decide(NEW_LIFE, { type: "wanted" }, context(0, false)).life;
    expect(waiting.phase.kind).toBe("waiting");
    expect(decide(waiting, { type: "wanted" }, context(0)).life.phase.kind).toBe("clearing");
    const lost = decide(
      { ...running, phase: { kind: "clearing" } },
      { type: "emptied" },
      context(0, false),
    );
    expect(lost).toEqual({ life: { ...running, phase: { kind: "waiting" } }, verdicts: [] });
  });

  test("a repeated stop shortens the grace and never lengthens it", () => {
    const at = (graceMs: number) =>
      wakeAtMs(decide(stopping(true), stop(graceMs), context(1_000)).life);
    expect([at(10), at(3_999), at(4_001), at(1e6)]).toEqual([1_010, 4_999, 5_000, 5_000]);
  });
});

const anEvent: fc.Arbitrary<LifeEvent> = fc.oneof(
  fc.constant<LifeEvent>({ type: "wanted" }),
  fc.constant<LifeEvent>({ type: "emptied" }),
  fc.constant<LifeEvent>({ type: "tick" }),
  fc.record({
    type: fc.constant("exited" as const),
    uptimeMs: fc.nat(700_000),
    seen: fc.boolean(),
  }),
);
const aStop: fc.Arbitrary<LifeEvent> = fc.record({
  type: fc.constant("stop" as const),
  reason: fc.constantFrom("stopped" as const, "fenced" as const),
  graceMs: fc.nat(3_600_000),
});
const aStep = fc.record({
  event: fc.oneof({ weight: 9, arbitrary: anEvent }, aStop),
  waitMs: fc.nat(70_000),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  mayStart: fc.boolean(),
});

interface Trace {
  readonly event: LifeEvent;
  readonly before: Life;
  readonly life: Life;
  readonly verdicts: readonly Verdict[];
}

function play(
  steps: readonly { event: LifeEvent; waitMs: number; random: number; mayStart: boolean }[],
): Trace[] {
  let life = NEW_LIFE;
  let nowMs = 0;
  return steps.map(({ event, waitMs, random, mayStart }) => {
    const before = life;
    nowMs += waitMs;
    const decision = decide(life, event, {
      nowMs,
      random,
      restart: DEFAULT_POLICY.restart,
      mayStart,
    });
    life = decision.life;
    return { event, before, ...decision };
  });
}

describe("in any history", () => {
  const histories = fc.array(aStep, { maxLength: 120 });
  const check = (property: (traces: Trace[]) => void) =>
    fc.assert(
      fc.property(histories, (steps) => property(play(steps))),
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

  test("it never gives up: whatever waits has a wake-up, a pending answer or lacks permission", () => {
    check((traces) => {
      for (const { life } of traces) {
        if (life.phase.kind === "backoff") {
          expect(wakeAtMs(life)).not.toBeNull();
        }
      }
    });
  });
});
