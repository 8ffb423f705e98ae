// The keeper's memory over its own death: two preallocated segments, appended to with plain writes.
//
// 1. A record is in the file (page cache) when `append` returns: the keeper's death loses nothing.
// 2. `synced` resolves once everything appended before is on the disk. Nobody else waits for the disk.
// 3. Appending needs no new disk block: the segments are filled with zeros once, and used in turn.
// 4. A full segment is followed by the other one, which begins with a snapshot. The old segment is
//    overwritten only after the new one was on the disk.
// 5. Leases alone cost the disk nothing but the kernel's own write-back and one sync for each full segment.
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { AttemptKey } from "../../protocol/instance.ts";
import { attemptKey } from "../../protocol/instance.ts";
import {
  apply,
  collapse,
  emptyLedger,
  type JournalRecord,
  type Ledger,
  snapshot,
} from "./ledger.ts";
import { decodeSegment, encodeLine, encodeSegment } from "./segment.ts";
import { type Cancel, messageOf, type World } from "./world.ts";

export const SEGMENT_BYTES = 1_048_576;
/** Instances and removed instances with unreported exits, at most: so many always fit a snapshot. */
export const MAX_KNOWN = 1_024;
const FORGET_AT_ONCE = 64;
/** Where nobody waits, the disk is written this much later: not beside the spawn that is about to follow. */
const SYNC_AFTER_MS = 25;

export interface JournalOptions {
  readonly dir: string;
  readonly log: World["log"];
  readonly after: World["after"];
  readonly segmentBytes?: number;
}

export class Journal {
  readonly ledger: Ledger = emptyLedger();
  readonly #log: World["log"];
  readonly #after: World["after"];
  readonly #segmentBytes: number;
  readonly #fds: readonly [number, number];
  #active: 0 | 1 = 0;
  #segment = 0;
  #endBytes = 0;
  /** Something that has to reach the disk was appended, and no sync has begun since. */
  #dirty = false;
  /** The last sync that ended took everything along that was appended before it. */
  #onDisk = false;
  #syncing = false;
  #timer: Cancel | null = null;
  /** Set while some record could not be written; the next append tries a whole snapshot. */
  #refused: Error | null = null;
  #waiting: ((error: Error | null) => void)[] = [];

