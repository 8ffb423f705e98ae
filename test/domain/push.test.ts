// What a push means for a worker, and which files a glob means.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesAny, matchesGlob } from "../../src/services/hooks/globs.ts";
import { judgeGeneric, judgePush } from "../../src/services/hooks/push.ts";

describe("globs", () => {
  test.each<[string, string, boolean]>([
    ["api/a.ts", "api/**", true],
    ["api/x/y/a.ts", "api/**", true],
    ["api", "api/**", true],
    ["apis/a.ts", "api/**", false],
    ["api/a.ts", "api", true],
    ["api/a.ts", "api/", true],
    ["a.ts", "*.ts", true],
    ["x/a.ts", "*.ts", false],
    ["x/a.ts", "**/*.ts", true],
    ["a.ts", "**/*.ts", true],
    ["x/y/a.md", "x/*/a.??", true],
    ["x/y/z/a.md", "x/*/a.md", false],
    ["x/y/z/a.md", "x/**/a.md", true],
    ["a.b", "a?b", true],
    ["a/b", "a?b", false],
    ["a[1].ts", "a[1].ts", true],
    ["lib/a/b/c/d", "**/b/**/d", true],
  ])("%s by %s: %s", (path, glob, expected) => {
    expect(matchesGlob(path, glob)).toBe(expected);
  });

  test("the last one that matches decides; one that only takes out leaves the rest in", () => {
    expect(matchesAny("docs/a.md", ["**", "!docs"])).toBe(false);
    expect(matchesAny("docs/keep.md", ["**", "!docs", "docs/keep.md"])).toBe(true);
    expect(matchesAny("src/a.ts", ["!docs"])).toBe(true);
    expect(matchesAny("src/a.ts", ["docs"])).toBe(false);
  });

  const name = fc.stringMatching(/^[a-c]{1,4}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  test("a path means itself, all below it, and is under every glob of its folders", () => {
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(matchesGlob(a, a)).toBe(true);
        expect(matchesGlob(`${a}/${b}`, a)).toBe(true);
        expect(matchesGlob(`${a}/${b}`, `${a}/**`)).toBe(true);
        expect(matchesGlob(`${a}/${b}`, `**/${b}`)).toBe(true);
        expect(matchesGlob(a, "**")).toBe(true);
      }),
    );
  });

  test("no glob makes it slow", () => {
    const started = performance.now();
    expect(matchesGlob(`${"a".repeat(4_000)}/b`, `${"*a".repeat(120)}*c`)).toBe(false);
    expect(matchesGlob(Array(500).fill("a").join("/"), `${"**/a/".repeat(40)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

const COMMIT = "1c2f7e7a41b2c3d4e5f607182930a1b2c3d4e5f6";
const asked = { branch: "main", rootDir: ".", paths: [] as string[] };
const push = (over: object = {}) => ({
  ref: "refs/heads/main",
  after: COMMIT,
  pusher: { name: "ada" },
  commits: [{ added: ["a.txt"], removed: [], modified: ["api/b.ts"] }],
  ...over,
});

describe("a push", () => {
  test.each<[string, object, Partial<typeof asked>, string]>([
    ["to the branch", {}, {}, "deploy"],
    ["to another branch", { ref: "refs/heads/next" }, {}, "ignore"],
    ["of a tag", { ref: "refs/tags/v1" }, {}, "ignore"],
    ["that deletes the branch", { deleted: true }, {}, "ignore"],
    ["in its folder", {}, { rootDir: "api" }, "deploy"],
    ["outside of its folder", {}, { rootDir: "web" }, "ignore"],
    ["of files that its globs name", {}, { rootDir: "web", paths: ["*.txt"] }, "deploy"],
    ["of files that they don't", {}, { paths: ["docs/**"] }, "ignore"],
    ["of removed files", { commits: [{ removed: ["web/x"] }] }, { rootDir: "web" }, "deploy"],
    ["without commits: nobody knows", { commits: [] }, { rootDir: "web" }, "deploy"],
    ["that was forced: nobody knows", { forced: true }, { rootDir: "web" }, "deploy"],
    ["that is none", { ref: 1 }, {}, "malformed"],
  ])("%s", (_, over, worker, kind) => {
    expect(judgePush(push(over), { ...asked, ...worker }).kind).toBe(kind);
  });

  test("names who pushed and the commit; what is no name or commit is left out", () => {
    expect(judgePush(push(), asked)).toEqual({ kind: "deploy", by: "ada", commit: COMMIT });
    const odd = push({ after: "../x", pusher: { name: "\u202e\n" }, sender: { login: "bob" } });
    expect(judgePush(odd, asked)).toEqual({ kind: "deploy", by: "bob", commit: null });
    expect(judgePush(null, asked).kind).toBe("malformed");
    expect(judgeGeneric({ branch: "next" }, asked).kind).toBe("ignore");
    expect(judgeGeneric({ by: "ci" }, asked)).toEqual({ kind: "deploy", by: "ci", commit: null });
  });
});
