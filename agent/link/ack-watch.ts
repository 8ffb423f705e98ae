// Frames that nobody acknowledges on an open channel: the channel is not what it seems.
import type { Timer, World } from "../world.ts";

export interface AckWatchOptions {
  readonly world: Pick<World, "elapsed" | "after">;
  readonly limitMs: () => number;
  /** When the oldest frame left that waits for its ack; null where none does. */
  readonly waitingSince: () => number | null;
  readonly onSilence: () => void;
}

export class AckWatch {
  readonly #options: AckWatchOptions;
  #timer: Timer | null = null;

  constructor(options: AckWatchOptions) {
    this.#options = options;
  }

  opened(): void {
    const { world, limitMs, waitingSince, onSilence } = this.#options;
    const limit = limitMs();
    this.#timer = world.after(limit, () => {
      const since = waitingSince();
      if (since === null || world.elapsed() - since <= limit) this.opened();
      else onSilence();
    });
  }

  closed(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
