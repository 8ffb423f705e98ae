// Wakes when the next running instance becomes healthy, which nobody else says: those that started together, in one.
import type { Mirrored } from "./keeper-client.ts";
import { nextHealthyMs } from "./report.ts";
import type { Timer, World } from "./world.ts";

const TOGETHER_MS = 50;

export interface SoakOptions {
  readonly world: Pick<World, "elapsed" | "after">;
  readonly soakMs: () => number;
  readonly instances: () => readonly Mirrored[];
  readonly onHealthy: () => void;
}

export class Soak {
  readonly #options: SoakOptions;
  #timer: Timer | null = null;

  constructor(options: SoakOptions) {
    this.#options = options;
  }

  plan(): void {
    const { world, soakMs, instances, onHealthy } = this.#options;
    this.stop();
    const leftMs = nextHealthyMs(instances(), world.elapsed(), soakMs());
    if (leftMs !== null) this.#timer = world.after(leftMs + TOGETHER_MS, onHealthy);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
