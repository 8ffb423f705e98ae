// The network between hosts and objects: one connection for each channel, in order, and never sure to be alive.
//
// 1. A connection carries its bytes in order, or breaks, or falls silent; it never loses or swaps what is in the middle.
// 2. What was on the way when a partition began may still arrive after it, late.
import type { Socket, SocketEvents } from "../../agent/world.ts";
import type { Random } from "./kernel/random.ts";
import { type Actor, sim } from "./kernel/sim.ts";
import type { ServerSocket, SimObject } from "./platform/object.ts";

export interface LineMood {
  delayMs: [number, number];
  /** Connections that are refused by something in between, with this status. */
  refusing: number | null;
}

/** What stands between one host and the control plane. */
export interface Line {
  readonly mood: LineMood;
  /** Nothing gets through in that direction; held until it does. */
  upBlocked: boolean;
  downBlocked: boolean;
}

export interface DialTo {
  readonly object: () => SimObject;
  readonly request: unknown;
}

type Direction = "up" | "down";

export class Connections {
  readonly #random: Random;
  readonly #onFrame: OnFrame;
  readonly open = new Set<Connection>();

  constructor(random: Random, onFrame: OnFrame) {
    this.#random = random;
    this.#onFrame = onFrame;
  }

  dial(client: Actor, line: Line, to: DialTo, events: SocketEvents): Socket {
    const connection = new Connection({
      client,
      line,
      to,
      events,
      random: this.#random,
      onFrame: this.#onFrame,
      over: () => this.open.delete(connection),
    });
    this.open.add(connection);
    connection.begin();
    return connection;
  }

  /** What waited for the line goes on. */
  unblock(line: Line): void {
    for (const one of this.open) if (one.line === line) one.resume();
  }
}

type OnFrame = (object: SimObject, data: Uint8Array, client: Actor) => void;

interface Options {
  readonly onFrame: OnFrame;
  readonly client: Actor;
  readonly line: Line;
  readonly to: DialTo;
  readonly events: SocketEvents;
  readonly random: Random;
  readonly over: () => void;
}

export class Connection implements Socket {
  readonly #options: Options;
  readonly line: Line;
  #server: ServerSocket | null = null;
  #object: SimObject | null = null;
  /** Silent for good: half-open, as after a NAT forgot it. */
  silent = false;
  #clientOver = false;
  #serverOver = false;
  readonly #held: { up: (() => void)[]; down: (() => void)[] } = { up: [], down: [] };
  readonly #last = { up: 0, down: 0 };

  constructor(options: Options) {
    this.#options = options;
    this.line = options.line;
  }

  /** Whom it reaches; null before it does. */
  get object(): SimObject | null {
    return this.#object;
  }

  get client(): Actor {
    return this.#options.client;
  }

  begin(): void {
    const { events, line, to } = this.#options;
    this.#carry("up", () => {
      const { refusing } = line.mood;
      if (refusing !== null) {
        this.#carry("down", () => this.#toClient(() => events.refused(refusing, "")));
        return;
      }
      const object = to.object();
      const failed = () => this.#carry("down", () => this.#toClient(() => events.refused(500, "")));
      object.deliver(async (instance) => {
        const response = await instance.fetch(to.request);
        if (response.webSocket === null) {
          failed();
          return;
        }
        this.#accept(object, response.webSocket);
      }, failed);
    });
  }

  #accept(object: SimObject, ws: ServerSocket): void {
    const { events } = this.#options;
    this.#object = object;
    this.#server = ws;
    const isOurs = object.sockets.has(ws);
    this.#carry("down", () => this.#toClient(() => events.opened()));
    ws.connect({
      message: (data) => this.#carry("down", () => this.#toClient(() => events.text(data))),
      closed: (code, reason) => {
        this.#serverOver = true;
        this.#carry("down", () => {
          this.#toClient(() => events.closed(code, reason));
          this.#clientOver = true;
          // The client's answer to the goodbye.
          this.#carry("up", () => isOurs && object.gone(ws, code, reason));
        });
      },
    });
  }

  send(data: string | Uint8Array): void {
    if (this.#clientOver) return;
    const sent = typeof data === "string" ? data : data.slice();
    this.#carry("up", () => {
      if (this.#serverOver || this.#server === null || this.#object === null) return;
      if (typeof sent !== "string") this.#options.onFrame(this.#object, sent, this.client);
      this.#object.receive(this.#server, sent);
    });
  }

  close(code: number, reason: string): void {
    this.#leave(code, reason);
  }

  terminate(): void {
    this.#leave(1006, "");
  }

  /** The client's process is gone; its system says so, where it still can. */
  drop(): void {
    this.#leave(1006, "");
  }

  /** Both sides find it broken. */
  reset(): void {
    const { events } = this.#options;
    this.#serverLost(1006, "reset");
    if (!this.#clientOver) this.#toClient(() => events.closed(1006, "reset"));
    this.#clientOver = true;
    this.#options.over();
  }

  #leave(code: number, reason: string): void {
    if (this.#clientOver) return;
    const { events } = this.#options;
    this.#clientOver = true;
    this.#toClient(() => events.closed(code, reason));
    this.#carry("up", () => {
      this.#serverLost(code, reason);
      this.#options.over();
    });
  }

  #serverLost(code: number, reason: string): void {
    if (this.#server !== null && this.#object?.sockets.has(this.#server))
      this.#object.gone(this.#server, code, reason);
    this.#serverOver = true;
  }

  #toClient(tell: () => void): void {
    sim().after(0, this.#options.client, tell);
  }

  #blocked(direction: Direction): boolean {
    if (this.silent) return true;
    return direction === "up" ? this.line.upBlocked : this.line.downBlocked;
  }

  #carry(direction: Direction, arrive: () => void): void {
    if (this.#blocked(direction) || this.#held[direction].length > 0) {
      if (!this.silent) this.#held[direction].push(arrive);
      return;
    }
    const [low, high] = this.line.mood.delayMs;
    const at = Math.max(this.#last[direction], sim().now + this.#options.random.int(low, high));
    this.#last[direction] = at;
    sim().after(at - sim().now, sim().nature, () => {
      if (this.#blocked(direction)) {
        if (!this.silent) this.#held[direction].push(arrive);
      } else if (!(direction === "down" && this.#clientOver)) arrive();
    });
  }

  resume(): void {
    for (const direction of ["up", "down"] as const) {
      if (this.#blocked(direction)) continue;
      const held = this.#held[direction].splice(0);
      for (const arrive of held) this.#carry(direction, arrive);
    }
  }
}
