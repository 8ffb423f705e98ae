// The journal against torn writes, full segments, full disks and deaths between any two writes.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { Journal } from "../../../agent/keeper/journal.ts";
import {
  apply,
  collapse,
  emptyLedger,
  GONE_KEPT,
  type JournalRecord,
  type Ledger,
  lastAttempt,
  snapshot,
} from "../../../agent/keeper/ledger.ts";
import { decodeSegment, encodeLine, encodeSegment } from "../../../agent/keeper/segment.ts";
import type { Exit } from "../../../protocol/instance.ts";
import { stateDirectory } from "./support.ts";

const after = (delayMs: number, run: () => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
const exitOf = (instanceId: string, attempt: number, bootId = "b"): Exit => ({
  instanceId,
  bootId,
  attempt,
  pid: 1,
  startedAt: 1,
  exitedAt: 2,
  uptimeMs: 1,
  exitCode: 1,
  signal: null,
  oom: false,
  reason: "crash",
  restartInMs: 0,
  collapsed: 0,
  detail: null,
});
const started = (instanceId: string, attempt: number, bootId = "b"): JournalRecord => ({
  t: "start",
  key: { instanceId, bootId, attempt },
  at: 1,
  ms: 1,
});
const ended = (instanceId: string, attempt: number): JournalRecord => ({
  t: "exit",
  exit: exitOf(instanceId, attempt),
  restarts: attempt,
  dueMs: null,
});
const replay = (records: readonly JournalRecord[]): Ledger => {
  const ledger = emptyLedger();
  for (const record of records) apply(ledger, record);
  return ledger;
};

const anId = fc.constantFrom("a", "b", "c");
const aNumber = fc.integer({ min: 1, max: 30 });
const aRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.tuple(anId, aNumber).map(([id, n]) => started(id, n)),
  fc.tuple(anId, aNumber).map(([id, n]) => ended(id, n)),
  fc.record({ t: fc.constant("pid" as const), id: anId, pid: aNumber, born: aNumber }),
  fc.record({
    t: fc.constant("stop" as const),
    id: anId,
    stop: fc.record({
      reason: fc.constant("stopped" as const),
      killAtMs: aNumber,
      bootId: fc.constant("b"),
      signalled: fc.constant(false),
    }),
  }),
  fc.record({ t: fc.constant("signalled" as const), id: anId }),
  fc.record({ t: fc.constant("fresh" as const), id: anId }),
  fc.record({ t: fc.constant("fence" as const), id: anId, killAtMs: aNumber }),
  fc.record({
    t: fc.constant("lease" as const),
    bootId: fc.constantFrom("b", "c"),
    lease: fc.record({ termAtMs: aNumber, killAtMs: aNumber }),
    ids: fc.uniqueArray(anId),
  }),
  fc.record({ t: fc.constant("remove" as const), id: anId }),
  fc.tuple(anId, aNumber).map(([id, n]) => ({ t: "forget" as const, keys: [`${id}/b/${n}`] })),
);

describe("ledger", () => {
  test("a snapshot replays to the same ledger", () => {
    fc.assert(
      fc.property(fc.array(aRecord), (records) => {
        const ledger = replay(records);
        expect(replay(snapshot(ledger))).toEqual(ledger);
      }),
    );
  });

  test("a record of a newer keeper is passed over, so that this one can take its place again", () => {
    const ledger = emptyLedger();
    apply(ledger, { t: "from-the-future", id: "ins_1" } as never);
    expect(ledger).toEqual(emptyLedger());
  });

  test("an instance that was removed and comes back goes on counting in the same boot", () => {
    const ledger = replay([started("a", 7), { t: "remove", id: "a" }]);
    expect([lastAttempt(ledger, "a", "b"), lastAttempt(ledger, "a", "other")]).toEqual([7, 0]);
    for (let n = 0; n < 2 * GONE_KEPT; n++) {
      apply(ledger, started(`x${n}`, 1));
      apply(ledger, { t: "remove", id: `x${n}` });
    }
    expect(ledger.gone.size).toBe(GONE_KEPT);
  });

  test("collapsing never loses count, keeps each instance's newest, and ends", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anId, aNumber)), (pairs) => {
        const ledger = replay(pairs.map(([id, n]) => ended(id, n)));
        const count = () =>
          [...ledger.exits.values()].reduce((sum, exit) => sum + 1 + exit.collapsed, 0);
        const before = count();
        const newest = new Set([...ledger.exits.values()].map((exit) => exit.instanceId)).size;
        while (collapse(ledger) > 0) expect(count()).toBe(before);
        expect(ledger.exits.size).toBe(newest);
      }),
    );
  });
});

