// Waits for something to become so, with a deadline and a name for the message.

export interface Wait {
  readonly what: string;
  readonly withinMs: number;
  readonly everyMs?: number;
}

/** Asks until the answer is neither null nor false; throws with the last error once the deadline is over. */
export async function waitUntil<T>(
  wait: Wait,
  ask: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const until = performance.now() + wait.withinMs;
  let last = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== false) return answer;
      last = "";
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    if (performance.now() > until) {
      throw new Error(`waited ${wait.withinMs} ms in vain for ${wait.what}${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, wait.everyMs ?? 50));
  }
}
