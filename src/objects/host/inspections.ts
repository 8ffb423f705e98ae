// Asks the host to look into a repository, and waits for its answer. The caller bounds the wait.
//
// 1. Nothing of it is stored: whoever waits knows by null that no answer will come.
// 2. An answer that nobody waits for is dropped.
import type { Inspect, Inspected } from "../../../protocol/channel.ts";
import type { HostParts } from "./parts.ts";

const MOST = 16;

interface Waiting {
  readonly ws: WebSocket;
  readonly done: (answer: Inspected | null) => void;
}

export class Inspections {
  readonly #waiting = new Map<string, Waiting>();

  ask({ sockets }: HostParts, wanted: Omit<Inspect, "type" | "id">): Promise<Inspected | null> {
    this.forgetClosed();
    const [ws] = sockets.greeted();
    if (!ws || this.#waiting.size >= MOST) return Promise.resolve(null);
    const id = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<Inspected | null>();
    this.#waiting.set(id, { ws, done: resolve });
    sockets.send(ws, { type: "inspect", id, ...wanted } satisfies Inspect);
    return promise;
  }

  onInspected(answer: Inspected): void {
    this.#waiting.get(answer.id)?.done(answer);
    this.#waiting.delete(answer.id);
  }

  /** A host that went away will not answer. */
  forgetClosed(): void {
    for (const [id, { done, ws }] of this.#waiting) {
      if (ws.readyState === WebSocket.OPEN) continue;
      this.#waiting.delete(id);
      done(null);
    }
  }
}
