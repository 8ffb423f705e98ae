// Frames: whatever is written, acknowledged, refused or restarted, the bytes that arrive are the bytes written.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { cutFrame } from "../../agent/logs/framer.ts";
import { Shipper } from "../../agent/logs/shipper.ts";
import { spoolPath } from "../../agent/logs/spool.ts";
import { lastLines, mergeTails, tailOfAttempt } from "../../agent/logs/tail.ts";
import type { Log, World } from "../../agent/world.ts";
import { makePolicy } from "../../protocol/policy.ts";
import { FakeWorkerObject } from "../support/fake-control-plane.ts";

const pack = (bytes: Uint8Array) => gzipSync(bytes, { level: 1 });
const dir = mkdtempSync(join(tmpdir(), "coppice-framer-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Text with lines of all lengths, bytes that are no UTF-8, and noise that hardly compresses. */
const written = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => Buffer.from(`${text}\n`)),
      fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.from("\n")),
      fc.nat(300).map((length) => Buffer.from(`${"é".repeat(length)}\n`)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts));

const limitsOf = fc.record({
  frameRawBytes: fc.integer({ min: 8, max: 400 }),
  frameBytes: fc.integer({ min: 30, max: 400 }),
  lineBytes: fc.integer({ min: 8, max: 400 }),
});

test("frames give all bytes back, end at line borders unless marked, and hold what they may hold", () => {
  fc.assert(
    fc.property(written, limitsOf, (bytes, limits) => {
      const out: Uint8Array[] = [];
      let lines = 0;
      for (let at = 0; at < bytes.length; ) {
        const cut = cutFrame({
          window: bytes.subarray(at),
          ended: true,
          open: false,
          limits,
          pack,
        });
        if (cut === null) throw new Error("the end of an attempt leaves nothing behind");
        const raw = gunzipSync(cut.packed);
        out.push(raw);
        lines += cut.lines - (cut.cut ? 1 : 0);
        at += cut.bytes;
        expect(raw.length).toBeLessThanOrEqual(Math.min(limits.frameRawBytes, limits.lineBytes));
        expect(cut.packed.length <= limits.frameBytes || cut.bytes === 1).toBe(true);
        expect(cut.cut).toBe(raw.at(-1) !== 10 && at < bytes.length);
      }
      expect(Buffer.concat(out).equals(bytes)).toBe(true);
      const newlines = bytes.filter((byte) => byte === 10).length;
      const open = bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0;
      expect(lines).toBe(newlines + open);
    }),
    { numRuns: 300 },
  );
});

test("an unfinished line waits for its end; a line longer than a line may be does not, and no character is divided", () => {
  const limits = { frameRawBytes: 64, frameBytes: 1_000, lineBytes: 16 };
  const cut = (text: string, open = false) =>
    cutFrame({ window: Buffer.from(text), ended: false, open, limits, pack });
  expect(cut("no end")).toBeNull();
  expect(cut("no end", true)).toMatchObject({ bytes: 6, lines: 1, cut: true });
  expect(cut("one\ntwo", true)).toMatchObject({ bytes: 4, lines: 1, cut: false });
  expect(cut("one\ntwo")).toMatchObject({ bytes: 4, lines: 1, cut: false });
  const long = cut(`${"x".repeat(15)}é and more`);
  expect(long).toMatchObject({ bytes: 15, lines: 1, cut: true });
});

test("the tail keeps the last whole lines, and both streams share the room", () => {
  expect(lastLines(Buffer.from("half\nb\nc"), { lines: 2, whole: false })).toEqual(["b", "c"]);
  expect(lastLines(Buffer.from("\0\0a\n"), { lines: 5, whole: true })).toEqual(["a"]);
  const of = (since: number, ...texts: string[]) => texts.map((text) => ({ text, since }));
  expect(mergeTails(of(0, "1", "2", "3"), of(0, "e"), 3)).toEqual(["2", "3", "e"]);
  expect(mergeTails([], of(0, "e"), 3)).toEqual(["e"]);
});

test("the tail stands in the order of reading where that is known, else stdout before stderr", () => {
  const path = (stream: string) => join(dir, `tail.${stream}`);
  appendFileSync(path("stdout"), "connecting\nretrying\nbye\n");
  appendFileSync(path("stderr"), "refused\nrefused again");
  const mark = (since: number, upTo: number, late = false) => ({ at: 0, since, upTo, late });
  const tail = (late: boolean) => {
    const stdout = { path: path("stdout"), marks: [mark(1, 11), mark(3, 20), mark(5, 24)] };
    const stderr = { path: path("stderr"), marks: [mark(2, 8), mark(3, 21, late)] };
    return tailOfAttempt({ stdout, stderr }, 100);
  };
  expect(tail(false)).toEqual(["connecting", "refused", "retrying", "refused again", "bye"]);
  expect(tail(true)).toEqual(["connecting", "retrying", "bye", "refused", "refused again"]);
  expect(
    tailOfAttempt(
      { stdout: { path: path("none"), marks: [] }, stderr: { path: path("stderr"), marks: [] } },
      1,
    ),
  ).toEqual(["refused again"]);
});

