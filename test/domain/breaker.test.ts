// Replacement freezes where half of a project's hosts are lost at once, and always thaws.
import { describe, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { type Frozen, judgeBreaker, takeCensus } from "../../src/domain/breaker.ts";

const policy = DEFAULT_POLICY.breaker;
const LOST_AT = 1_000_000;

describe("the breaker", () => {
  const judge = (gone: number, alive: number, afterMs = 0, thawedByHand = false) =>
    judgeBreaker(
      { census: { gone, alive }, lostAt: LOST_AT, thawedByHand, before: null },
      LOST_AT + afterMs,
      policy,
    );

  test.each([
    ["one of one", 1, 0, false],
    ["both of two: too few to tell", 2, 0, false],
    ["one of three", 1, 2, false],
    ["two of three", 2, 1, true],
    ["two of four: half", 2, 2, true],
    ["two of five", 2, 3, false],
    ["all of a hundred", 100, 0, true],
  ])("%s lost", (_, gone, alive, freezes) => {
    expect(judge(gone, alive) !== null).toBe(freezes);
  });
  test("says how many", () => {
    expect(judge(3, 2)).toEqual({ gone: 3, of: 5, calm: 0 });
  });
  test("thaws at the second look in a row that finds less than half gone", () => {
    const look = (gone: number, before: Frozen | null) => {
      const census = { gone, alive: 4 - gone };
      return judgeBreaker(
        { census, lostAt: LOST_AT, thawedByHand: false, before },
        LOST_AT,
        policy,
      );
    };
    const frozen = look(2, null);
    const calm = look(1, frozen);
    expect(calm).not.toBeNull();
    expect(look(1, look(2, calm))).not.toBeNull();
    expect(look(1, calm)).toBeNull();
  });
  test("thaws after its time, and by hand", () => {
    expect(judge(5, 0, policy.thawMs - 1)).not.toBeNull();
    expect(judge(5, 0, policy.thawMs)).toBeNull();
    expect(judge(5, 0, 0, true)).toBeNull();
  });
});

describe("the census", () => {
  test("counts who was lost about then, and who is about to be", () => {
    const around = (ms: number) => ({ status: "lost", lostAt: LOST_AT + ms }) as const;
    const other = (status: "online" | "suspect" | "joining" | "cloned" | "removed") => ({
      status,
      lostAt: null,
    });
    const seen = [
      around(0),
      around(-policy.windowMs),
      around(policy.windowMs),
      around(-policy.windowMs - 1),
      { status: "lost", lostAt: null } as const,
      other("suspect"),
      other("online"),
      other("online"),
      other("joining"),
      other("cloned"),
      other("removed"),
    ];
    expect(takeCensus(seen, LOST_AT, policy)).toEqual({ gone: 5, alive: 2 });
  });
});
