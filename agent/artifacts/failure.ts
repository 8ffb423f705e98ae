// How a build can fail: each failure is a reason that the control plane knows, and a sentence for people.
import type { BuildFailure, BuildReport } from "../../protocol/channel.ts";
import { codeOf, messageOf } from "../world.ts";

export class Failure extends Error {
  readonly reason: BuildFailure;
  constructor(reason: BuildFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

function isDiskFull(error: unknown): boolean {
  return codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
}

/** What a tree that may not be packed comes to. */
export function refusal({
  kind,
  message,
}: {
  readonly kind: "refused" | "too_large";
  readonly message: string;
}): Failure {
  return new Failure(kind === "too_large" ? "too_large" : "build_failed", message);
}

/** A full disk is named as such; all else is the line's fault. */
export function uploadFailure(error: unknown): unknown {
  if (isDiskFull(error)) return error;
  const message = `The release could not be uploaded: ${messageOf(error)}`;
  return new Failure("upload_failed", message);
}

/** What is told of it: with the last lines of its output, and the sentence. */
export function outcomeOf(
  error: unknown,
  tail: string[],
): Extract<BuildReport["outcome"], { kind: "failed" }> {
  const said = messageOf(error);
  const failed = (reason: BuildFailure, message: string) =>
    ({ kind: "failed", reason, message: message.slice(0, 2_000), tail }) as const;
  if (error instanceof Failure) return failed(error.reason, said);
  if (isDiskFull(error)) return failed("disk", `The host's disk is full: ${said}`);
  return failed("internal", `The agent could not build: ${said}`);
}
