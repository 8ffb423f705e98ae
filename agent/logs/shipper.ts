// Brings one worker's output to its object, in acknowledged frames over the worker's channel.
//
// 1. A border is journaled before its frame is first sent; whatever is sent again is the same frame.
// 2. At most `windowFrames` are on the way. A new channel begins with what was not acknowledged on the old one.
// 3. A file is deleted when its attempt ended, all of it is durable and its exit was taken in.
import { join } from "node:path";
import type { StreamKey } from "../../protocol/channel.ts";
import type { AttemptKey } from "../../protocol/instance.ts";
import type { Policy } from "../../protocol/policy.ts";
import { type Log, messageOf, type Timer, type World } from "../world.ts";
import type { Mark } from "./framer.ts";
import { type Border, entriesOf, ShipJournal, streamName } from "./journal.ts";
import type { Masker } from "./mask.ts";
import type { Look } from "./reader.ts";
import { deleteSpool, freeableUpTo, punchHole, spoolPath, spoolSize, streamsOf } from "./spool.ts";
import { type CutUrge, OutputStream } from "./stream.ts";

/** Frames made in one go before others get their turn. */
const BURST_FRAMES = 4;
const SWEEP_DELAY_MS = 200;
const TROUBLE_MS = 1_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ShipperOptions {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly workerId: string;
  readonly policy: () => Policy;
  /** False where the channel is not open. */
  readonly send: (frame: Uint8Array) => boolean;
  /** True while the attempt's exit, or the build's outcome, was not yet taken in. */
  readonly isHeld: (key: StreamKey) => boolean;
  /** Something left or went away: whoever waits for that looks again. */
  readonly onProgress: () => void;
  readonly onFlushed: (id: string) => void;
  /** What covers known secrets; none where left out. */
  readonly masker?: () => Masker;
  /** False while it is not known yet what is secret: nothing leaves. */
  readonly mayShip?: () => boolean;
}

interface Flush {
  readonly id: string;
  readonly targets: ReadonlyMap<string, number>;
}