type Step =
  | { readonly do: "write"; readonly bytes: Buffer }
  | { readonly do: "deliver" | "ack"; readonly count: number }
  | { readonly do: "cut" | "kill" | "end" | "forget" }
  | { readonly do: "tick" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: written.map((bytes): Step => ({ do: "write", bytes })) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom("deliver" as const, "ack" as const),
        count: fc.nat(4),
      }),
    },
    { weight: 3, arbitrary: fc.constant<Step>({ do: "tick" }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom("cut" as const, "kill" as const, "forget" as const),
      }),
    },
  ),
  { minLength: 10, maxLength: 60, size: "max" },
);

/** A clock that moves when told, and the timers on it. */
class TestWorld implements World {
  time = 1_000;
  /** How far the wall clock is off. */
  jumpMs = 0;
  #timers: { due: number; run: () => void }[] = [];
  now = () => this.time + this.jumpMs;
  elapsed = () => this.time;
  sleptMs = () => 0;
  random = () => 0.5;
  after = (delayMs: number, run: () => void) => {
    const timer = { due: this.time + delayMs, run };
    this.#timers.push(timer);
    const cancel = () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
    return { cancel };
  };
  bornAt = () => null;
  killLeftover = () => {};
  killMarked = () => {};
  killUser = () => {};
  runsBelow = () => false;
  spawn = () => ({
    pid: null,
    ended: Promise.resolve({ code: 0, signal: null, stdout: "", stderr: "", error: null }),
    killGroup: () => {},
  });
  dial = () => {
    throw new Error("no sockets here");
  };
  ask = () => {
    throw new Error("no requests here");
  };
  connectKeeper = () => {
    throw new Error("no keeper here");
  };
  advance(ms: number): void {
    this.time += ms;
    for (;;) {
      const due = this.#timers.find((timer) => timer.due <= this.time);
      if (due === undefined) return;
      this.#timers = this.#timers.filter((one) => one !== due);
      due.run();
    }
  }
  clear(): void {
    this.#timers = [];
  }
}

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };

test("through random acks, losses, cuts, kills and objects that forget: each byte once, in order, repeats alike", () => {
  let round = 0;
  const fired = { cut: 0, kill: 0, forget: 0, refused: 0 };
  fc.assert(
    fc.property(steps, limitsOf, (script, limits) => {
      const state = join(dir, String(++round));
      const world = new TestWorld();
      const key = { instanceId: "ins_1", bootId: "boot", attempt: 1, stream: "stdout" } as const;
      const path = spoolPath(state, key);
      mkdirSync(dirname(path), { recursive: true });
      const policy = makePolicy({ logs: { ...limits, windowFrames: 3, flushMs: 50 } });
      const object = new FakeWorkerObject("wrk_1");
      let toObject: Buffer[] = [];
      let toAgent: { next: number; refused: boolean }[] = [];
      object.send = (message) => void toAgent.push(message as { next: number; refused: boolean });
      const all: Buffer[] = [];
      let held = true;
      let ended = false;
      const start = () => {
        const made = new Shipper({
          world,
          log: quiet,
          state,
          workerId: "wrk_1",
          policy: () => policy,
          send: (frame) => toObject.push(Buffer.from(frame)) > 0,
          isHeld: () => held,
          onProgress: () => {},
          onFlushed: () => {},
        });
        if (existsSync(path)) made.track({ key, slot: 0, release: 1 }, false);
        if (ended) made.end(key);
        made.opened();
        return made;
      };
      const reconnect = () => {
        toObject = [];
        toAgent = [];
        shipper.closed();
        shipper.opened();
      };
      appendFileSync(path, "");
      let shipper = start();
      const deliver = () => {
        const frame = toObject.shift();
        if (frame !== undefined) object.takeFrame(frame);
      };
      const ack = () => {
        const next = toAgent.shift();
        if (next !== undefined) shipper.frameAck({ ...key, ...next });
      };
      const look = () => {
        world.advance(60);
        shipper.look("ins_1", { at: world.now(), since: world.elapsed(), late: false });
      };
      for (const step of script) {
        if (step.do === "write") {
          appendFileSync(path, step.bytes);
          all.push(step.bytes);
          look();
        } else if (step.do === "deliver") for (let i = 0; i < step.count; i++) deliver();
        else if (step.do === "ack") for (let i = 0; i < step.count; i++) ack();
        else if (step.do === "tick") look();
        else if (step.do === "cut") {
          fired.cut += 1;
          reconnect();
        } else if (step.do === "forget") {
          // The object lost its newest frame: it asks for it again at the next frame.
          const stored = [...object.streams.values()][0];
          const lost = stored?.chunks.pop();
          if (stored !== undefined && lost !== undefined && lost.length > 0) {
            stored.next -= lost.length;
            fired.forget += 1;
          }
          stored?.seen.clear();
        } else {
          fired.kill += 1;
          toObject = [];
          toAgent = [];
          shipper.stop();
          world.clear();
          shipper = start();
        }
      }
      const early = [...object.streams.values()].some((stream) => stream.last);
      expect(early).toBe(false);
      ended = true;
      held = false;
      look();
      shipper.end(key);
      reconnect();
      const wanted = Buffer.concat(all);
      for (let i = 0; i < 2_000 && toObject.length + toAgent.length > 0; i++) {
        deliver();
        ack();
        world.advance(60);
      }
      world.advance(1_000);
      const got = object.bytes({});
      expect(got.equals(wanted)).toBe(true);
      expect(object.changedRepeats).toBe(0);
      fired.refused += object.refusals;
      expect(existsSync(path)).toBe(false);
      const lasts = [...object.streams.values()].filter((stream) => stream.last);
      expect(lasts).toHaveLength(wanted.length > 0 ? 1 : 0);
      shipper.stop();
    }),
    { numRuns: 150 },
  );
  // A fault that never fired proves nothing.
  for (const [fault, times] of Object.entries(fired))
    expect([fault, times > 20]).toEqual([fault, true]);
});

