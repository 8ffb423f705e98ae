// What reaches out of the object: room on hosts, its confirmation and return, desired sets.
//
// 1. One run at a time; whoever asks meanwhile makes it run once more.
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
  #running: Promise<void> | null = null;
  #again = false;
  readonly #resent = new Map<string, number>();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#room = new Room(parts);
    this.pusher = new Pusher(parts);
  }

  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Sends a host its newest set once more, but not at every report. */
  async resend(hostId: string): Promise<void> {
    const { now, policy } = this.#parts.rim;
    const last = this.#resent.get(hostId) ?? 0;
    if (now() - last < policy.objects.retryMs) return;
    this.#resent.set(hostId, now());
    await this.pusher.push(hostId, true);
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      // What hosts already hold comes first: a stop must not wait for somebody else's room.
      await this.#attempt("push", () => this.pusher.pushAll());
      await this.#attempt("place", () => this.#room.place());
      await this.#attempt("confirm", () => drainReservations(this.#parts, "confirm"));
      await this.#attempt("push", () => this.pusher.pushAll());
      await this.#attempt("release", async () => {
        if (await drainReservations(this.#parts, "release")) settle(this.#parts);
      });
    }
  }

  async #attempt(what: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      console.error(`effect ${what}`, error);
    }
  }
}