export interface OpenStream {
  readonly key: StreamKey;
  readonly slot: number;
  readonly release: number;
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #journal: ShipJournal;
  readonly #streams = new Map<string, OutputStream>();
  #flushes: Flush[] = [];
  #open = false;
  #attendedUntil = 0;
  #turn = 0;
  #pumpTimer: { readonly timer: Timer; readonly due: number } | null = null;
  #sweepTimer: Timer | null = null;
  #canPunch = true;
  #oldestSentAt: number | null = null;
  /** Something could not be read or journaled in the present round. */
  #troubled = false;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#journal = new ShipJournal(
      join(options.state, "workers", options.workerId, "ship.journal"),
    );
    const shipped = this.#journal.load(() =>
      [...this.#streams.values()].flatMap((stream) => entriesOf(stream.shipped)),
    );
    const look = { ...this.#lookNow(), late: true };
    for (const [name, one] of shipped) {
      const stream = new OutputStream(spoolPath(options.state, one.key), one, options.masker);
      if (spoolSize(stream.path) === null) continue;
      stream.look(look);
      this.#streams.set(name, stream);
    }
    if (shipped.size === 0) return;
    try {
      this.#journal.compact();
    } catch (error) {
      options.log.warn("ship journal not compacted", { message: messageOf(error) });
    }
  }

  keys(): StreamKey[] {
    return [...this.#streams.values()].map((stream) => stream.key);
  }

  /** The releases, and the builds by their deploys, whose output is here. */
  holds(): { readonly releases: ReadonlySet<number>; readonly builds: ReadonlySet<string> } {
    const all = [...this.#streams.values()];
    const isBuild = ({ key }: OutputStream) => key.stream === "build";
    return {
      releases: new Set(all.filter((one) => !isBuild(one)).map((one) => one.shipped.release)),
      builds: new Set(all.filter(isBuild).map(({ key }) => key.instanceId)),
    };
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  /** Since when the oldest frame on the way has not been acknowledged. */
  get waitingSince(): number | null {
    return this.#oldestSentAt;
  }

  /** Takes a stream up, once; `late` where it was written while nobody looked. */
  track(open: OpenStream, late: boolean): void {
    const name = streamName(open.key);
    if (this.#streams.has(name)) return;
    const { key, slot, release } = open;
    const shipped = { key, slot, release, acked: 0, lastAcked: false, freed: 0, borders: [] };
    const stream = new OutputStream(
      spoolPath(this.#options.state, key),
      shipped,
      this.#options.masker,
    );
    this.#streams.set(name, stream);
    this.#journal.note({ t: "known", key, slot, release });
    if (stream.look({ ...this.#lookNow(), late })) this.#schedulePump(0);
  }

  /** Looks at that instance's live files; true where one grew. */
  look(instanceId: string, look: Look): boolean {
    let grew = false;
    for (const stream of this.#streams.values()) {
      if (stream.key.instanceId === instanceId && !stream.ended) grew = stream.look(look) || grew;
    }
    if (grew) this.pump();
    return grew;
  }

  /** No byte follows: what is left leaves now. */
  end(key: StreamKey): void {
    const stream = this.#streams.get(streamName(key));
    if (stream === undefined || stream.ended) return;
    stream.look(this.#lookNow());
    stream.end();
    this.pump();
    this.#scheduleSweep();
  }

  /** True once no frame of that attempt is still to be sent on the present channel. */
  isSent(attempt: AttemptKey): boolean {
    return streamsOf(attempt).every((key) => this.isStreamSent(key));
  }

  isStreamSent(key: StreamKey): boolean {
    return this.#streams.get(streamName(key))?.isSent ?? true;
  }

  /** True once none of that instance's output is left here. */
  isShipped(instanceId: string): boolean {
    for (const { key } of this.#streams.values()) if (key.instanceId === instanceId) return false;
    return true;
  }

  /** When which part of that stream was read, as far as it is remembered. */
  marksOf(key: StreamKey): readonly Mark[] {
    return this.#streams.get(streamName(key))?.tailMarks ?? [];
  }

  opened(): void {
    this.#open = true;
    for (const stream of this.#streams.values()) stream.sent = 0;
    this.#oldestSentAt = null;
    this.pump();
  }

  closed(): void {
    this.#open = false;
    this.#flushes = [];
    this.#oldestSentAt = null;
  }

  attend(forMs: number): void {
    const until = this.#options.world.elapsed() + forMs;
    this.#attendedUntil = Math.max(this.#attendedUntil, until);
    this.#lookAtAll();
    this.pump();
  }

  flush(id: string): void {
    this.#lookAtAll();
    const targets = new Map<string, number>();
    for (const [name, stream] of this.#streams) {
      stream.force();
      if (stream.size > stream.shipped.acked) targets.set(name, stream.size);
    }
    this.#flushes.push({ id, targets });
    this.pump();
  }

  frameAck(ack: StreamKey & { readonly next: number; readonly refused: boolean }): void {
    const stream = this.#streams.get(streamName(ack));
    if (stream === undefined) return;
    const { key, shipped } = stream;
    const { next } = ack;
    if (ack.refused) {
      // One refusal makes those of the frames behind it old news.
      const head = shipped.borders[0];
      if (stream.sent > 0 && head?.start === next && shipped.acked === next) return;
      this.#options.log.warn("frame refused", { stream: streamName(key), next });
      this.#journal.note({ t: "refused", key, next });
      stream.refused(next);
    } else {
      const last = shipped.borders.some((border) => border.last && border.end <= next);
      this.#journal.note({ t: "acked", key, next, last });
      stream.acked({ next, last });
      this.#free(stream);
    }
    this.#oldestSentAt = this.#outstanding() > 0 ? this.#options.world.elapsed() : null;
    if (stream.isDone) this.#scheduleSweep();
    this.pump();
  }

  /** An exit was taken in: its files may go. */
  settled(): void {
    this.#scheduleSweep();
  }

  /** Sends what may be sent now, and plans the next time by itself. */
  pump(): void {
    if (this.#open && this.#mayShip) {
      for (let made = 0; this.#outstanding() < this.#options.policy().logs.windowFrames; made++) {
        if (made === BURST_FRAMES) {
          this.#schedulePump(0);
          return;
        }
        if (!this.#sendNext()) break;
      }
      this.#checkFlushes();
    }
    this.#options.onProgress();
    this.#planNext();
  }

  stop(): void {
    this.#pumpTimer?.timer.cancel();
    this.#sweepTimer?.cancel();
    this.#journal.close();
  }

  get #mayShip(): boolean {
    return this.#options.mayShip?.() ?? true;
  }

  #outstanding(): number {
    let sent = 0;
    for (const stream of this.#streams.values()) sent += stream.sent;
    return sent;
  }

  /** One frame of the next stream that has one, in turn; false where none has. */
  #sendNext(): boolean {
    const urge = this.#urge();
    const streams = [...this.#streams.values()];
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[(this.#turn + i) % streams.length]!;
      const frame = this.#frameOf(stream, urge);
      if (frame === null) continue;
      if (!this.#options.send(stream.encode(frame.border, frame.payload))) return false;
      stream.sent += 1;
      this.#oldestSentAt ??= urge.now;
      this.#turn = (this.#turn + i + 1) % streams.length;
      return true;
    }
    return false;
  }

  #urge(): CutUrge {
    const { world, policy } = this.#options;
    const now = world.elapsed();
    const attended = now < this.#attendedUntil;
    return { now, at: world.now(), attended, logs: policy().logs };
  }

  #lookNow(): Look {
    const { world } = this.#options;
    return { at: world.now(), since: world.elapsed(), late: false };
  }

  #frameOf(stream: OutputStream, urge: CutUrge): { border: Border; payload: Uint8Array } | null {
    const { key } = stream;
    try {
      const border = stream.shipped.borders[stream.sent];
      if (border !== undefined) {
        const payload = stream.payload(border);
        if (payload !== null) return { border, payload };
        this.#options.log.error("spool is shorter than what was framed", { file: stream.path });
        this.#journal.note({ t: "refused", key, next: stream.shipped.acked });
        stream.refused(stream.shipped.acked);
      }
      if (!stream.wantsCut(urge)) return null;
      const frame = stream.cut(urge);
      if (frame === null) return null;
      this.#journal.append({ t: "border", key, border: frame.border });
      stream.shipped.borders.push(frame.border);
      return frame;
    } catch (error) {
      this.#options.log.error("output can't be framed", {
        file: stream.path,
        message: messageOf(error),
      });
      this.#troubled = true;
      return null;
    }
  }

  #lookAtAll(): void {
    const look = this.#lookNow();
    for (const stream of this.#streams.values()) if (!stream.ended) stream.look(look);
  }

  #checkFlushes(): void {
    const left: Flush[] = [];
    for (const flush of this.#flushes) {
      const open = [...flush.targets].some(
        ([name, target]) => !(this.#streams.get(name)?.isFlushed(target) ?? true),
      );
      if (open) left.push(flush);
      else this.#options.onFlushed(flush.id);
    }
    this.#flushes = left;
  }

  #planNext(): void {
    if (!this.#open) return;
    const troubled = this.#troubled || !this.#mayShip;
    this.#troubled = false;
    if (troubled) {
      this.#schedulePump(TROUBLE_MS);
      return;
    }
    const urge = this.#urge();
    let due: number | null = null;
    if (this.#outstanding() >= this.#options.policy().logs.windowFrames) return;
    for (const stream of this.#streams.values()) {
      const at = stream.dueAt(urge);
      if (at !== null && (due === null || at < due)) due = at;
    }
    if (due !== null) this.#schedulePump(Math.max(10, due - urge.now));
  }

  #schedulePump(delayMs: number): void {
    const due = this.#options.world.elapsed() + delayMs;
    if (this.#pumpTimer !== null) {
      if (this.#pumpTimer.due <= due) return;
      this.#pumpTimer.timer.cancel();
    }
    const timer = this.#options.world.after(Math.min(delayMs, MAX_TIMER_MS), () => {
      this.#pumpTimer = null;
      this.pump();
    });
    this.#pumpTimer = { timer, due };
  }

  #free(stream: OutputStream): void {
    if (stream.ended || !this.#canPunch) return;
    const { acked, freed } = stream.shipped;
    const upTo = freeableUpTo({ acked, size: stream.size, freed });
    if (upTo === null) return;
    try {
      this.#journal.append({ t: "freed", key: stream.key, upTo });
    } catch {
      return;
    }
    stream.shipped.freed = upTo;
    void punchHole(this.#options.world.spawn, { path: stream.path, from: freed, upTo }).then(
      (ok) => {
        if (ok || !this.#canPunch) return;
        this.#canPunch = false;
        this.#options.log.warn("shipped output of running programs can't be freed", {
          next: "install util-linux's fallocate, or use ext4, xfs, btrfs or tmpfs",
        });
      },
    );
  }

  #scheduleSweep(): void {
    this.#sweepTimer ??= this.#options.world.after(SWEEP_DELAY_MS, () => {
      this.#sweepTimer = null;
      this.#sweep();
    });
  }

  #sweep(): void {
    let deleted = 0;
    for (const [name, stream] of this.#streams) {
      const { key } = stream;
      if (!stream.isDone || this.#options.isHeld(key)) continue;
      // A straggler of the ended attempt may have written more.
      if (stream.look(this.#lookNow())) {
        this.#schedulePump(0);
        continue;
      }
      deleteSpool(stream.path);
      this.#journal.note({ t: "closed", key });
      this.#streams.delete(name);
      deleted += 1;
    }
    if (deleted > 0) this.#options.onProgress();
  }
}
