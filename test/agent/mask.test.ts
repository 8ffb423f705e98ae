// Known secret values never leave the host, however they are cut, and nothing else is touched.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Masker, NO_MASKER, type Secret } from "../../agent/logs/mask.ts";
import { freeableUpTo } from "../../agent/logs/spool.ts";
import { OutputStream } from "../../agent/logs/stream.ts";
import { maskReport } from "../../agent/masked.ts";
import { Masks } from "../../agent/masks.ts";
import type { Report } from "../../protocol/channel.ts";
import { makePolicy } from "../../protocol/policy.ts";

const dir = mkdtempSync(join(tmpdir(), "coppice-mask-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const whole = (masker: Masker, text: string) => {
  const bytes = Buffer.from(text);
  return masker.mask(bytes, { from: 0, to: bytes.length }).toString();
};

describe("a mask", () => {
  const masker = new Masker([
    { name: "KEY", value: "sk_live_0123456789" },
    { name: "PW", value: "hunter2!" },
    { name: "SHORT", value: "1234567" },
    { name: "PEM", value: "-----BEGIN-----\nMIIEvQIBADAN\n-----END KEY-----\n" },
  ]);

  test.each([
    ["key=sk_live_0123456789;", "key=[KEY]*************;"],
    ["hunter2!hunter2!", "[PW]****[PW]****"],
    ["1234567 stays: too short", "1234567 stays: too short"],
    ["sk_live_012345678 is not it", "sk_live_012345678 is not it"],
    ["MIIEvQIBADAN alone", "[PEM]******* alone"],
    ['{"k":"-----BEGIN-----\\nMIIEvQIBADAN\\n-----END KEY-----\\n"}', /^\{"k":"\[PEM\]\**"\}$/],
    ["-----BEGIN-----\nMIIEvQIBADAN\n-----END KEY-----\n", /^\[PEM\]\*{10}\n\*{12}\n\*{17}\n$/],
    ["", ""],
  ])("%j", (text, expected) => {
    const masked = whole(masker, text);
    expect(masked.length).toBe(text.length);
    if (typeof expected === "string") expect(masked).toBe(expected);
    else expect(masked).toMatch(expected);
  });

  test("covers the longest where values overlap or contain each other", () => {
    const both = new Masker([
      { name: "A", value: "abcdefgh" },
      { name: "B", value: "abcdefghijkl" },
      { name: "C", value: "ghijklmnop" },
    ]);
    expect(whole(both, "abcdefghijklmnop")).not.toMatch(/[a-z]/);
    expect(whole(both, "xabcdefghx")).toBe("x[A]*****x");
  });

  const secret = fc.string({
    unit: fc.constantFrom("a", "b", "ü", "\n"),
    minLength: 1,
    maxLength: 20,
  });
  const text = fc.array(
    fc.oneof(fc.string({ unit: fc.constantFrom("a", "b", "ü", "\n") }), secret),
    { maxLength: 30 },
  );

  test("is what looking for each value in turn comes to: same length, same newlines, nothing else touched", () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 6 }), text, (values, parts) => {
        const secrets = values.map((value, at): Secret => ({ name: `N${at}`, value }));
        const bytes = Buffer.from([...parts, ...values].join(""));
        const masked = new Masker(secrets).mask(bytes, { from: 0, to: bytes.length });
        const covered = new Uint8Array(bytes.length);
        const forms = values.flatMap((value) => [
          ...[value, JSON.stringify(value).slice(1, -1)],
          ...(value.includes("\n") ? value.split("\n") : []),
        ]);
        for (const form of forms.map((one) => Buffer.from(one)).filter((one) => one.length >= 8)) {
          for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1))
            covered.fill(1, at, at + form.length);
          for (let length = form.length - 1; length >= 8; length--)
            if (bytes.subarray(bytes.length - length).equals(form.subarray(0, length)))
              covered.fill(1, Math.max(0, bytes.length - length));
        }
        expect(masked.length).toBe(bytes.length);
        for (let at = 0; at < bytes.length; at++) {
          const isCovered = covered[at] === 1 && bytes[at] !== 10;
          if (!isCovered) expect(masked[at]).toBe(bytes[at]);
          else expect("[N0123456789]*").toContain(String.fromCharCode(masked[at]!));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("of a range is that part of the mask of the whole, wherever the borders lie", () => {
    const bytes = Buffer.from(`x sk_live_0123456789 y hunter2! z\n${"-".repeat(40)}hunter2!`);
    const all = masker.mask(bytes, { from: 0, to: bytes.length });
    for (let from = 0; from <= bytes.length; from++)
      for (let to = from; to <= bytes.length; to += 3)
        expect(masker.mask(bytes, { from, to }).equals(all.subarray(from, to))).toBe(true);
  });
});

