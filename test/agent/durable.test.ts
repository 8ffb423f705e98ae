// What is on the disk after a kill, a full disk or a strange answer: whole, or as if it had not been written.
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AppendFile, readLines, replaceFile } from "../../agent/durable.ts";
import { programEnv } from "../../agent/environment.ts";
import { policyFrom } from "../../agent/policy.ts";
import { logLine } from "../../agent/world.ts";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";

const dir = mkdtempSync(join(tmpdir(), "coppice-durable-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("a torn last line is as if never written, and the next append does not join it", () => {
  const path = join(dir, "a.journal");
  const first = new AppendFile(path);
  first.append({ n: 1 });
  first.close();
  appendFileSync(path, '{"n":2');
  expect(readLines(path)).toEqual([{ n: 1 }]);
  const second = new AppendFile(path);
  second.append({ n: 3 });
  expect(readLines(path)).toEqual([{ n: 1 }, { n: 3 }]);
  second.rewrite([{ n: 4 }]);
  second.append({ n: 5 });
  second.close();
  expect(readLines(path)).toEqual([{ n: 4 }, { n: 5 }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a replaced file is whole and private", () => {
  const path = join(dir, "b.json");
  writeFileSync(path, "old", { mode: 0o644 });
  replaceFile(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a strange policy changes only the numbers that are numbers", () => {
  expect(policyFrom("nonsense")).toEqual(DEFAULT_POLICY);
  expect(policyFrom({ logs: 3, nope: {}, restart: { baseMs: "x", capMs: 9, jitter: -1 } })).toEqual(
    {
      ...DEFAULT_POLICY,
      restart: { ...DEFAULT_POLICY.restart, capMs: 9 },
    },
  );
});

test("the user's PORT passes, COPPICE_ names can't be taken over, and none is made up", () => {
  const options = {
    programPath: "/bin",
    home: "/h",
    desired: { project: "p", worker: "w" },
    instance: { instanceId: "ins_1", slot: 2, generation: 7, release: 3 },
  };
  const release = {
    number: 3,
    source: { repo: "/r", commit: "c".repeat(40), rootDir: ".", buildCommand: null },
    digest: "",
    startCommand: "x",
    stopSignal: "SIGTERM",
    stopGraceMs: 1,
    mode: "available",
    allowLocalRepo: true,
  } as const;
  const bare = programEnv({ ...options, release: { ...release, env: {} } });
  expect(Object.keys(bare)).not.toContain("PORT");
  const env = { PORT: "80", HOME: "/mine", COPPICE_SLOT: "9", COPPICE_EVIL: "1" };
  const own = programEnv({ ...options, release: { ...release, env } });
  expect(own).toMatchObject({
    PORT: "80",
    HOME: "/mine",
    COPPICE_SLOT: "2",
    COPPICE_GENERATION: "7",
  });
  expect(own).not.toHaveProperty("COPPICE_EVIL");
});

test("a log line is one line, whatever is in it", () => {
  expect(logLine(0, "warn", "what", { a: 1, b: "x y", c: 'q"\n', d: undefined })).toBe(
    '1970-01-01T00:00:00.000Z warn what a=1 b="x y" c="q\\"\\n"',
  );
});
