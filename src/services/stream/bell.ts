// Collects wishes to look again: what comes while nobody waits is not lost.

export type Wake = "news" | "timeout" | "gone";

export class Bell {
  #rung = false;
  #waiter: ((wake: Wake) => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#waiter?.("news");
  }

  /** Waits for a ring, for `forMs`, or for the reader to go. */
  async wait(forMs: number, signal: AbortSignal): Promise<Wake> {
    if (signal.aborted) return "gone";
    if (this.#rung) {
      this.#rung = false;
      return "news";
    }
    return new Promise<Wake>((resolve) => {
      const gone = () => done("gone");
      const timer = setTimeout(() => done("timeout"), forMs);
      const done = (wake: Wake) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
        this.#waiter = null;
        if (wake === "news") this.#rung = false;
        resolve(wake);
      };
      signal.addEventListener("abort", gone, { once: true });
      this.#waiter = done;
    });
  }
}
