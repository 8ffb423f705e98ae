// When incidents open and close.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerKind } from "../../protocol/status-page.ts";
import {
  CLOSE_AFTER,
  conditionOf,
  impactOf,
  type JudgedComponent,
  judge,
  OPEN_AFTER,
  type OpenIncident,
  type Step,
  type Streak,
  WINDOW_MS,
  windowDue,
} from "../../src/domain/incidents.ts";

const NOW = 1_795_000_000_000;

/** A project that is judged window by window, as the cron does. */
class Project {
  streaks: Readonly<Record<string, Streak>> = {};
  open: OpenIncident | null = null;
  steps: Step[] = [];
  now = NOW;

  window(kinds: Record<string, LedgerKind>, maintained: string[] = []): Step | null {
    this.now += WINDOW_MS;
    const components = Object.entries(kinds).map(
      ([id, kind]): JudgedComponent => ({
        id,
        name: id,
        kind,
        since: kind === "down" ? this.now - 10 * WINDOW_MS : this.now,
        maintained: maintained.includes(id),
      }),
    );
    const verdict = judge({ components, streaks: this.streaks, open: this.open, now: this.now });
    this.streaks = verdict.streaks;
    const { step } = verdict;
    if (step) {
      this.steps.push(step);
      const { status, impact, affected } = step;
      this.open = status === "resolved" ? null : { status, impact, affected };
    }
    return step;
  }

  run(kinds: Record<string, LedgerKind>, windows: number): (Step | null)[] {
    return Array.from({ length: windows }, () => this.window(kinds));
  }
}

describe("an incident", () => {
  test("opens at the second bad window, is watched at the second good one, closes at the fifth", () => {
    const project = new Project();
    expect(project.run({ a: "down" }, 2).map((step) => step?.reason)).toEqual([
      undefined,
      "opened",
    ]);
    expect(project.run({ a: "up" }, 5).map((step) => step?.status)).toEqual([
      undefined,
      "monitoring",
      undefined,
      undefined,
      "resolved",
    ]);
  });

  test("does not open for one bad window, however often", () => {
    const project = new Project();
    for (let i = 0; i < 50; i++) {
      project.window({ a: "down" });
      project.window({ a: "up" });
    }
    expect(project.steps).toEqual([]);
  });

  test("goes back to investigating when it fails again while watched", () => {
    const project = new Project();
    project.run({ a: "down" }, 2);
    project.run({ a: "up" }, 3);
    expect(project.run({ a: "degraded" }, 2).at(-1)).toMatchObject({
      status: "investigating",
      reason: "relapsed",
    });
    expect(project.steps.length).toBe(3);
  });

  test("grows by what fails later, and names it alone", () => {
    const project = new Project();
    project.run({ a: "down", b: "up" }, 2);
    expect(project.run({ a: "down", b: "degraded" }, 2).at(-1)).toMatchObject({
      reason: "spread",
      about: ["b"],
      affected: ["a", "b"],
    });
  });

  test("waits while its component is unknown: silence neither opens nor closes", () => {
    const project = new Project();
    project.run({ a: "unknown" }, 20);
    expect(project.steps).toEqual([]);
    project.run({ a: "down" }, 2);
    project.run({ a: "unknown" }, 20);
    expect(project.open?.status).toBe("investigating");
  });

  test("ends where its owner stops the component, deletes it or makes it private", () => {
    for (const after of [{ a: "stopped" }, {}] as Record<string, LedgerKind>[]) {
      const project = new Project();
      project.run({ a: "down" }, 2);
      expect(project.window(after)).toMatchObject({ status: "resolved", reason: "out_of_service" });
    }
  });

  test("opens for nothing that is under maintenance", () => {
    const project = new Project();
    for (let i = 0; i < 5; i++) project.window({ a: "down" }, ["a"]);
    expect(project.steps).toEqual([]);
  });

  test("keeps the word of a person: identified stays until it recovers", () => {
    const project = new Project();
    project.run({ a: "down" }, 2);
    project.open = { ...project.open!, status: "identified" };
    project.run({ a: "down" }, 10);
    expect(project.open.status).toBe("identified");
    project.open = { ...project.open, status: "monitoring" };
    project.run({ a: "down" }, 10);
    expect(project.open.status).toBe("monitoring");
  });
});

