// One HTTP request as the client makes it: with a deadline, and again where repeating changes nothing.
//
// 1. Only what is safe to repeat is repeated: GET, HEAD, PUT, and POST under an Idempotency-Key. A DELETE is not:
//    the second would say "not found" of what the first has done.
// 2. Only what may pass is repeated: no answer, 429, 502, 503, 504. The caller's `signal` ends it at once.
import { LinkError } from "./errors.ts";

export interface RetryOptions {
  /** Tries altogether. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly timeoutMs: number;
}

export const DEFAULT_RETRY: RetryOptions = { attempts: 3, baseMs: 250, timeoutMs: 20_000 };

const PASSING = new Set([429, 502, 503, 504]);
const MOST_WAIT_MS = 10_000;

function repeatable(request: Request): boolean {
  return ["GET", "HEAD", "PUT"].includes(request.method) || request.headers.has("idempotency-key");
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const gone = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", gone);
      resolve();
    }, ms);
    signal?.addEventListener("abort", gone, { once: true });
  });
}

function waitMs(base: number, attempt: number, answer: Response | null): number {
  const asked = Number(answer?.headers.get("retry-after")) * 1_000;
  if (asked > 0) return Math.min(asked, MOST_WAIT_MS);
  return base * 2 ** attempt * (0.5 + Math.random());
}

/** The answer, whatever its status; throws LinkError where none came, and the signal's reason where it aborted. */
export async function send(
  request: Request,
  doFetch: typeof fetch,
  options: RetryOptions,
): Promise<Response> {
  const again = repeatable(request);
  for (let attempt = 0; ; attempt++) {
    const last = !again || attempt + 1 >= options.attempts;
    const deadline = AbortSignal.timeout(options.timeoutMs);
    const signal = AbortSignal.any([request.signal, deadline]);
    let answer: Response | null = null;
    try {
      answer = await doFetch(last ? request : request.clone(), { signal });
      if (last || !PASSING.has(answer.status)) return answer;
      await answer.body?.cancel();
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      const reason = deadline.aborted ? "timeout" : "unreachable";
      if (last) throw new LinkError(new URL(request.url).origin, reason, error);
    }
    await pause(waitMs(options.baseMs, attempt, answer), request.signal);
  }
}
