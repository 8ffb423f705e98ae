// When a report leaves: soon after a change, together with the changes around it, and whole after each reconnect.
//
// 1. Nothing is sent that says the same as what this channel was told last.
// 2. A report waits a little for the log frames that belong before it, never for long.
// 3. What needs an ack and got none is told again.
import type { Report } from "../../protocol/channel.ts";
import { sameReport } from "../report.ts";
import type { Timer, World } from "../world.ts";

const COALESCE_MS = 20;
const HOLD_MS = 250;

export interface OutboxOptions {
  readonly world: World;
  /** Null while nothing may be said. `again`: also what was told on this channel and not acknowledged. */
  readonly make: (again: boolean) => Report | null;
  /** Frames that belong before the report are still to be sent. */
  readonly hold: () => boolean;
  readonly needsAck: () => boolean;
  readonly ackMs: () => number;
  /** False where the channel is not open. */
  readonly send: (report: Report) => boolean;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #open = false;
  #told: Report | null = null;
  #timer: Timer | null = null;
  #ackTimer: Timer | null = null;
  #heldUntil: number | null = null;
  #again = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  opened(): void {
    this.#open = true;
    this.#told = null;
    this.#again = true;
    this.changed();
  }

  closed(): void {
    this.#open = false;
    this.#timer?.cancel();
    this.#timer = null;
    this.#ackTimer?.cancel();
    this.#ackTimer = null;
    this.#heldUntil = null;
  }

  changed(): void {
    if (this.#open) this.#timer ??= this.#options.world.after(COALESCE_MS, () => this.#leave());
  }

  /** The frames went out: a held report need not wait longer. */
  released(): void {
    if (this.#heldUntil === null || this.#options.hold()) return;
    this.#timer?.cancel();
    this.#leave();
  }

  #leave(): void {
    this.#timer = null;
    const { world, make, hold, send } = this.#options;
    if (!this.#open) return;
    if (hold()) {
      this.#heldUntil ??= world.elapsed() + HOLD_MS;
      const leftMs = this.#heldUntil - world.elapsed();
      if (leftMs > 0) {
        this.#timer = world.after(leftMs, () => this.#leave());
        return;
      }
    }
    this.#heldUntil = null;
    const report = make(this.#again);
    if (report === null) return;
    const repeat = this.#told !== null && sameReport(this.#told, report);
    if (repeat && !this.#again) return;
    if (!send(report)) return;
    this.#again = false;
    this.#told = report;
    this.#awaitAck();
  }

  #awaitAck(): void {
    const { world, needsAck, ackMs } = this.#options;
    if (this.#ackTimer !== null || !needsAck()) return;
    this.#ackTimer = world.after(ackMs(), () => {
      this.#ackTimer = null;
      if (!needsAck()) return;
      this.#again = true;
      this.changed();
    });
  }
}