const VALUE = "tok_9f8e7d6c5b4a39281706";
const masker = new Masker([
  { name: "TOKEN", value: VALUE },
  { name: "PEM", value: "-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----" },
]);
let files = 0;

/** Writes the pieces one after the other, and frames after each all that may leave. */
function ship(pieces: readonly string[], options: { frameBytes?: number; masker?: Masker } = {}) {
  const path = join(dir, `spool-${files++}`);
  writeFileSync(path, "");
  const key = { instanceId: "ins_1", bootId: "b", attempt: 1, stream: "stdout" } as const;
  const shipped = { key, slot: 0, release: 1, acked: 0, lastAcked: false, freed: 0, borders: [] };
  const stream = new OutputStream(path, shipped, () => options.masker ?? masker);
  const { logs } = makePolicy({
    logs: { frameRawBytes: options.frameBytes ?? 4_096, openLineMs: 1 },
  });
  let now = 0;
  const frames: { start: number; end: number; bytes: Buffer }[] = [];
  const again: Buffer[] = [];
  const drain = () => {
    for (let tries = 0; tries < 10_000; tries++) {
      now += 1_000_000;
      const frame = stream.cut({ now, at: now, attended: true, logs });
      if (!frame || (frame.border.end === frame.border.start && !frame.border.last)) return;
      stream.shipped.borders.push(frame.border);
      const bytes = gunzipSync(frame.payload);
      expect(bytes.length).toBe(frame.border.end - frame.border.start);
      frames.push({ ...frame.border, bytes });
      if (frame.border.last) return;
    }
  };
  for (const piece of pieces) {
    appendFileSync(path, piece);
    stream.look({ at: now, since: now, late: false });
    drain();
  }
  stream.end();
  drain();
  for (const border of stream.shipped.borders) again.push(gunzipSync(stream.payload(border)!));
  frames.forEach(({ end }, at) => {
    const next = frames[at + 1];
    if (next) expect(next.start).toBe(end);
  });
  const { size } = statSync(path);
  const sent = Buffer.concat(frames.map(({ bytes }) => bytes));
  expect(sent.length).toBe(size);
  return { sent: sent.toString(), again: Buffer.concat(again).toString(), frames };
}

/** No more of it than the seven bytes by which a value is not yet known. */
function expectHidden(sent: string, value: string): void {
  for (let at = 0; at + 8 <= value.length; at++)
    expect(sent, `${at}`).not.toContain(value.slice(at, at + 8));
}

describe("what is shipped", () => {
  test("hides a value over every border between two writes, the first of which left before the second came", () => {
    const text = `begin ${VALUE} end`;
    for (let at = 1; at < text.length; at++) {
      const { sent, again, frames } = ship([text.slice(0, at), `${text.slice(at)}\n`]);
      expect(frames.length).toBeGreaterThanOrEqual(2);
      expectHidden(sent, VALUE);
      expect(again).not.toContain(VALUE);
      expect(sent.startsWith("begin ")).toBe(true);
      expect(sent.endsWith(" end\n")).toBe(true);
    }
  });

  test("hides it over every border of frames that are too small for it", () => {
    for (let frameBytes = 1; frameBytes < 40; frameBytes++) {
      const { sent } = ship([`a ${VALUE} b\nc ${VALUE}\n`], { frameBytes });
      expect(sent).toBe(`a [TOKEN]${"*".repeat(17)} b\nc [TOKEN]${"*".repeat(17)}\n`);
    }
  });

  test("hides a value of several lines, line by line", () => {
    const pem = "-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----";
    for (const pieces of [[`${pem}\n`], pem.split(/(?<=\n)/), [...pem].map(String)]) {
      const { sent } = ship(pieces);
      for (const line of pem.split("\n")) expectHidden(sent, line);
      expect(sent.split("\n").length).toBeGreaterThanOrEqual(3);
    }
  });

  test("hides it in random texts, cut at random", () => {
    const part = fc.oneof(
      fc.string(),
      fc.constant(VALUE),
      fc.constant("\n"),
      fc.constant(VALUE.slice(0, 12)),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.nat(400), { maxLength: 5 }),
        fc.integer({ min: 5, max: 200 }),
        (parts, cuts, frameBytes) => {
          const text = parts.join("");
          const at = [
            0,
            ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b),
            text.length,
          ];
          const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
          expect(ship(pieces, { frameBytes }).sent).not.toContain(VALUE);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is what was written where no value is known", () => {
    expect(ship([`a ${VALUE}\n`], { masker: NO_MASKER }).sent).toBe(`a ${VALUE}\n`);
  });

  test("keeps what stands before the next frame on the disk, where a value may have begun", () => {
    const size = 64 * 2 ** 20;
    for (const acked of [9 * 2 ** 20, 32 * 2 ** 20, size])
      expect(freeableUpTo({ acked, size, freed: 0 })).toBeLessThanOrEqual(acked - 65_536);
  });
});

