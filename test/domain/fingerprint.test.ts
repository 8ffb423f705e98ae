// Which crashes count as the same.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tellingLine } from "../../protocol/crash-line.ts";
import { countDay, type Ended, fingerprintOf, normalise } from "../../src/domain/fingerprint.ts";

const ended = (some: Partial<Ended> = {}): Ended => ({
  ...{ exitCode: 1, signal: null, oom: false, reason: "crash", detail: null, tail: [] },
  ...some,
});

describe("the line that tells most", () => {
  test.each([
    [
      "Node",
      [
        "starting",
        "TypeError: x is not a function",
        "    at run (/app/a.js:3:9)",
        "",
        "Node.js v24.21.0",
      ],
      "TypeError: x is not a function",
    ],
    [
      "Python",
      [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in <module>',
        "ValueError: bad",
      ],
      "ValueError: bad",
    ],
    ["Go", ["panic: boom", "", "goroutine 1 [running]:", "exit status 2"], "panic: boom"],
    [
      "Ruby",
      ["a.rb:3:in `run': no queue (RuntimeError)"],
      "a.rb:3:in `run': no queue (RuntimeError)",
    ],
    ["no error named", ["one", "two", "  "], "two"],
    ["nothing but a stack", ["    at run (/app/a.js:3:9)"], "    at run (/app/a.js:3:9)"],
    ["nothing", [], ""],
  ])("%s", (_, tail, line) => {
    expect(tellingLine(tail)).toBe(line);
  });
});

describe("crashes are of one kind", () => {
  test.each([
    ["numbers", "Error: job 17 failed after 3.5 s", "Error: job 18 failed after 12 s"],
    ["times", "2026-08-15T10:00:00.123Z Error: gone", "2026-08-16T11:02:03Z Error: gone"],
    [
      "ids",
      "Error: no order 7f3c2a10-1111-4222-8333-944445555666",
      "Error: no order 00000000-0000-4000-8000-000000000000",
    ],
    ["addresses", "connect ECONNREFUSED 10.0.0.7:6379", "connect ECONNREFUSED 127.0.0.1:16379"],
    ["pointers", "fatal error at 0xdeadbeef", "fatal error at 0x1"],
    ["colours", "\u001b[31mError: gone\u001b[0m", "Error: gone"],
    [
      "tokens",
      "Error: key sk_live_4242424242aa is bad",
      "Error: key sk_live_99999999zzzz99 is bad",
    ],
  ])("whatever %s they name", (_, one, other) => {
    const key = (line: string) => fingerprintOf(ended({ tail: [line] })).key;
    expect(key(one)).toBe(key(other));
  });

  test.each([
    ["another exit code", { exitCode: 2 }],
    ["a signal", { exitCode: null, signal: "SIGKILL" }],
    ["no memory", { oom: true }],
    ["stalled", { reason: "stalled" as const }],
    ["another message", { tail: ["Error: other"] }],
  ])("but not with %s", (_, some) => {
    const one = fingerprintOf(ended({ tail: ["Error: gone"] }));
    expect(fingerprintOf(ended({ tail: ["Error: gone"], ...some })).key).not.toBe(one.key);
  });

  test("where nothing was written, by what the host says of it", () => {
    const detail = "no such directory: jobs";
    expect(fingerprintOf(ended({ detail }))).toMatchObject({ title: detail, cause: "exit code 1" });
  });
});

test("any text makes a key and a title of bounded length, without control", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5_000 }), (line) => {
      const { key, title } = fingerprintOf(ended({ tail: [line] }));
      expect(key.length).toBeLessThanOrEqual(300);
      expect(title.length).toBeLessThanOrEqual(240);
      expect(normalise(line)).not.toMatch(/\d/);
      expect(title).not.toContain("\u001b[");
    }),
  );
});

test("a hostile line costs no more than any other", () => {
  const began = performance.now();
  for (const one of ["a-".repeat(500_000), "1:".repeat(500_000), "\u001b]".repeat(500_000)])
    fingerprintOf(ended({ tail: [one] }));
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("days are counted, and old ones go", () => {
  expect(countDay(countDay({}, 10, 3), 10, 3)).toEqual({ 10: 2 });
  expect(countDay({ 7: 4, 8: 1, 10: 2 }, 10, 3)).toEqual({ 8: 1, 10: 3 });
});
