// Logs: each byte stored once, each line read once, in order, whatever the frames look like.
import { evictDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { FrameHeader } from "../../protocol/frame.ts";
import type { LogLine } from "../../protocol/rest.ts";
import { frameOf, type TestAgentWorker } from "./fake-host.ts";
import { acked, liveWithInstance } from "./live.ts";
import { prepareD1, type TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

/** All lines that programs wrote, read forward in pages of that size. */
async function readAll(worker: TestWorker, limit: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let cursor = "0.0";
  for (;;) {
    const page = await worker.logs({ cursor, limit });
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    lines.push(...page.lines);
    if (!page.more && page.cursor === cursor) return lines;
    cursor = page.cursor;
  }
}

describe("a frame", () => {
  it("is stored when it is next, acknowledged when it is known, refused when it is beyond", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    agent.sendFrame("one\n", { instanceId, start: 0 });
    expect(await acked(agent, 1)).toMatchObject({
      next: 4,
      refused: false,
      stream: "stdout",
      attempt: 1,
    });
    agent.sendFrame("one\n", { instanceId, start: 0 });
    expect(await acked(agent, 2)).toMatchObject({ next: 4, refused: false });
    agent.sendFrame("three\n", { instanceId, start: 8 });
    expect(await acked(agent, 3)).toMatchObject({ next: 4, refused: true });
    agent.sendFrame("e\ntwo\n", { instanceId, start: 2 });
    expect(await acked(agent, 4)).toMatchObject({ next: 4, refused: true });
    await evictDurableObject(worker.stub);
    agent.sendFrame("one\n", { instanceId, start: 0 });
    expect(await acked(agent, 5)).toMatchObject({ next: 4, refused: false });
    agent.sendFrame("two\n", { instanceId, start: 4 });
    expect(await acked(agent, 6)).toMatchObject({ next: 8, refused: false });
    agent.sendFrame("err\n", { instanceId, start: 0, stream: "stderr" });
    agent.sendFrame("new attempt\n", { instanceId, start: 0, attempt: 2 });
    await acked(agent, 8);
    const lines = (await readAll(worker, 100)).filter((line) => line.stream !== "system");
    expect(lines.map((line) => [line.stream, line.text])).toEqual([
      ["stdout", "one"],
      ["stdout", "two"],
      ["stderr", "err"],
      ["stdout", "new attempt"],
    ]);
    expect(lines[0]).toMatchObject({
      slot: 0,
      instance: instanceId,
      release: 1,
      at: "2023-11-14T22:13:20.000Z",
    });
  });

  it("may be empty and last, once; a line that it leaves open ends there", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    agent.sendFrame("begun", { instanceId, start: 0, cut: true });
    await acked(agent, 1);
    expect((await worker.logs({ stream: "stdout" })).lines).toEqual([]);
    for (let i = 0; i < 2; i++)
      agent.sendFrame("", { instanceId, start: 5, last: true, marks: [] });
    await acked(agent, 3);
    expect((await worker.logs({ stream: "stdout" })).lines.map((line) => line.text)).toEqual([
      "begun",
    ]);
  });

  it("of bytes that were dropped is shown as such", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    agent.sendFrame("before\nhalf", { instanceId, start: 0, cut: true });
    agent.sendFrame("", { instanceId, start: 11, end: 111, gap: true });
    agent.sendFrame("after\n", { instanceId, start: 111 });
    await acked(agent, 3);
    const texts = (await readAll(worker, 2)).slice(-4).map((line) => [line.stream, line.text]);
    expect(texts).toEqual([
      ["stdout", "before"],
      ["stdout", "half"],
      ["system", "… 100 bytes of logs were dropped"],
      ["stdout", "after"],
    ]);
  });

  it("of a build is kept, but is no part of the program's log", async () => {
    const { agent, worker } = await liveWithInstance();
    const instanceId = worker.initialDeploy.deployId;
    agent.sendFrame("npm install\n", { instanceId, start: 0, stream: "build" });
    expect(await acked(agent, 1)).toMatchObject({ next: 12, refused: false });
    expect((await worker.logs()).lines.map((line) => line.text)).not.toContain("npm install");
  });

  it("whose payload is damaged is said to be so", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const frame = frameOf("hello\n", { instanceId, start: 0, bootId: agent.host.bootId });
    frame.fill(0, frame.length - 12);
    agent.channel!.ws.send(frame);
    await acked(agent, 1);
    const { lines } = await worker.logs();
    expect(lines.at(-1)).toMatchObject({
      stream: "system",
      text: "… 6 bytes of logs could not be read",
    });
  });
});

