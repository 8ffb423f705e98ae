// What of a worker's output was framed and what is durable at its object: `ship.journal`, one per worker.
//
// 1. A frame's borders and header are here before it is first sent, so that a repeat is the same frame.
// 2. A lost end of the journal costs repeats, never bytes: the object knows what it has.
import * as z from "zod";
import type { StreamKey } from "../../protocol/channel.ts";
import { AppendFile, readLines } from "../durable.ts";

const COMPACT_LINES = 4_000;

/** All of a frame but its payload, which the spool still holds. */
export const Border = z.object({
  start: z.number(),
  end: z.number(),
  lines: z.number(),
  marks: z.array(z.object({ at: z.number(), bytes: z.number(), late: z.boolean().optional() })),
  last: z.boolean(),
  gap: z.boolean(),
  cut: z.boolean(),
});
export type Border = z.infer<typeof Border>;

const key = {
  instanceId: z.string(),
  bootId: z.string(),
  attempt: z.number(),
  stream: z.enum(["stdout", "stderr", "build"]),
};

const Entry = z.discriminatedUnion("t", [
  z.object({ t: z.literal("known"), key: z.object(key), slot: z.number(), release: z.number() }),
  z.object({ t: z.literal("border"), key: z.object(key), border: Border }),
  /** `last`: the frame that ends the stream is durable too. */
  z.object({ t: z.literal("acked"), key: z.object(key), next: z.number(), last: z.boolean() }),
  z.object({ t: z.literal("refused"), key: z.object(key), next: z.number() }),
  z.object({ t: z.literal("freed"), key: z.object(key), upTo: z.number() }),
  z.object({ t: z.literal("closed"), key: z.object(key) }),
]);
export type Entry = z.infer<typeof Entry>;

export interface Shipped {
  readonly key: StreamKey;
  slot: number;
  release: number;
  acked: number;
  lastAcked: boolean;
  freed: number;
  /** Not yet acknowledged, in order. */
  borders: Border[];
}

export function streamName(stream: StreamKey): string {
  return `${stream.instanceId}/${stream.bootId}/${stream.attempt}/${stream.stream}`;
}

/** What the entries come to. A later `refused` takes back borders, and acks beyond it. */
export function replay(entries: Iterable<Entry>): Map<string, Shipped> {
  const streams = new Map<string, Shipped>();
  for (const entry of entries) {
    const name = streamName(entry.key);
    let stream = streams.get(name);
    if (stream === undefined) {
      const { key } = entry;
      stream = { key, slot: 0, release: 0, acked: 0, lastAcked: false, freed: 0, borders: [] };
      streams.set(name, stream);
    }
    switch (entry.t) {
      case "known":
        stream.slot = entry.slot;
        stream.release = entry.release;
        break;
      case "border":
        stream.borders.push(entry.border);
        break;
      case "acked":
        applyAck(stream, entry);
        break;
      case "refused":
        applyRefusal(stream, entry.next);
        break;
      case "freed":
        stream.freed = Math.max(stream.freed, entry.upTo);
        break;
      case "closed":
        streams.delete(name);
        break;
    }
  }
  return streams;
}

export function applyAck(stream: Shipped, ack: { next: number; last: boolean }): void {
  stream.acked = Math.max(stream.acked, ack.next);
  stream.lastAcked ||= ack.last;
  stream.borders = stream.borders.filter(
    (border) => border.end > stream.acked || (border.last && !stream.lastAcked),
  );
}

export function applyRefusal(stream: Shipped, next: number): void {
  stream.acked = next;
  stream.lastAcked = false;
  stream.borders = [];
}

export class ShipJournal {
  readonly #file: AppendFile;
  readonly #path: string;
  /** Given by the owner: the present state as the fewest entries. */
  #present: () => readonly Entry[] = () => [];

  constructor(path: string) {
    this.#path = path;
    this.#file = new AppendFile(path);
  }

  load(present: () => readonly Entry[]): Map<string, Shipped> {
    this.#present = present;
    const entries = readLines(this.#path).flatMap((line) => {
      const parsed = Entry.safeParse(line);
      return parsed.success ? [parsed.data] : [];
    });
    return replay(entries);
  }

  /** Throws where the disk refuses: for what must be here before something else happens. */
  append(entry: Entry): void {
    this.#file.append(entry);
    if (this.#file.lines > COMPACT_LINES) this.compact();
  }

  /** For what only saves repeats: a full disk must not stop the shipping that will free it. */
  note(entry: Entry): void {
    try {
      this.append(entry);
    } catch {}
  }

  compact(): void {
    this.#file.rewrite(this.#present());
  }

  close(): void {
    this.#file.close();
  }
}

/** The fewest entries that replay to this stream. */
export function entriesOf(stream: Shipped): Entry[] {
  const { key } = stream;
  const entries: Entry[] = [{ t: "known", key, slot: stream.slot, release: stream.release }];
  if (stream.freed > 0) entries.push({ t: "freed", key, upTo: stream.freed });
  if (stream.acked > 0 || stream.lastAcked)
    entries.push({ t: "acked", key, next: stream.acked, last: stream.lastAcked });
  for (const border of stream.borders) entries.push({ t: "border", key, border });
  return entries;
}
