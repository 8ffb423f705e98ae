// A loop that is woken by named reasons: callbacks only say what happened, one place decides what to do.
//
// 1. Never two rounds at once. A wake during a round means one more round after it.
// 2. A round that throws is logged and tried again; it never ends the loop.
import { type Log, messageOf, type Timer, type World } from "./world.ts";

export interface Loop<R extends string> {
  wake(reason: R): void;
  stop(): void;
}

export interface LoopOptions<R extends string> {
  readonly world: World;
  readonly log: Log;
  readonly name: string;
  readonly retryMs: () => number;
  readonly round: (reasons: ReadonlySet<R>) => Promise<void>;
}

export function startLoop<R extends string>(options: LoopOptions<R>): Loop<R> {
  const { world, log, name, retryMs, round } = options;
  let reasons = new Set<R>();
  let running = false;
  let stopped = false;
  let timer: Timer | null = null;

  const run = async () => {
    running = true;
    while (reasons.size > 0 && !stopped) {
      const taken = reasons;
      reasons = new Set();
      try {
        await round(taken);
      } catch (error) {
        log.error("round failed", { name, message: messageOf(error) });
        for (const reason of taken) reasons.add(reason);
        break;
      }
    }
    running = false;
    if (reasons.size > 0 && !stopped) schedule(retryMs());
  };

  const schedule = (delayMs: number) => {
    timer ??= world.after(delayMs, () => {
      timer = null;
      if (!running) void run();
    });
  };

  return {
    wake(reason) {
      if (stopped) return;
      reasons.add(reason);
      if (!running) schedule(0);
    },
    stop() {
      stopped = true;
      timer?.cancel();
      timer = null;
    },
  };
}
