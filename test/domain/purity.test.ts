// Decisions read no clock and roll no dice; and the map in the docs shows the table that is in force.
import { describe, expect, test } from "vitest";
import architecture from "../../docs/ARCHITECTURE.md?raw";
import { lifecycleDiagram } from "../../src/domain/lifecycle.ts";

const decisions = import.meta.glob(
  [
    "../../src/domain/**/*.ts",
    "../../agent/reconcile.ts",
    "../../agent/keeper/policy.ts",
    "../../protocol/*.ts",
  ],
  { query: "?raw", import: "default", eager: true },
);

const IMPURE =
  /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\bset(Timeout|Interval)\b/;

describe("decisions are pure", () => {
  test.each(Object.keys(decisions))("%s", (file) => {
    const code = decisions[file]!.replace(/\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");
    expect(code.match(IMPURE)?.[0]).toBeUndefined();
  });
  test("and the check sees what it should", () => {
    expect(Object.keys(decisions).length).toBeGreaterThan(12);
    expect(IMPURE.test("const now = Date.now();")).toBe(true);
  });
});

test("the lifecycle diagram in docs/ARCHITECTURE.md is the table's", () => {
  expect(architecture).toContain(lifecycleDiagram());
});
