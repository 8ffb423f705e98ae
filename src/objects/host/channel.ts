// The host channel: `hello` is granted an epoch, then the host learns which workers to connect to.
//
// 1. A `hello` is taken only from a socket whose assertion was signed with the host's own key.
// 2. Epoch, nonce and status are written before `welcome` is sent: the output gate keeps that order.
// 3. A clone ends both: nobody can tell which of the two is the copy. A `hello` that comes late, on a channel older than
//    the one that was granted the epoch, is no clone's.
import {
  agreeProtocol,
  CHANNEL_PROTOCOL,
  type CloseReason,
  type HostHello,
  HostToObject,
  type Inspected,
} from "../../../protocol/channel.ts";
import type { ProjectId } from "../../../protocol/ids.ts";
import { grantEpoch } from "../../domain/epoch.ts";
import { bearerOf, verifyAssertion } from "../assertion.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { announceRoom } from "./room.ts";
import { tellLost, tellReturned } from "./tell.ts";

export async function acceptHost(parts: HostParts, request: Request): Promise<Response> {
  const { rim, sockets, store } = parts;
  const token = bearerOf(request);
  const meta = store.meta();
  if (!meta) return sockets.refuse("not_here", "this host is not known here");
  const { hostId, publicKey } = meta;
  const isGenuine = token && (await verifyAssertion(token, { hostId, publicKey, now: rim.now() }));
  if (!isGenuine) return sockets.refuse("unauthorized", "the assertion is missing or not valid");
  if (store.meta()?.status === "removed")
    return sockets.refuse("host_removed", "this host was removed");
  return sockets.accept("host", hostId);
}

/** Who sent a request that is no channel; null where that can't be told, or the host may hold none either. */
export async function identify(
  { rim, store }: HostParts,
  token: string,
): Promise<{ readonly projectId: ProjectId } | null> {
  const meta = store.meta();
  if (!meta) return null;
  const { hostId, publicKey, projectId } = meta;
  const isGenuine = await verifyAssertion(token, { hostId, publicKey, now: rim.now() });
  const status = store.meta()?.status;
  return isGenuine && status !== "removed" && status !== "cloned" ? { projectId } : null;
}

export function onHostMessage(
  parts: HostParts,
  ws: WebSocket,
  data: string | ArrayBuffer,
  onInspected: (answer: Inspected) => void,
): void {
  const { rim, sockets } = parts;
  const message = parse(data);
  if (!message) {
    sockets.close(ws, "malformed", "that message is not understood");
    return;
  }
  sockets.update(ws, { lastMessageAt: rim.now() });
  if (message.type === "hello") onHello(parts, ws, message);
  else if (sockets.read(ws).epoch > 0) onInspected(message);
  else sockets.close(ws, "superseded", "say hello first");
}

function parse(data: string | ArrayBuffer): HostToObject | null {
  if (typeof data !== "string") return null;
  try {
    const parsed = HostToObject.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function onHello(parts: HostParts, ws: WebSocket, hello: HostHello): void {
  const refusal = refuse(parts, hello);
  if (refusal) {
    parts.sockets.close(ws, ...refusal);
    return;
  }
  const meta = parts.store.meta();
  if (!meta) return;
  const { acceptedAt } = parts.sockets.read(ws);
  const { epoch, nonce } = hello;
  const verdict = grantEpoch(meta, { epoch, nonce, acceptedAt });
  switch (verdict.kind) {
    case "superseded":
      parts.sockets.close(ws, "superseded", "a newer connection of this host took over");
      return;
    case "cloned":
      endClones(parts);
      return;
    case "granted":
      welcome(parts, ws, hello, verdict.epoch);
      return;
  }
}

function refuse({ store }: HostParts, hello: HostHello): [CloseReason, string] | null {
  const meta = store.meta();
  if (agreeProtocol(hello.protocol) === null)
    return ["protocol", `this side speaks protocol ${CHANNEL_PROTOCOL}`];
  if (!meta || hello.hostId !== meta.hostId) return ["unauthorized", "that is another host's name"];
  if (meta.status === "removed") return ["host_removed", "this host was removed"];
  return meta.status === "cloned" ? ["host_cloned", CLONED] : null;
}

const CLONED = "two machines use the credential of this host; remove it and join each anew";

function endClones(parts: HostParts): void {
  const { rim, sockets, store } = parts;
  // Whatever else is the matter with the network: these two do not come back.
  store.update({ status: "cloned", connected: false, lastHeardAt: rim.now(), frozen: null });
  for (const ws of sockets.open("host")) sockets.close(ws, "host_cloned", CLONED);
  tellLost(parts);
  queueProjection(parts);
}

function welcome(parts: HostParts, ws: WebSocket, hello: HostHello, epoch: number): void {
  const { agenda, rim, sockets, store } = parts;
  const wasAway = store.meta()?.status !== "online";
  const wasLost = store.meta()?.status === "lost" || agenda.keys("lost").length > 0;
  store.update({
    epoch,
    nonce: hello.nonce,
    acceptedAt: sockets.read(ws).acceptedAt,
    capacity: hello.capacity,
    facts: hello.facts,
    status: "online",
    lostAt: null,
    frozen: null,
    connected: true,
    lastHeardAt: rim.now(),
  });
  sockets.update(ws, { epoch });
  sockets.supersede(ws, hello.hostId);
  sockets.send(ws, {
    type: "welcome",
    protocol: agreeProtocol(hello.protocol),
    epoch,
    policy: rim.overrides,
  });
  sendWorkers(parts);
  if (wasLost) tellReturned(parts);
  if (wasAway) announceRoom(parts);
  queueProjection(parts);
  agenda.arm();
}

function workersOf({ store }: HostParts): string[] {
  const confirmed = store.reservations().filter((one) => one.confirmed);
  return [...new Set<string>(confirmed.map((one) => one.workerId))].sort();
}

/** Makes a change to the reservations; where it changes the list of workers, the host hears of it. */
export function changeWorkers(parts: HostParts, change: () => void): void {
  const { store } = parts;
  const before = workersOf(parts).join();
  change();
  const meta = store.meta();
  if (!meta || workersOf(parts).join() === before) return;
  store.update({ revision: meta.revision + 1 });
  sendWorkers(parts);
}

/** The complete list, each time anew: a lost one heals with the next. */
function sendWorkers(parts: HostParts): void {
  const { sockets, store } = parts;
  const revision = store.meta()?.revision ?? 0;
  const message = { type: "workers", revision, workers: workersOf(parts) };
  for (const ws of sockets.greeted()) sockets.send(ws, message);
}