describe("for any run of windows", () => {
  const kind = fc.constantFrom<LedgerKind>("up", "up", "degraded", "down", "unknown", "stopped");
  const runs = fc.array(fc.record({ a: kind, b: kind, c: kind }), { maxLength: 120 });
  const isBad = (one: LedgerKind | undefined) => one === "down" || one === "degraded";

  test("it opens only after two bad windows in a row, and recovers only after five good ones of all affected", () => {
    fc.assert(
      fc.property(runs, (windows) => {
        const project = new Project();
        windows.forEach((kinds, index) => {
          const step = project.window(kinds);
          const seen = (id: string) =>
            windows
              .slice(0, index + 1)
              .map((one) => one[id as "a"])
              .filter((one) => one !== "unknown");
          if (step?.reason === "opened" || step?.reason === "spread")
            for (const id of step.about)
              expect(seen(id).slice(-OPEN_AFTER).every(isBad)).toBe(true);
          if (step?.reason === "recovered")
            for (const id of step.affected.filter((one) => kinds[one as "a"] !== "stopped"))
              expect(seen(id).slice(-CLOSE_AFTER)).toEqual(Array(CLOSE_AFTER).fill("up"));
        });
      }),
    );
  });

  test("two bad windows always have an incident open, and impact and affected never shrink", () => {
    fc.assert(
      fc.property(runs, (windows) => {
        const project = new Project();
        let before: OpenIncident | null = null;
        windows.forEach((kinds, index) => {
          const last = windows[index - 1];
          project.window(kinds);
          if (isBad(kinds.a) && isBad(last?.a)) expect(project.open?.affected).toContain("a");
          const rank = ["none", "minor", "major", "critical"];
          if (before && project.open && project.steps.at(-1)?.reason !== "opened") {
            expect(project.open.affected).toEqual(expect.arrayContaining([...before.affected]));
            expect(rank.indexOf(project.open.impact)).toBeGreaterThanOrEqual(
              rank.indexOf(before.impact),
            );
          }
          before = project.open;
        });
      }),
    );
  });

  test("each incident begins with investigating, ends with resolved, and is one at a time", () => {
    fc.assert(
      fc.property(runs, (windows) => {
        const project = new Project();
        for (const kinds of windows) project.window(kinds);
        let isOpen = false;
        for (const { reason, status } of project.steps) {
          expect(reason === "opened").toBe(!isOpen);
          if (!isOpen) expect(status).toBe("investigating");
          isOpen = status !== "resolved";
        }
      }),
    );
  });
});

describe("a window", () => {
  test.each([
    ["the first", null, 100, { due: true, blind: false }],
    ["the next", 99, 100, { due: true, blind: false }],
    ["the same again", 100, 100, { due: false, blind: false }],
    ["an earlier one, the clock went back", 101, 100, { due: false, blind: false }],
    ["a late one", 96, 100, { due: true, blind: false }],
    ["one after nobody looked for a while", 90, 100, { due: true, blind: true }],
  ])("%s", (_name, last, window, expected) => {
    expect(windowDue(last, window * WINDOW_MS + 5)).toEqual(expected);
  });
});

describe("what the world is told", () => {
  test.each([
    ["up", 0, "operational"],
    ["degraded", 0, "degraded_performance"],
    ["down", 0, "partial_outage"],
    ["down", 2, "major_outage"],
    ["stopped", 0, "under_maintenance"],
    ["pending", 0, "under_maintenance"],
    ["unknown", 0, "degraded_performance"],
    [null, 0, "degraded_performance"],
  ] as const)("%s for %d windows is %s", (kind, windows, expected) => {
    const watched = { kind, since: NOW - windows * WINDOW_MS, maintained: false };
    expect(conditionOf(watched, NOW)).toBe(expected);
    expect(conditionOf({ ...watched, maintained: true }, NOW)).toBe("under_maintenance");
  });

  test("severity goes by the share affected", () => {
    const of = (down: number, all: number) =>
      impactOf([
        ...Array(down).fill("major_outage" as const),
        ...Array(all - down).fill("operational" as const),
      ]);
    expect([of(0, 4), of(1, 4), of(2, 4), of(3, 4), of(4, 4)]).toEqual([
      "none",
      "minor",
      "major",
      "major",
      "critical",
    ]);
    expect(impactOf(["degraded_performance"])).toBe("minor");
    expect(impactOf([])).toBe("none");
  });
});
