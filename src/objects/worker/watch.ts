// Readers of the log and watchers of everything else: told that there is news, never what.
//
// 1. Each is told once, and again only after one of its kind looked: many changes are one piece of news, and one that
//    never looks costs nothing.
// 2. While somebody reads, hosts ship at once; they are reminded before their patience ends. Watchers ask nothing of hosts.
import type { Standing } from "../agenda.ts";
import type { WorkerParts } from "./parts.ts";

export function acceptReader(parts: WorkerParts): Response {
  const response = parts.sockets.accept("reader", "");
  attend(parts);
  parts.agenda.arm();
  return response;
}

export function acceptWatcher(parts: WorkerParts): Response {
  return parts.sockets.accept("watcher", "");
}

/** One of them has looked at what there was: all may be told again, and whoever missed something is. */
export function mayHear(parts: WorkerParts, role: "reader" | "watcher"): void {
  const { sockets } = parts;
  for (const ws of sockets.open(role)) {
    const { missed } = sockets.read(ws);
    sockets.update(ws, { ready: true, missed: false });
    if (missed) tell(parts, ws);
  }
}

/** There are new lines. */
export function announce(parts: WorkerParts): void {
  for (const ws of parts.sockets.open("reader")) tell(parts, ws);
}

/** Status, instances, deploys or events may have changed. */
export function announceState(parts: WorkerParts): void {
  for (const ws of parts.sockets.open("watcher")) tell(parts, ws);
}

function tell({ sockets }: WorkerParts, ws: WebSocket): void {
  if (sockets.read(ws).ready) {
    sockets.update(ws, { ready: false });
    sockets.send(ws, { type: "news" });
  } else {
    sockets.update(ws, { missed: true });
  }
}

/** Asks all hosts to ship at once for a while. */
export function attend(parts: WorkerParts): void {
  const { rim, sockets } = parts;
  for (const ws of sockets.open("reader")) sockets.update(ws, { sent: rim.now() });
  for (const ws of sockets.greeted()) attendOn(parts, ws);
}

function attendOn({ rim, sockets }: WorkerParts, ws: WebSocket): void {
  sockets.send(ws, { type: "attend", forMs: rim.policy.logs.attendMs });
}

/** Asks them again where the last time is a while ago. */
export function keepAttending(parts: WorkerParts): void {
  const { rim, sockets } = parts;
  const sent = Math.max(0, ...sockets.open("reader").map((ws) => sockets.read(ws).sent));
  if (rim.now() - sent >= rim.policy.logs.attendMs / 4) attend(parts);
}

/** A host that came while somebody reads. */
export function attendNewcomer(parts: WorkerParts, ws: WebSocket): void {
  if (parts.sockets.open("reader").length > 0) attendOn(parts, ws);
}

/** Reminds the hosts while a reader is connected. */
export function remindHosts(parts: WorkerParts): Standing {
  const { rim, sockets } = parts;
  return {
    due: () => {
      const sent = sockets.open("reader").map((ws) => sockets.read(ws).sent);
      return sent.length === 0 ? null : Math.max(...sent) + rim.policy.logs.attendMs / 2;
    },
    run: () => attend(parts),
  };
}