  /** Throws where the directory can't hold the segments. */
  constructor(options: JournalOptions) {
    this.#log = options.log;
    this.#after = options.after;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    const paths = [0, 1].map((n) => join(options.dir, `journal.${n}`));
    const held = paths.map(readSegment);
    this.#fds = [
      preallocate(paths[0]!, this.#segmentBytes),
      preallocate(paths[1]!, this.#segmentBytes),
    ];
    syncDir(options.dir);
    const newest = (held[1]?.segment ?? 0) > (held[0]?.segment ?? 0) ? 1 : 0;
    const content = held[newest];
    if (!content) {
      this.#active = 1;
      this.#compact();
      return;
    }
    for (const record of content.records) apply(this.ledger, record);
    this.#active = newest;
    this.#segment = content.segment;
    // Beyond a torn line others may stand whole; a fresh segment number disowns them all.
    this.#compact();
  }

  /** Adds a record. A disk that refuses it is logged, and the record still counts in memory. */
  append(record: JournalRecord): void {
    apply(this.ledger, record);
    const line = encodeLine(record, this.#segment);
    if (this.#refused !== null || this.#endBytes + line.length > this.#segmentBytes) {
      this.#compact();
    } else if (this.#write(line, this.#endBytes)) {
      this.#endBytes += line.length;
    }
    if (record.t !== "lease") this.#soil();
  }

  forget(keys: readonly AttemptKey[]): void {
    const known = keys.map(attemptKey).filter((key) => this.ledger.exits.has(key));
    for (let at = 0; at < known.length; at += FORGET_AT_ONCE) {
      this.append({ t: "forget", keys: known.slice(at, at + FORGET_AT_ONCE) });
    }
  }

  /** Whether a further instance would still fit every snapshot. */
  hasRoom(): boolean {
    const known = new Set(this.ledger.entries.keys());
    for (const exit of this.ledger.exits.values()) known.add(exit.instanceId);
    return known.size < Math.min(MAX_KNOWN, this.#segmentBytes / 1_024);
  }

  /** Resolves when all that was appended is on the disk; rejects where the disk refused. */
  synced(): Promise<void> {
    if (!this.#dirty && !this.#syncing) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push((error) => (error === null ? resolve() : reject(error)));
      this.#dirty = true;
      this.#syncNow();
    });
  }

  close(): void {
    this.#timer?.();
    for (const fd of this.#fds) closeSync(fd);
  }

  #soil(): void {
    this.#dirty = true;
    this.#onDisk = false;
    this.#syncSoon();
  }

  #syncSoon(): void {
    this.#timer ??= this.#after(SYNC_AFTER_MS, () => this.#syncNow());
  }

  /** Coalesced: one fdatasync at a time; whoever comes meanwhile shares the next. */
  #syncNow(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#syncing || !this.#dirty) return;
    this.#syncing = true;
    this.#dirty = false;
    const served = this.#waiting;
    this.#waiting = [];
    fdatasync(this.#fds[this.#active], (error) => {
      this.#syncing = false;
      if (error) this.#log(`journal: ${messageOf(error)}`);
      else if (!this.#dirty) this.#onDisk = true;
      for (const done of served) done(error ?? this.#refused);
      if (this.#waiting.length > 0) this.#syncNow();
      else if (this.#dirty) this.#syncSoon();
    });
  }

  #compact(): void {
    const segment = this.#segment + 1;
    const bytes = this.#encodeBounded(segment);
    try {
      // The one we leave must be whole on the disk before the one before it is overwritten.
      if (this.#segment > 0 && !this.#onDisk) fdatasyncSync(this.#fds[this.#active]);
    } catch (error) {
      this.#log(`journal: ${messageOf(error)}`);
    }
    const next = this.#active === 0 ? 1 : 0;
    if (bytes.length > this.#segmentBytes) {
      this.#refused = new Error(`a snapshot of ${bytes.length} bytes does not fit`);
      this.#log(`journal: ${this.#refused.message}`);
      return;
    }
    this.#refused = null;
    if (!this.#write(bytes, 0, next)) return;
    this.#active = next;
    this.#segment = segment;
    this.#endBytes = bytes.length;
    this.#soil();
  }

  /** The snapshot; beyond half a segment it folds exits until it is well below. */
  #encodeBounded(segment: number): Buffer {
    const bound = this.#segmentBytes / 2;
    let bytes = encodeSegment(segment, snapshot(this.ledger));
    if (bytes.length <= bound) return bytes;
    for (;;) {
      const lineBytes = bytes.length / (this.ledger.exits.size + this.ledger.entries.size);
      let excess = Math.ceil((bytes.length - 0.75 * bound) / lineBytes);
      let folded = 1;
      while (excess > 0 && folded > 0) {
        folded = collapse(this.ledger);
        excess -= folded;
      }
      bytes = encodeSegment(segment, snapshot(this.ledger));
      if (folded === 0 || bytes.length <= bound) return bytes;
    }
  }

  #write(bytes: Buffer, at: number, which: 0 | 1 = this.#active): boolean {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#fds[which], bytes, done, bytes.length - done, at + done);
      }
      return true;
    } catch (error) {
      this.#refused = error instanceof Error ? error : new Error(messageOf(error));
      this.#log(`journal: ${messageOf(error)}`);
      return false;
    }
  }
}

function readSegment(path: string) {
  try {
    return decodeSegment(readFileSync(path));
  } catch {
    return null;
  }
}

/** Opens the file and fills it with zeros up to its size, so that its blocks are ours. */
function preallocate(path: string, sizeBytes: number): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const held = fstatSync(fd).size;
  if (held < sizeBytes) {
    const zeros = Buffer.alloc(65_536);
    for (let at = held; at < sizeBytes; ) {
      at += writeSync(fd, zeros, 0, Math.min(zeros.length, sizeBytes - at), at);
    }
    fsyncSync(fd);
  }
  return fd;
}

export function syncDir(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