describe("segment", () => {
  const records = [started("a", 1), ended("a", 1), started("a", 2)];
  const whole = Buffer.concat([
    encodeSegment(4, records.slice(0, 1)),
    ...records.slice(1).map((record) => encodeLine(record, 4)),
  ]);
  const readyBytes = encodeSegment(4, records.slice(0, 1)).length;

  test("cut at every byte it yields whole records only, and nothing before it was ready", () => {
    for (let cut = 0; cut <= whole.length; cut++) {
      const torn = Buffer.concat([whole.subarray(0, cut), Buffer.alloc(512)]);
      const content = decodeSegment(torn);
      if (cut < readyBytes) {
        expect(content).toBeNull();
        continue;
      }
      expect(records.slice(0, content!.records.length)).toEqual(content!.records);
      expect(content!.endBytes).toBeLessThanOrEqual(cut);
    }
  });

  test("with any byte spoiled it never yields a wrong record", () => {
    for (let at = 0; at < whole.length; at++) {
      const spoiled = Buffer.from(whole);
      spoiled[at] = spoiled[at]! ^ 0x20;
      const content = decodeSegment(spoiled);
      if (content !== null)
        expect(records.slice(0, content.records.length)).toEqual(content.records);
    }
  });

  test("lines of an earlier use of the same file are not believed", () => {
    const old = encodeSegment(
      2,
      Array.from({ length: 40 }, (_, n) => ended("a", n)),
    );
    const file = Buffer.from(old);
    whole.copy(file);
    expect(decodeSegment(file)?.records).toEqual(records);
  });
});

