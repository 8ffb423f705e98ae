// What reaches out of the object: room on hosts, its confirmation and return, desired sets.
//
// 1. Each kind runs one at a time, and none waits for another: a stop needs nobody's room, and no D1.
// 2. Everything here can be lost and is found again: by a row of the agenda, or by the difference itself.
// 3. After each await the row is read anew, and what it no longer wants is given back.

import { Pusher } from "./desired.ts";
import type { WorkerParts } from "./parts.ts";
import { Room } from "./place.ts";
import { drainReservations } from "./reservations.ts";
import { settle } from "./settle.ts";

export class Effects {
  readonly #parts: WorkerParts;
  readonly #room: Room;
  readonly pusher: Pusher;
  readonly #resent = new Map<string, number>();
  readonly #fill = oneAtATime(async () => {
    await this.#attempt("place", () => this.#room.place());
    await this.#attempt("confirm", () => drainReservations(this.#parts, "confirm"));
    await this.#push();
  });
  readonly #giveBack = oneAtATime(() =>
    this.#attempt("release", async () => {
      if (await drainReservations(this.#parts, "release")) settle(this.#parts);
    }),
  );

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#room = new Room(parts);
    this.pusher = new Pusher(parts);
  }

  async run(): Promise<void> {
    await Promise.all([this.#push(), this.#fill(), this.#giveBack()]);
  }

  #push(): Promise<void> {
    return this.#attempt("push", () => this.pusher.pushAll());
  }

  /** Sends a host its newest set once more, but not at every report. */
  async resend(hostId: string): Promise<void> {
    const { now, policy } = this.#parts.rim;
    const last = this.#resent.get(hostId) ?? 0;
    if (now() - last < policy.objects.retryMs) return;
    this.#resent.set(hostId, now());
    await this.pusher.push(hostId, true);
  }

  async #attempt(what: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      console.error(`effect ${what}`, error);
    }
  }
}

/** Whoever asks while it runs makes it run once more; all are answered when nothing is left to do. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let again = false;
  let running: Promise<void> | null = null;
  const loop = async () => {
    while (again) {
      again = false;
      await work();
    }
    // In one step with the last look at `again`: nobody asks between the two.
    running = null;
  };
  return () => {
    again = true;
    running ??= loop();
    return running;
  };
}
