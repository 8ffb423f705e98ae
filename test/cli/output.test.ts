// What is shown: text of others is harmless, tables fit, times read as people say them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distance, nearest } from "../../cli/near.ts";
import { clean, cleanText, safeJson } from "../../cli/output/sanitise.ts";
import { makePaint, showState, wantsColour } from "../../cli/output/style.ts";
import { tableLines } from "../../cli/output/table.ts";
import { ago, parseSpan, span } from "../../cli/output/time.ts";
import { cutTo, widthOf } from "../../cli/output/width.ts";
import { FakeControlPlane } from "./fake.ts";
import { at, cli } from "./run.ts";
import { logLine, worker } from "./views.ts";

/** What a terminal acts on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
const ACTED_ON = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;
/** How a line that is followed is drawn anew. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own
const REDRAW = /\u001b\[\d+A\u001b\[0J/gu;

const NASTY = [
  ["colours", "\u001b[31mred\u001b[0m", "red"],
  ["clearing the screen", "a\u001b[2J\u001b[Hb", "ab"],
  ["a title (OSC, BEL)", "\u001b]0;owned\u0007x", "x"],
  ["a link (OSC, ST)", "\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\", "click"],
  ["the clipboard", "\u001b]52;c;ZXZpbA==\u0007", ""],
  ["an OSC without end", "\u001b]0;swallowed", ""],
  ["a device control string", "\u001bP+q544e\u001b\\y", "y"],
  ["C1 controls", "\u009b31mred\u009d0;t\u009cz", "redz"],
  ["returning over what was said", "all well\rattack", "all well attack"],
  ["a bell, a backspace, a NUL", "a\u0007\b\u0000b", "ab"],
  ["a lone escape", "\u001b", ""],
  ["right-to-left override", "user\u202egpj.exe", "user\\u202egpj.exe"],
  ["isolates", "\u2066a\u2069", "\\u2066a\\u2069"],
  ["an invisible line end", "a\u2028b", "a\\u2028b"],
  ["other people's letters", "Grüße 日本 🎉 שלום", "Grüße 日本 🎉 שלום"],
  ["a script tag", "<script>alert(1)</script>", "<script>alert(1)</script>"],
] as const;

describe("text from elsewhere", () => {
  test.each(NASTY)("%s", (_, text, shown) => {
    expect(clean(text)).toBe(shown);
  });

  test("lines stay lines where they are asked for", () => {
    expect(cleanText("a\n\u001b[1mb\tc")).toBe("a\nb\tc");
    expect(clean("a\nb\tc")).toBe("a b  c");
  });

  test("nothing that a terminal acts on comes through, whatever it is made of", () => {
    const pieces = fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "0;",
      "\u0007",
      "\u009b",
      "\\",
      "m",
      "é",
      "\u202e",
      "\n",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(pieces, fc.string({ unit: "binary" })), { maxLength: 12 }),
        (parts) => {
          expect(clean(parts.join(""))).not.toMatch(ACTED_ON);
        },
      ),
    );
  });

  test("JSON keeps its value and is harmless on a terminal", () => {
    for (const [, text] of NASTY) {
      const json = safeJson({ text });
      expect(JSON.parse(json)).toEqual({ text });
      expect(json).not.toMatch(ACTED_ON);
    }
  });

  test("a line of a megabyte is shown at once, as text", () => {
    const began = performance.now();
    expect(clean(`${"\u001b[31m".repeat(10)}${"x".repeat(1_048_576)}`)).toHaveLength(1_048_576);
    expect(clean("\u001b]".repeat(50_000)).length).toBeLessThan(100_000);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test("in logs, names, commit messages and reasons", async () => {
    const plane = await new FakeControlPlane().start();
    const evil = "\u001b]0;owned\u0007\u001b[2Jevil\u202e";
    plane.workers = [worker({ name: evil, statusReason: evil, status: "degraded" })];
    plane.lines = [logLine(evil), logLine(evil, { stream: "system" })];
    plane.deploys = [{ ...plane.deploys[0]!, commitMessage: evil, actor: evil, reason: evil }];
    for (const argv of [
      ["status"],
      ["logs"],
      ["deploys"],
      ["deploys", "5"],
      ["ps"],
      ["deploy"],
      ["crashes"],
    ]) {
      const { stdout, stderr } = await cli(argv, {
        env: { ...at(plane.url), NO_COLOR: "1" },
        tty: true,
      });
      expect(stdout + stderr, argv.join(" ")).toContain("evil\\u202e");
      const bare = (stdout + stderr).replace(REDRAW, "");
      expect(bare.replaceAll("\n", ""), argv.join(" ")).not.toMatch(ACTED_ON);
      expect(bare, argv.join(" ")).not.toContain("owned");
    }
    await plane.stop();
  });
});

describe("tables", () => {
  const columns = [
    { title: "NAME", cell: (row: string[]) => row[0] ?? "" },
    { title: "WHY", cell: (row: string[]) => row[1] ?? "", flexible: true },
    { title: "NOTHING", cell: () => "" },
  ];
  const head = (text: string) => text;

  test("fit the width, and leave out what is empty", () => {
    const lines = tableLines([["mailer", "because ".repeat(30)]], columns, { columns: 60, head });
    expect(lines[0]).toBe("NAME    WHY");
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(lines[1]).toMatch(/…$/);
  });

  test("spare a column before they cut one below reading", () => {
    const spare = { title: "BY", cell: () => "somebody", spare: true };
    const row = [["mailer", "because ".repeat(30)]];
    const wide = tableLines(row, [...columns, spare], { columns: 60, head });
    expect(wide[0]).toMatch(/NAME +WHY +BY/);
    const narrow = tableLines(row, [...columns, spare], { columns: 26, head });
    expect(narrow[0]).toBe("NAME    WHY");
    expect(widthOf(narrow[1] ?? "")).toBeLessThanOrEqual(26);
  });

  test("are not cut for a pipe", () => {
    const lines = tableLines([["mailer", "because ".repeat(30)]], columns, { columns: null, head });
    expect(lines[1]).toHaveLength(6 + 2 + 30 * 8 - 1);
  });

  test("are aligned by what is seen: colours take no room, wide letters take two", () => {
    const paint = makePaint(true);
    expect(widthOf(paint("red", "日本"))).toBe(4);
    expect(widthOf("e\u0301")).toBe(1);
    expect(cutTo("日本語です", 6)).toBe("日本…");
  });
});

describe("states", () => {
  test("are a dot and a word, also without colour", () => {
    expect(showState(makePaint(false), "crashlooping")).toBe("● crash loop");
    expect(showState(makePaint(false), "unknown")).toBe("○ unknown");
  });

  test("NO_COLOR, FORCE_COLOR and TERM=dumb are heard", () => {
    const tty = { write: () => {}, isTTY: true, columns: 80 };
    const pipe = { ...tty, isTTY: false };
    expect(wantsColour(tty, {})).toBe(true);
    expect(wantsColour(tty, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour(tty, { TERM: "dumb" })).toBe(false);
    expect(wantsColour(pipe, {})).toBe(false);
    expect(wantsColour(pipe, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColour(pipe, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });
});

describe("times", () => {
  test.each([
    [40, "40 ms"],
    [999, "1 s"],
    [61_000, "61 s"],
    [180_000, "3 min"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [90 * 86_400_000, "90 d"],
  ])("%i ms is %s", (ms, text) => expect(span(ms)).toBe(text));

  test("ago and in", () => {
    const now = Date.parse("2026-11-23T10:00:00Z");
    expect(ago("2026-11-23T09:59:48Z", now)).toBe("12 s ago");
    expect(ago("2026-11-23T10:15:00Z", now)).toBe("in 15 min");
    expect(ago("2026-11-23T05:10:00Z", now)).toBe("4 h ago");
    expect(ago(null, now)).toBe("");
  });

  test.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["", null],
    ["5", null],
    ["h", null],
    ["-1h", null],
  ])("%s", (text, ms) => expect(parseSpan(text)).toBe(ms));
});

describe("near misses", () => {
  test("one slip is near, another word is not", () => {
    expect(distance("mialer", "mailer")).toBe(1);
    expect(nearest("mailr", ["queue", "mailer"])).toEqual(["mailer"]);
    expect(nearest("mail", ["queue", "mailer"])).toEqual(["mailer"]);
    expect(nearest("zebra", ["queue", "mailer"])).toEqual([]);
  });
});
