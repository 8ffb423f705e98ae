// Calls to objects: a fresh stub per attempt, few attempts, a deadline for what a person waits for.
// Every method of the objects may be repeated (rpc.ts), so each call here is.
import { ProblemError } from "../../protocol/problems.ts";
import { hostObject, workerObject } from "../env.ts";
import type { HostObjectRpc, WorkerObjectRpc } from "../rpc.ts";
import { type Call, logLine } from "./call.ts";

const ATTEMPTS = 3;
const PAUSE_MS = 40;

/** True for the platform's refusal under load: trying again at once makes it worse. */
function isOverloaded(error: unknown): boolean {
  return typeof error === "object" && error !== null && "overloaded" in error && !!error.overloaded;
}

async function reach<S, T>(
  call: Call,
  input: { readonly id: string; readonly what: string; readonly stub: () => S },
  ask: (stub: S) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(input.stub());
    } catch (error) {
      const last = attempt >= ATTEMPTS || isOverloaded(error);
      logLine("warn", "object_unreachable", {
        requestId: call.requestId,
        id: input.id,
        attempt,
        last,
        error: String(error),
      });
      if (last) {
        throw new ProblemError(
          "unavailable",
          `The ${input.what} is not reachable for the moment; try again.`,
        );
      }
      await scheduler.wait(PAUSE_MS * attempt);
    }
  }
}

/** Throws `unavailable` where the worker's object could not be reached. */
export function askWorker<T>(
  call: Call,
  workerId: string,
  ask: (stub: WorkerObjectRpc) => Promise<T>,
): Promise<T> {
  const stub = () => workerObject(call.env, workerId);
  return reach(call, { id: workerId, what: "worker's controller", stub }, ask);
}

/** Throws `unavailable` where the host's object could not be reached. */
export function askHost<T>(
  call: Call,
  hostId: string,
  ask: (stub: HostObjectRpc) => Promise<T>,
): Promise<T> {
  const stub = () => hostObject(call.env, hostId);
  return reach(call, { id: hostId, what: "host's controller", stub }, ask);
}

/** The answer, or null where it did not come within `withinMs` or could not be had at all. */
export async function orNull<T>(answer: Promise<T>, withinMs: number): Promise<T | null> {
  const given = answer.catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === "unavailable") return null;
    throw error;
  });
  return Promise.race([given, scheduler.wait(withinMs).then(() => null)]);
}
