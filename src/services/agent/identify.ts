// Which host asks, where it opens no channel: its own object checks the assertion, and knows whether it was removed.
import type { HostId, ProjectId } from "../../../protocol/ids.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import type { Call } from "../call.ts";
import { askHost } from "../reach.ts";
import { claimedHost } from "./connect.ts";

export interface AskingHost {
  readonly hostId: HostId;
  readonly projectId: ProjectId;
}

/** Throws `unauthenticated` where the assertion is missing, not valid, or of a host that was removed. */
export async function identifyHost(call: Call, request: Request): Promise<AskingHost> {
  const authorization = request.headers.get("authorization");
  const hostId = claimedHost(authorization) as HostId;
  const token = (authorization ?? "").replace(/^Bearer +/i, "").trim();
  const found = await askHost(call, hostId, (stub) => stub.identify(token));
  if (found) return { hostId, projectId: found.projectId };
  throw new ProblemError("unauthenticated", "The host's assertion is not valid.");
}