describe("pages", () => {
  it("hold each line once and in order, wherever frames and pages are cut", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const acks = () => agent.channel!.of("frame_ack").length;
    let attempt = 10;
    const lineText = fc
      .string({ unit: "grapheme", maxLength: 20 })
      .map((text) => text.replaceAll(/[\r\n]/g, "_"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(lineText, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(40), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (texts, cuts, limit, terminated) => {
          attempt++;
          const bytes = new TextEncoder().encode(texts.join("\n") + (terminated ? "\n" : ""));
          const borders = [
            ...new Set([...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]),
          ].sort((a, b) => a - b);
          const from = (await worker.logs({ limit: 1 })).cursor;
          let start = 0;
          let sent = acks();
          for (const end of borders) {
            if (end === start && end !== bytes.length) continue;
            const part = bytes.subarray(start, end);
            const last = end === bytes.length;
            const cut = !last && part.at(-1) !== 10;
            sendBytes(agent, part, {
              instanceId,
              start,
              end,
              attempt,
              last,
              ...(cut ? { cut } : {}),
            });
            start = end;
            sent++;
          }
          await until(() => acks() >= sent, "the acks");
          const seen: string[] = [];
          let cursor = from;
          for (;;) {
            const page = await worker.logs({ cursor, limit });
            seen.push(...page.lines.map((line) => line.text));
            if (page.lines[0]) {
              const again = await worker.logs({ cursor: page.lines[0].cursor, limit });
              expect(again.lines.slice(0, page.lines.length - 1)).toEqual(page.lines.slice(1));
            }
            if (!page.more && page.cursor === cursor) break;
            cursor = page.cursor;
          }
          const whole = terminated || texts.at(-1) !== "" ? texts : texts.slice(0, -1);
          expect(seen).toEqual(whole);
          const back: string[] = [];
          let before: string | null = null;
          while (back.length < whole.length) {
            const page = await worker.logs({ before, limit });
            back.unshift(...page.lines.map((line) => line.text));
            if (before !== null) {
              const next = (await worker.logs({ cursor: page.cursor, limit: 1 })).lines[0];
              expect(next?.cursor).toBe(before);
            }
            before = page.earlier;
          }
          expect(back.slice(back.length - whole.length)).toEqual(whole);
          const newest = await worker.logs({ limit: whole.length || 1 });
          if (whole.length > 0) expect(newest.lines.map((line) => line.text)).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are filtered by slot, stream, text and time, and still move on", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const marks = [
      { at: 1_000, bytes: 6 },
      { at: 2_000, bytes: 6 },
    ];
    agent.sendFrame("alpha\nbeta!\n", { instanceId, start: 0, marks });
    await acked(agent, 1);
    const texts = async (more: Parameters<TestWorker["logs"]>[0]) =>
      (await worker.logs(more)).lines.map((line) => line.text);
    expect(await texts({ text: "beta" })).toEqual(["beta!"]);
    expect(await texts({ stream: "stdout", since: 1_500 })).toEqual(["beta!"]);
    expect(await texts({ slot: 7 })).toEqual([]);
    const page = await worker.logs({ cursor: "0.0", text: "nowhere" });
    expect(page).toMatchObject({ lines: [], more: false });
    expect((await worker.logs({ cursor: page.cursor })).lines).toEqual([]);
  });

  it("go back to the first line, past what a filter leaves out, and say where that is", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    let start = 0;
    for (let frame = 0; frame < 5; frame++) {
      const text = Array.from({ length: 4 }, (_, at) => `${frame}${at % 2 ? "odd" : "even"}\n`);
      agent.sendFrame(text.join(""), { instanceId, start });
      start += text.join("").length;
    }
    await acked(agent, 5);
    const readBack = async (more: Parameters<TestWorker["logs"]>[0]) => {
      const pages: string[][] = [];
      let page = await worker.logs(more);
      for (;;) {
        if (page.lines.length > 0) pages.unshift(page.lines.map((line) => line.text));
        if (page.earlier === null) return pages.flat();
        page = await worker.logs({ ...more, before: page.earlier });
        expect(page.more).toBe(true);
      }
    };
    const odd = Array.from({ length: 10 }, (_, at) => `${at >> 1}odd`);
    expect(await readBack({ text: "odd", limit: 3 })).toEqual(odd);
    expect(await readBack({ text: "0odd", limit: 1 })).toEqual(["0odd", "0odd"]);
    expect(await readBack({ text: "nowhere", limit: 3 })).toEqual([]);
    const all = (await worker.logs({ cursor: "0.0" })).lines.map((line) => line.text);
    expect(await readBack({ limit: 1 })).toEqual(all);
  });

  it("are bounded in bytes, and go on", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const line = `${"x".repeat(99_999)}\n`;
    let start = 0;
    for (let i = 0; i < 12; i++) {
      agent.sendFrame(line.repeat(8), { instanceId, start });
      start += 800_000;
    }
    await acked(agent, 12);
    const first = await worker.logs({ cursor: "0.0", limit: 5_000, stream: "stdout" });
    expect(first.more).toBe(true);
    expect(first.lines.length).toBeLessThan(50);
    expect((await readAll(worker, 5_000)).filter((one) => one.stream === "stdout")).toHaveLength(
      96,
    );
    const cursors: string[] = [];
    let back = await worker.logs({ limit: 5_000, stream: "stdout" });
    for (;;) {
      cursors.unshift(...back.lines.map((one) => one.cursor));
      expect(back.lines.length).toBeLessThan(50);
      if (back.earlier === null) break;
      back = await worker.logs({ limit: 5_000, stream: "stdout", before: back.earlier });
    }
    expect(cursors).toHaveLength(96);
    expect(new Set(cursors).size).toBe(96);
  });
});

