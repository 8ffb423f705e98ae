// WebSockets of an object: accepted so that it may hibernate, found again at each wake, closed for a reason.
//
// 1. Who is connected is derived from `getWebSockets()`; what is known of a socket lives in its attachment.
// 2. Only inbound time proves life: a send to a cut link succeeds.
// 3. Nothing here throws for what the other side did.
import { CLOSE_CODES, type CloseReason, PING, PONG } from "../../protocol/channel.ts";

export interface Attachment {
  /** A reader is told of new lines, a watcher of everything else that changes. */
  readonly role: "host" | "reader" | "watcher";
  readonly hostId: string;
  /** 0 until `hello` was taken. */
  readonly epoch: number;
  /** What its `hello` said; 0 before that. */
  readonly protocol: number;
  readonly acceptedAt: number;
  readonly lastMessageAt: number;
  /** For readers and watchers: may be told of news; and whether something came while it may not. */
  readonly ready: boolean;
  readonly missed: boolean;
  /** For hosts: the newest revision that was sent on this socket. For readers: when the hosts last heard of them. */
  readonly sent: number;
}

const OPEN = 1;
const REASON_BYTES = 120;

export class Sockets {
  readonly #ctx: DurableObjectState;
  readonly #now: () => number;

  constructor(ctx: DurableObjectState, now: () => number) {
    this.#ctx = ctx;
    this.#now = now;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  accept(role: Attachment["role"], hostId: string): Response {
    const pair = new WebSocketPair();
    const now = this.#now();
    this.#ctx.acceptWebSocket(pair[1], [role]);
    const attachment: Attachment = {
      role,
      hostId,
      epoch: 0,
      protocol: 0,
      acceptedAt: now,
      lastMessageAt: now,
      ready: true,
      missed: false,
      sent: 0,
    };
    pair[1].serializeAttachment(attachment);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  /** Answers an upgrade with a socket that only says why not: clients can read that, unlike a status. */
  refuse(reason: CloseReason, message: string): Response {
    const pair = new WebSocketPair();
    pair[1].accept();
    this.close(pair[1], reason, message);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  /** Also those that are just closing: their event has yet to come. */
  all(role: Attachment["role"]): WebSocket[] {
    return this.#ctx.getWebSockets(role);
  }

  open(role: Attachment["role"]): WebSocket[] {
    return this.#ctx.getWebSockets(role).filter((ws) => ws.readyState === OPEN);
  }

  /** Those that said `hello`, of one host or of all. */
  greeted(hostId?: string): WebSocket[] {
    return this.open("host").filter((ws) => {
      const known = this.read(ws);
      return known.epoch > 0 && (hostId === undefined || known.hostId === hostId);
    });
  }

  read(ws: WebSocket): Attachment {
    return ws.deserializeAttachment() as Attachment;
  }

  update(ws: WebSocket, change: Partial<Attachment>): void {
    ws.serializeAttachment({ ...this.read(ws), ...change });
  }

  /** Last message or heartbeat; the runtime notes the latter without waking the object. */
  heardAt(ws: WebSocket): number {
    const beat = this.#ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0;
    return Math.max(beat, this.read(ws).lastMessageAt);
  }

  send(ws: WebSocket, message: object): boolean {
    try {
      ws.send(JSON.stringify(message));
      return true;
    } catch {
      return false;
    }
  }

  close(ws: WebSocket, reason: CloseReason, message: string): void {
    this.send(ws, { type: "refused", reason, message });
    try {
      ws.close(CLOSE_CODES[reason].code, message.slice(0, REASON_BYTES));
    } catch {
      // It was closed by the other side meanwhile.
    }
  }

  /** One host, one channel: closes the other sockets of that host. */
  supersede(keep: WebSocket, hostId: string): void {
    for (const ws of this.open("host")) {
      if (ws !== keep && this.read(ws).hostId === hostId && this.read(ws).epoch > 0)
        this.close(ws, "superseded", "a newer connection of this host took over");
    }
  }
}