test("a prompt leaves after a bounded wait, marked as cut; its further pieces ever more rarely", () => {
  const state = join(dir, "prompt");
  const world = new TestWorld();
  const key = { instanceId: "ins_1", bootId: "boot", attempt: 1, stream: "stdout" } as const;
  const path = spoolPath(state, key);
  mkdirSync(dirname(path), { recursive: true });
  const object = new FakeWorkerObject("wrk_1");
  const shipper: Shipper = new Shipper({
    world,
    log: quiet,
    state,
    workerId: "wrk_1",
    policy: () => makePolicy({ logs: { openLineMs: 1_000, flushMs: 300_000 } }),
    send: (frame) => {
      object.takeFrame(Buffer.from(frame));
      return true;
    },
    isHeld: () => true,
    onProgress: () => {},
    onFlushed: () => {},
  });
  object.send = (message) => {
    const next = message as { next: number; refused: boolean };
    world.after(0, () => shipper.frameAck({ ...key, ...next }));
  };
  const write = (text: string) => {
    appendFileSync(path, text);
    world.advance(1);
    shipper.look("ins_1", { at: world.now(), since: world.elapsed(), late: false });
  };
  appendFileSync(path, "");
  shipper.track({ key, slot: 0, release: 1 }, false);
  shipper.opened();
  shipper.attend(3_600_000);
  write("ready\nYour name? ");
  world.advance(10);
  expect(object.text()).toBe("ready\n");
  world.advance(900);
  expect(object.text()).toBe("ready\n");
  world.advance(200);
  expect(object.text()).toBe("ready\nYour name? ");
  write("Ada\n");
  expect(object.text()).toBe("ready\nYour name? Ada\n");
  const cuts = () => [...object.streams.values()][0]!.headers.map(({ cut }) => cut ?? false);
  expect(cuts()).toEqual([false, true, false]);
  // A program that draws dots for an hour makes few frames of them.
  for (let second = 0; second < 3_000; second++) {
    write(".");
    world.advance(999);
  }
  expect(cuts().length).toBeLessThan(25);
  expect(object.text().length).toBeGreaterThan(2_000);
  // Nobody reads: as late as whole lines, whatever the wall clock does meanwhile.
  world.advance(3_600_000);
  world.jumpMs = 7_200_000;
  write("\nunread");
  world.jumpMs = -7_200_000;
  world.advance(299_000);
  expect(object.text().endsWith("unread")).toBe(false);
  world.advance(2_000);
  expect(object.text().endsWith("unread")).toBe(true);
  shipper.stop();
});

test("shipped output of a running program is freed, and its end kept", async () => {
  const { spawn } = await import("../../agent/rim.ts");
  const { punchHole, freeableUpTo, readSpool } = await import("../../agent/logs/spool.ts");
  const path = join(dir, "flood");
  for (let i = 0; i < 10; i++) appendFileSync(path, Buffer.alloc(1_048_576, 97));
  const size = 10 * 1_048_576;
  expect(freeableUpTo({ acked: size, size, freed: size - 4_096_000 })).toBeNull();
  const upTo = freeableUpTo({ acked: size, size, freed: 0 })!;
  expect(upTo).toBe(size - 131_072);
  const before = statSync(path).blocks;
  if (await punchHole(spawn, { path, from: 0, upTo })) {
    expect(statSync(path).blocks).toBeLessThan(before / 10);
    expect(statSync(path).size).toBe(size);
  }
  expect(readSpool(path, { start: upTo, end: size }).every((byte) => byte === 97)).toBe(true);
});
