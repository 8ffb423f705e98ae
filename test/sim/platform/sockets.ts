// The object's half of a WebSocket, as the runtime gives it: tags, attachment, and the answer to a ping that wakes nobody.

export interface Peer {
  /** A message of the object, once it may leave. */
  message(data: string): void;
  closed(code: number, reason: string): void;
}

const CONNECTING_BACKLOG = 64;

export class ServerSocket {
  static readonly OPEN = 1;
  readyState = 1;
  tags: readonly string[] = [];
  /** Where it was accepted so that the object may hibernate. */
  owner: { output(leave: () => void): void } | null = null;
  autoResponseAt: number | null = null;
  peer: Peer | null = null;
  #attachment: unknown = null;
  readonly #early: (() => void)[] = [];

  accept(): void {}

  send(data: string): void {
    if (this.readyState !== 1) throw new TypeError("Can't call WebSocket send() after close().");
    this.#leave((peer) => peer.message(data));
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState !== 1) return;
    this.readyState = 2;
    this.#leave((peer) => peer.closed(code, reason));
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }

  /** The way to the other side is there. */
  connect(peer: Peer): void {
    this.peer = peer;
    for (const leave of this.#early.splice(0)) leave();
  }

  #leave(how: (peer: Peer) => void): void {
    const go = () => {
      if (this.peer !== null) how(this.peer);
      else if (this.#early.length < CONNECTING_BACKLOG) this.#early.push(() => how(this.peer!));
    };
    if (this.owner === null) go();
    else this.owner.output(go);
  }
}

/** `0` is the half that goes to the client, `1` the object's: here they are one. */
export class WebSocketPair {
  readonly 0: ServerSocket;
  readonly 1: ServerSocket;
  constructor() {
    this[1] = new ServerSocket();
    this[0] = this[1];
  }
}

export class WebSocketRequestResponsePair {
  readonly request: string;
  readonly response: string;
  constructor(request: string, response: string) {
    this.request = request;
    this.response = response;
  }
}

export class SimResponse {
  readonly body: unknown;
  readonly status: number;
  readonly webSocket: ServerSocket | null;
  constructor(body: unknown, init: { status?: number; webSocket?: ServerSocket } = {}) {
    this.body = body;
    this.status = init.status ?? 200;
    this.webSocket = init.webSocket ?? null;
  }
}