describe("a report", () => {
  test("has no value in details, steps, messages and last lines, over several lines neither", () => {
    const exits = [
      { tail: ["x", "-----BEGIN KEY-----", "MIIEvQIBADAN", "-----END KEY-----", `e: ${VALUE}`] },
    ];
    const outcome = {
      kind: "failed",
      step: "build",
      message: `bad ${VALUE}`,
      tail: [VALUE.slice(9)],
    };
    const steps = [{ name: "fetch", detail: `https://${VALUE}@x` }];
    const jobs = [{ detail: null, outcome: { kind: "exited", tail: [`job: ${VALUE}`] } }];
    const report = {
      instances: [{ detail: `in ${VALUE}` }],
      exits: exits.map((one) => ({ ...one, detail: `exit: ${VALUE}` })),
      builds: [{ steps, outcome }],
      jobs: [...jobs, { detail: VALUE, outcome: { kind: "refused", message: `no: ${VALUE}` } }],
    };
    const masked = JSON.stringify(maskReport(report as unknown as Report, masker));
    expectHidden(masked, VALUE);
    expect(masked).not.toContain("MIIEvQIBADAN");
    expect(masked).toContain("[TOKEN]");
  });
});

describe("the masks of a worker", () => {
  const log = { info() {}, warn() {}, error() {} };
  const release = (number: number, env: Record<string, string>, plain: string[] = []) =>
    ({ number, env, plain }) as never;

  test("are there for an agent that starts anew, and go with the last trace", () => {
    const options = { state: join(dir, "state"), workerId: "wrk_1", log };
    const before = new Masks(options);
    expect(before.isKnown).toBe(false);
    before.take({ releases: [release(1, { A: "first-secret" })], builds: [] }, () => false);
    before.take(
      { releases: [release(2, { A: "second-secret", B: "not-secret" }, ["B"])], builds: [] },
      (key) => key === "v1",
    );
    const path = join(options.state, "workers", "wrk_1", "masks.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const after = new Masks(options);
    expect(after.isKnown).toBe(true);
    expect(whole(after.masker, "first-secret second-secret not-secret")).toBe(
      "[A]********* [A]********** not-secret",
    );
    const git = { kind: "token", username: "x", token: "forge-token" };
    const build = { deployId: "dep_1", env: {}, git } as never;
    after.take({ releases: [], builds: [build] }, () => true);
    expect(whole(after.masker, "https://x:forge-token@host")).toBe("https://x:[git]******@host");
    expect(readFileSync(path, "utf8")).not.toContain("forge-token");
    const third = new Masks(options);
    expect(third.isKnown).toBe(false);
    third.take({ releases: [], builds: [build] }, () => true);
    expect(third.isKnown).toBe(true);
    expect(whole(third.masker, "https://x:forge-token@host")).toBe("https://x:[git]******@host");
    after.take({ releases: [release(2, {})], builds: [] }, () => false);
    expect(whole(new Masks(options).masker, "first-secret")).toBe("first-secret");
  });

  test("are known in memory where the disk refuses them", () => {
    const state = join(dir, "full");
    mkdirSync(join(state, "workers"), { recursive: true });
    writeFileSync(join(state, "workers", "wrk_1"), "no folder");
    const masks = new Masks({ state, workerId: "wrk_2", log });
    writeFileSync(join(state, "workers", "wrk_2"), "no folder");
    masks.take({ releases: [release(1, { A: "first-secret" })], builds: [] }, () => false);
    expect(whole(masks.masker, "first-secret")).toBe("[A]*********");
  });
});
