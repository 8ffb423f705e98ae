// How long a stream may go on: as long as its reader has the right to it, and as long as one request may ask.
//
// 1. Rights are looked at again each minute; who lost them is not told more.
// 2. The platform bounds what one request may ask of D1 and of objects: a stream ends before, and its reader resumes.
import { ProblemError } from "../../../protocol/problems.ts";
import type { Admitted } from "../admit.ts";
import type { Action } from "../authorise.ts";

export const HEARTBEAT_MS = 15_000;
const CHECK_EVERY_MS = 60_000;
const MOST_LOOKS = 800;

const LOST = new Set(["unauthenticated", "forbidden", "not_found"]);

export class Standing {
  readonly #admitAgain: () => Promise<unknown>;
  readonly #now: () => number;
  #checkedAt: number;
  #looks = 0;

  constructor(admitted: Pick<Admitted<Action>, "admitAgain">, now: () => number = Date.now) {
    this.#admitAgain = admitted.admitAgain;
    this.#now = now;
    this.#checkedAt = now();
  }

  /** Counts one look; false where the stream has to end. */
  async mayLook(): Promise<boolean> {
    if (++this.#looks > MOST_LOOKS) return false;
    if (this.#now() - this.#checkedAt < CHECK_EVERY_MS) return true;
    this.#checkedAt = this.#now();
    try {
      await this.#admitAgain();
      return true;
    } catch (error) {
      // What D1 does not answer for the moment takes nobody's rights away.
      return !(error instanceof ProblemError && LOST.has(error.code));
    }
  }
}
