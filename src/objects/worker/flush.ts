// Asks the hosts to ship what they have, and waits until they did. The caller bounds the wait.
//
// 1. A host that never answers is waited for no longer than `PATIENCE_MS`, as seen by the next who asks.
import type { WorkerParts } from "./parts.ts";

const PATIENCE_MS = 10_000;

interface Waiting {
  readonly since: number;
  readonly sockets: Set<WebSocket>;
  readonly done: () => void;
}

export class Flushes {
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;

  start(parts: WorkerParts): Promise<void> {
    this.forgetClosed();
    this.#forgetOld(parts.rim.now());
    const sockets = new Set(parts.sockets.greeted());
    if (sockets.size === 0) return Promise.resolve();
    const id = `flush-${parts.rim.now()}-${++this.#count}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(id, { since: parts.rim.now(), sockets, done: resolve });
    for (const ws of sockets) parts.sockets.send(ws, { type: "flush", id });
    return promise;
  }

  onFlushed(ws: WebSocket, id: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    waiting.sockets.delete(ws);
    this.#settle(id, waiting);
  }

  /** A host that went away will not answer. */
  forgetClosed(): void {
    for (const [id, waiting] of this.#waiting) {
      for (const ws of waiting.sockets) {
        if (ws.readyState !== WebSocket.OPEN) waiting.sockets.delete(ws);
      }
      this.#settle(id, waiting);
    }
  }

  #forgetOld(now: number): void {
    for (const [id, waiting] of this.#waiting) {
      if (now - waiting.since < PATIENCE_MS) continue;
      waiting.sockets.clear();
      this.#settle(id, waiting);
    }
  }

  #settle(id: string, waiting: Waiting): void {
    if (waiting.sockets.size > 0) return;
    this.#waiting.delete(id);
    waiting.done();
  }
}
