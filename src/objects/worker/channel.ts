// The worker channel: who connects, and which part each message goes to.
//
// 1. A host is let in with its own signature and the key that its HostObject showed when it admitted something.
// 2. Only the newest epoch speaks for a host: an older one is sent away, never obeyed.
// 3. What is not understood is refused with a reason; it never throws.
import {
  agreeProtocol,
  CHANNEL_PROTOCOL,
  HostToWorkerObject,
  type WorkerHello,
} from "../../../protocol/channel.ts";
import { bearerOf, claimedHost, verifyAssertion } from "../assertion.ts";
import { refuseJobs } from "./jobs.ts";
import { loseNoMore } from "./loss.ts";
import type { WorkerParts } from "./parts.ts";
import { attendNewcomer } from "./watch.ts";

export async function acceptHost(parts: WorkerParts, request: Request): Promise<Response> {
  const { hosts, rim, sockets } = parts;
  const token = bearerOf(request);
  const hostId = token ? claimedHost(token) : null;
  if (!token || !hostId) return sockets.refuse("unauthorized", "the assertion is missing");
  const host = hosts.get(hostId);
  if (!host) return sockets.refuse("not_here", "nothing of this worker is placed on this host");
  const { publicKey } = host;
  if (!(await verifyAssertion(token, { hostId, publicKey, now: rim.now() })))
    return sockets.refuse("unauthorized", "the assertion is not valid");
  if (hosts.get(hostId)?.removed) return sockets.refuse("host_removed", "this host was removed");
  return sockets.accept("host", hostId);
}

/** The message, or null where it was refused. */
export function parseMessage(
  parts: WorkerParts,
  ws: WebSocket,
  text: string,
): HostToWorkerObject | null {
  const message = parse(text);
  if (!message) parts.sockets.close(ws, "malformed", "that message is not understood");
  return message;
}

function parse(text: string): HostToWorkerObject | null {
  try {
    const parsed = HostToWorkerObject.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** True where the host is now greeted; its set should be sent. */
export function onHello(parts: WorkerParts, ws: WebSocket, hello: WorkerHello): boolean {
  const { hosts, sockets } = parts;
  const { hostId } = sockets.read(ws);
  const host = hosts.get(hostId);
  if (agreeProtocol(hello.protocol) === null) {
    sockets.close(ws, "protocol", `this side speaks protocol ${CHANNEL_PROTOCOL}`);
  } else if (!host || hello.hostId !== hostId) {
    sockets.close(ws, "unauthorized", "that is another host's name");
  } else if (host.removed) {
    sockets.close(ws, "host_removed", "this host was removed");
  } else if (hello.epoch < Math.max(host.epoch, 1)) {
    sockets.close(ws, "superseded", "a newer connection of this host took over");
  } else {
    loseNoMore(parts, hostId, hello.epoch, "own channel");
    if (hello.epoch > host.epoch || !host.connected)
      hosts.update(hostId, { epoch: hello.epoch, connected: true });
    sockets.update(ws, { epoch: hello.epoch, protocol: hello.protocol, sent: 0 });
    sockets.supersede(ws, hostId);
    sockets.send(ws, {
      type: "welcome",
      protocol: agreeProtocol(hello.protocol),
      epoch: hello.epoch,
    });
    attendNewcomer(parts, ws);
    refuseJobs(parts, hostId);
    return true;
  }
  return false;
}
