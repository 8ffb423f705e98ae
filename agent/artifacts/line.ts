// The line to the store that a build or a download uses, from what the agent has.
import type { BuildRun } from "./build.ts";
import type { Line } from "./transfer.ts";

export function lineOf(
  { world, url, headers, limits }: Pick<BuildRun, "world" | "url" | "headers" | "limits">,
  signal: AbortSignal,
): Line {
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = world.after(ms, resolve);
      signal.addEventListener(
        "abort",
        () => {
          timer.cancel();
          resolve();
        },
        { once: true },
      );
    });
  return { ask: world.ask, url, headers, signal, pause, tries: limits.tries };
}