describe("journal", () => {
  const open = (dir: string, segmentBytes = 16_384) => {
    const journal = new Journal({ dir, segmentBytes, log: () => {}, after });
    onTestFinished(() => journal.close());
    return journal;
  };

  test("death between any two appends loses nothing, through many compactions", () => {
    const dir = stateDirectory();
    fc.assert(
      fc.property(fc.array(fc.array(aRecord, { maxLength: 60 }), { maxLength: 5 }), (lives) => {
        const expected = emptyLedger();
        const base = join(dir, String(Math.random()));
        mkdirSync(base);
        for (const records of lives) {
          const journal = new Journal({ dir: base, segmentBytes: 16_384, log: () => {}, after });
          expect(journal.ledger).toEqual(expected);
          for (const record of records) {
            journal.append(record);
            apply(expected, record);
          }
          // No close, no sync: the process is simply gone.
        }
        expect(
          new Journal({ dir: base, segmentBytes: 16_384, log: () => {}, after }).ledger,
        ).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  test("days of renewals cost the disk a sync for each full segment, and lose nothing", async () => {
    const dir = stateDirectory();
    let waits = 0;
    const journal = new Journal({
      dir,
      segmentBytes: 16_384,
      log: () => {},
      after: (delayMs, run) => {
        waits++;
        return after(delayMs, run);
      },
    });
    onTestFinished(() => journal.close());
    journal.append(started("a", 1));
    await journal.synced();
    const segments = () =>
      [0, 1].map((n) => decodeSegment(readFileSync(join(dir, `journal.${n}`))));
    const newest = () => Math.max(...segments().map((held) => held?.segment ?? 0));
    const ids = Array.from({ length: 50 }, (_, n) => `ins_${"x".repeat(20)}${n}`);
    const renew = (n: number) =>
      journal.append({ t: "lease", bootId: "b", ids, lease: { termAtMs: n, killAtMs: n + 1 } });
    renew(1);
    const [before, first] = [waits, newest()];
    for (let n = 2; n < 400; n++) {
      renew(n);
      // A compaction alone has something to sync, and that is waited for: as in life, where hours lie between two.
      if (newest() > first && waits > before) await journal.synced();
    }
    const compactions = newest() - first;
    expect(compactions).toBeGreaterThan(10);
    expect(waits - before).toBe(compactions);
    expect(open(dir).ledger.entries.get(ids[49]!)?.lease).toEqual({
      bootId: "b",
      lease: { termAtMs: 399, killAtMs: 400 },
    });
  });

  test("a torn write of the newest segment, at every byte, loses nothing that was in the older one", () => {
    const dir = stateDirectory();
    const journal = open(dir, 4_096);
    let n = 0;
    const activeIs = () => decodeSegment(readFileSync(join(dir, "journal.0")))?.segment ?? 0;
    const first = activeIs();
    while (activeIs() === first) {
      n++;
      journal.append(started("a", n));
      journal.append(ended("a", n));
      journal.forget([exitOf("a", n)]);
    }
    const newest = readFileSync(join(dir, "journal.0"));
    const end = decodeSegment(newest)!.endBytes;
    for (let cut = 0; cut < end; cut += 7) {
      const copy = join(dir, `cut${cut}`);
      mkdirSync(copy);
      copyFileSync(join(dir, "journal.1"), join(copy, "journal.1"));
      writeFileSync(join(copy, "journal.0"), newest.subarray(0, cut));
      truncateSync(join(copy, "journal.0"), 4_096);
      const { ledger } = open(copy, 4_096);
      expect(ledger.entries.get("a")!.attempt).toBeGreaterThanOrEqual(n - 1);
    }
  });

  test("unreported exits are bounded, and each still counts", () => {
    const dir = stateDirectory();
    const journal = open(dir);
    const total = 2_000;
    for (let n = 1; n <= total; n++) {
      journal.append(started(n % 3 ? "a" : "b", n));
      journal.append(ended(n % 3 ? "a" : "b", n));
    }
    const reopened = open(dir);
    expect(reopened.ledger).toEqual(journal.ledger);
    const exits = [...reopened.ledger.exits.values()];
    expect(exits.length).toBeLessThan(100);
    expect(exits.reduce((sum, exit) => sum + 1 + exit.collapsed, 0)).toBe(total);
    expect(exits.at(-1)).toMatchObject({ attempt: total, collapsed: 0 });
  });

  test("`synced` comes after the disk, and many callers share few calls", async () => {
    const journal = open(stateDirectory());
    const all = Array.from({ length: 200 }, (_, n) => {
      journal.append(started("a", n + 1));
      return journal.synced();
    });
    await Promise.all(all);
    await journal.synced();
  });

  test("no more instances are taken than a snapshot can hold", () => {
    const journal = open(stateDirectory());
    let taken = 0;
    for (; journal.hasRoom(); taken++) journal.append(started(`i${taken}`, 1));
    expect(taken).toBe(16);
  });
});

test("a full disk loses no evidence", (context) => {
  const mount = join(stateDirectory(), "small");
  mkdirSync(mount);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], { stdio: "pipe" });
  } catch (error) {
    const why = `no small disk to fill here: ${String(error).split("\n")[0]}`;
    console.log(`skipped: ${why}`);
    context.skip(why);
  }
  onTestFinished(() => void execFileSync("umount", ["-l", mount]));
  const lines: string[] = [];
  const make = () =>
    new Journal({ dir: mount, segmentBytes: 65_536, log: (line) => lines.push(line), after });
  const journal = make();
  expect(() => {
    for (let n = 0; ; n++) writeFileSync(join(mount, `filler${n}`), Buffer.alloc(4_096));
  }).toThrow(/ENOSPC/);
  for (let n = 1; n <= 1_000; n++) {
    journal.append(started("a", n));
    journal.append(ended("a", n));
  }
  journal.close();
  expect(lines).toEqual([]);
  const again = make();
  expect(again.ledger.entries.get("a")).toMatchObject({ attempt: 1_000 });
  const exits = [...again.ledger.exits.values()];
  expect(exits.reduce((sum, exit) => sum + 1 + exit.collapsed, 0)).toBe(1_000);
  again.close();
});