describe("a new stream", () => {
  it("is known to be new without a look through all that is stored", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    agent.sendFrame("one\n", { instanceId, start: 0 });
    await acked(agent, 1);
    const read = await worker.inside((object) => {
      const { frames, sql } = object.parts;
      sql.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO frames (at, stream, start, end_at, bytes, last, header, payload) SELECT 0, 'ins_a/b/' || i || '/stdout', 0, 1, 0, 1, '{}', NULL FROM n",
      );
      frames.forget();
      let rows = 0;
      const first = sql.first.bind(sql);
      sql.first = ((query: string, ...bindings: never[]) => {
        const cursor = object.parts.storage.sql.exec(query, ...bindings);
        const [row] = cursor.toArray();
        rows += cursor.rowsRead;
        return row ?? null;
      }) as typeof sql.first;
      const at = frames.position(`${instanceId}/${agent.host.bootId}/99/stdout`);
      sql.first = first;
      return { at, rows };
    });
    expect(read.at).toEqual({ next: 0, ended: false });
    expect(read.rows).toBeLessThan(5);
    agent.sendFrame("two\n", { instanceId, start: 4 });
    expect(await acked(agent, 2)).toMatchObject({ next: 8, refused: false });
  });
});

describe("reading", () => {
  it("finds the ends of a million empty lines without making them", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const text = `first\n${"\n".repeat(1_048_000)}last\n`;
    agent.sendFrame(text, { instanceId, start: 0 });
    await acked(agent, 1);
    const decode = vi.spyOn(TextDecoder.prototype, "decode");
    const newest = await worker.logs({ limit: 2, stream: "stdout" });
    expect(newest.lines.map((line) => line.text)).toEqual(["", "last"]);
    expect((await worker.logs({ cursor: "0.0", limit: 2, stream: "stdout" })).lines).toHaveLength(
      2,
    );
    expect(decode.mock.calls.length).toBeLessThan(20);
    decode.mockRestore();
    const found: string[] = [];
    let cursor = "0.0";
    for (let page = 1; page <= 3; page++) {
      const { lines, more, ...next } = await worker.logs({ cursor, limit: 10, text: "st" });
      found.push(...lines.filter((line) => line.stream === "stdout").map((line) => line.text));
      cursor = next.cursor;
      if (!more) break;
    }
    expect(found).toEqual(["first", "last"]);
  });

  it("unpacks no more of a frame than it claims to hold", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const bomb = new Uint8Array(8_000_000).fill(97);
    for (let i = 0; i < 40; i++) {
      const header = { instanceId, start: i, end: i + 1, cut: true };
      agent.channel!.ws.send(frameOf(bomb, { bootId: agent.host.bootId, ...header }));
    }
    await acked(agent, 40);
    const before = Date.now();
    const { lines } = await worker.logs({ text: "could not be read" });
    expect(lines).toHaveLength(40);
    // It took fifteen seconds where it unpacked what came.
    expect(Date.now() - before).toBeLessThan(4_000);
  });

  it("of any size is read whole, whatever steps unpacking takes", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const sizes = [32_768, 32_769, 44_475, 49_152, 65_536, 87_165, 131_073, 262_144, 500_001];
    let start = 0;
    for (const [i, size] of sizes.entries()) {
      const line = `${i}:`;
      agent.sendFrame(`${line}${"y".repeat(size - line.length - 1)}\n`, { instanceId, start });
      start += size;
    }
    await acked(agent, sizes.length);
    const lines = await readAll(worker, 50);
    const read = lines.filter((line) => line.stream === "stdout").map((line) => line.text.length);
    expect(read).toEqual(sizes.map((size) => size - 1));
  });

  it("cuts a line that never ends, wherever it is read from", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const part = "x".repeat(400_000);
    for (let i = 0; i < 6; i++)
      agent.sendFrame(part, { instanceId, start: i * part.length, cut: true });
    agent.sendFrame("end\nnext\n", { instanceId, start: 6 * part.length });
    await acked(agent, 7);
    const { lines } = await worker.logs({ stream: "stdout" });
    expect(lines.map((line) => line.text.length)).toEqual([1_048_576, 4]);
  });
});

describe("a host that never ships", () => {
  it("is waited for a while only, and by nobody who asks later", async () => {
    const { agent, worker } = await liveWithInstance();
    agent.channel!.onMessage = () => {};
    const first = worker.rpc.flush();
    await agent.channel!.nth("flush");
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 11_000;
    });
    const second = worker.rpc.flush();
    await first;
    agent.channel!.send({ type: "flushed", id: (await agent.channel!.nth("flush", 2)).id });
    await second;
  });
});

function sendBytes(
  agent: TestAgentWorker,
  bytes: Uint8Array,
  header: Partial<FrameHeader> & Pick<FrameHeader, "instanceId" | "start">,
): void {
  const marks = [{ at: 1_700_000_000_000, bytes: bytes.length }];
  agent.channel!.ws.send(frameOf(bytes, { bootId: agent.host.bootId, marks, ...header }));
}
