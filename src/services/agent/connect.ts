// Hands an agent's WebSocket on to the object it is for. The object verifies the assertion; here it is only read,
// to find the right object, so that connecting needs no D1.
import { isId } from "../../../protocol/ids.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import { hostObject, workerObject } from "../../env.ts";
import type { HostObjectRpc, WorkerObjectRpc } from "../../rpc.ts";
import { absent } from "../authorise.ts";
import type { Call } from "../call.ts";

const BEARER_CHARS = 4_096;

function malformed(): ProblemError {
  return new ProblemError("unauthenticated", "The host's assertion is missing or malformed.");
}

/** The host that an assertion says it is from, unverified. */
export function claimedHost(authorization: string | null): string {
  const jwt = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(
    (authorization ?? "").slice(0, BEARER_CHARS),
  )?.[1];
  if (!jwt) throw malformed();
  try {
    const claims: unknown = JSON.parse(
      atob(jwt.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")),
    );
    const { iss } = claims as { iss?: unknown };
    if (typeof iss === "string" && isId("host", iss)) return iss;
  } catch {}
  throw malformed();
}

function checkUpgrade(request: Request): void {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return;
  throw new ProblemError("upgrade_required", "Connect with a WebSocket.");
}

function forward(stub: HostObjectRpc | WorkerObjectRpc, request: Request): Promise<Response> {
  const headers = new Headers({
    upgrade: "websocket",
    authorization: request.headers.get("authorization") ?? "",
  });
  const protocol = request.headers.get("sec-websocket-protocol");
  if (protocol) headers.set("sec-websocket-protocol", protocol);
  return stub.fetch(new Request("https://object/channel", { headers }));
}

export async function connectHost(call: Call, request: Request): Promise<Response> {
  const hostId = claimedHost(request.headers.get("authorization"));
  checkUpgrade(request);
  return forward(hostObject(call.env, hostId), request);
}

export async function connectWorker(
  call: Call,
  request: Request,
  workerId: string,
): Promise<Response> {
  claimedHost(request.headers.get("authorization"));
  checkUpgrade(request);
  if (!isId("worker", workerId)) throw absent("worker");
  return forward(workerObject(call.env, workerId), request);
}
