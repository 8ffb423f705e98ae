// One channel to one object, held open for as long as it is wanted.
//
// 1. The connection is one value; each phase owns its socket and its timers, and leaving it ends them.
// 2. Silence is death: a ping unanswered for the pong time-out closes the channel and opens a new one.
// 3. Nothing that the other side does or fails to do stops a program: at worst there is no channel.
// 4. What a socket says after its phase ended is not heard.
import type { z } from "zod";
import {
  agreeProtocol,
  CHANNEL_PROTOCOL,
  CLOSE_CODES,
  type CloseReason,
  PING,
  PONG,
} from "../../protocol/channel.ts";
import { nextReconnectMs, type Policy } from "../../protocol/policy.ts";
import { type Log, messageOf, type Socket, type Timer, type World } from "../world.ts";

type Message = { readonly type: string };
type Welcome<M> = Extract<M, { type: "welcome" }> & { readonly protocol: number };

export interface ConnectionOptions<M extends Message> {
  readonly world: World;
  readonly log: Log;
  readonly name: string;
  readonly url: string;
  readonly schema: z.ZodType<M>;
  readonly policy: () => Policy;
  readonly pingMs: () => number;
  readonly exclusive: () => boolean;
  readonly headers: () => Readonly<Record<string, string>>;
  /** The first message; made anew for each try. */
  readonly hello: () => string;
  readonly onOpen: (welcome: Welcome<M>) => void;
  readonly onMessage: (message: M) => void;
  readonly onDown: () => void;
  /** Not tried again. */
  readonly onFatal: (reason: CloseReason) => void;
}

type Phase =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly timer: Timer }
  /** Connecting, or waiting for the welcome; both have the same deadline. */
  | { readonly kind: "greeting"; readonly socket: Socket; readonly timer: Timer }
  | {
      readonly kind: "open";
      readonly socket: Socket;
      readonly ping: Timer;
      readonly pong: Timer | null;
    }
  | { readonly kind: "fatal"; readonly reason: CloseReason };

/** A timer that fires later than this was held up together with all input: the answer may lie unread. */
const HELD_UP_MS = 500;
const NORMAL_CLOSE = 1000;

export class Connection<M extends Message> {
  readonly #options: ConnectionOptions<M>;
  #phase: Phase = { kind: "idle" };
  #failures = 0;
  #downSince: number;
  /** Rises with each socket, so that an old one's events are known as such. */
  #round = 0;
  #protocol = CHANNEL_PROTOCOL;

  constructor(options: ConnectionOptions<M>) {
    this.#options = options;
    this.#downSince = options.world.elapsed();
  }

  get phase(): Phase["kind"] {
    return this.#phase.kind;
  }

  /** What both sides speak, by the last welcome. */
  get protocol(): number {
    return this.#protocol;
  }

  start(): void {
    if (this.#phase.kind === "idle") this.#dial();
  }

  /** False where the channel is not open: the message is not kept. */
  send(data: string | Uint8Array): boolean {
    if (this.#phase.kind !== "open") return false;
    this.#phase.socket.send(data);
    return true;
  }

  stop(): void {
    const phase = this.#leave();
    this.#round += 1;
    this.#phase = { kind: "idle" };
    if (phase.kind === "open" || phase.kind === "greeting") phase.socket.close(NORMAL_CLOSE, "bye");
    if (phase.kind === "open") this.#options.onDown();
  }

  /** Drops the socket, if any, and connects again at once. */
  reopen(why: string): void {
    if (this.#phase.kind === "idle" || this.#phase.kind === "fatal") return;
    this.#options.log.info("channel reopened", { channel: this.#options.name, why });
    const phase = this.#leave();
    this.#phase = { kind: "idle" };
    if (phase.kind === "open" || phase.kind === "greeting")
      phase.socket.close(NORMAL_CLOSE, "again");
    if (phase.kind === "open") this.#options.onDown();
    this.#dial();
  }

  #dial(): void {
    const { world, url, headers, policy, log, name } = this.#options;
    const round = ++this.#round;
    const mine = <A extends unknown[]>(run: (...args: A) => void) => {
      return (...args: A) => {
        if (round === this.#round) run(...args);
      };
    };
    const timer = world.after(
      policy().heartbeat.pongTimeoutMs,
      mine(() => this.#lost("no answer to the hello")),
    );
    const socket = world.dial(url, headers(), {
      opened: mine(() => {
        try {
          socket.send(this.#options.hello());
        } catch (error) {
          log.error("no hello", { channel: name, message: messageOf(error) });
          this.#lost("the hello could not be made");
        }
      }),
      text: mine((text: string) => this.#text(text)),
      refused: mine((status: number, message: string) =>
        this.#lost(`refused with ${status} ${message}`),
      ),
      closed: mine((code: number, reason: string) => this.#closed(code, reason)),
    });
    this.#phase = { kind: "greeting", socket, timer };
  }

  #text(text: string): void {
    if (text === PONG) {
      this.#pong();
      return;
    }
    const { schema, log, name } = this.#options;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      log.warn("message not understood", { channel: name, text: text.slice(0, 200) });
      return;
    }
    const message = parsed.data;
    try {
      if (message.type === "welcome") this.#welcomed(message as Welcome<M>);
      else if (this.#phase.kind === "open" || message.type === "refused")
        this.#options.onMessage(message);
    } catch (error) {
      // The other side tells all of it again on the next channel.
      log.error("message not carried out", { channel: name, message: messageOf(error) });
      const { kind } = this.#phase;
      if (kind === "open" || kind === "greeting")
        this.#lost(`${message.type} could not be carried out`);
    }
  }

  #welcomed(welcome: Welcome<M>): void {
    if (this.#phase.kind !== "greeting") return;
    const { socket } = this.#phase;
    const protocol = agreeProtocol(welcome.protocol);
    if (protocol === null) {
      socket.close(CLOSE_CODES.protocol.code, "protocol");
      this.#fatal("protocol");
      return;
    }
    this.#leave();
    this.#protocol = protocol;
    this.#failures = 0;
    this.#phase = { kind: "open", socket, ping: this.#nextPing(), pong: null };
    this.#options.log.info("channel open", { channel: this.#options.name });
    this.#options.onOpen(welcome);
    // The welcome may have brought other numbers.
    if (this.#phase.kind !== "open" || this.#phase.socket !== socket) return;
    this.#phase.ping.cancel();
    this.#phase = { ...this.#phase, ping: this.#nextPing() };
  }

  #nextPing(): Timer {
    return this.#options.world.after(this.#options.pingMs(), () => this.#ping());
  }

  #ping(): void {
    if (this.#phase.kind !== "open") return;
    const { socket, pong } = this.#phase;
    if (pong === null) socket.send(PING);
    this.#phase = {
      kind: "open",
      socket,
      ping: this.#nextPing(),
      pong: pong ?? this.#awaitPong(this.#options.policy().heartbeat.pongTimeoutMs),
    };
  }

  #awaitPong(delayMs: number): Timer {
    const { world } = this.#options;
    const due = world.elapsed() + delayMs;
    return world.after(delayMs, () => {
      if (this.#phase.kind !== "open") return;
      if (world.elapsed() - due > HELD_UP_MS)
        this.#phase = { ...this.#phase, pong: this.#awaitPong(HELD_UP_MS) };
      else this.#lost("a ping was not answered");
    });
  }

  #pong(): void {
    if (this.#phase.kind !== "open") return;
    this.#phase.pong?.cancel();
    this.#phase = { ...this.#phase, pong: null };
  }

  #closed(code: number, reason: string): void {
    const found = Object.entries(CLOSE_CODES).find(([, close]) => close.code === code);
    if (found === undefined || !found[1].fatal) {
      this.#lost(`closed with ${code} ${found?.[0] ?? reason}`);
      return;
    }
    this.#fatal(found[0] as CloseReason);
  }

  #fatal(reason: CloseReason): void {
    const { onDown, onFatal } = this.#options;
    const wasOpen = this.#leave().kind === "open";
    this.#round += 1;
    this.#phase = { kind: "fatal", reason };
    if (wasOpen) onDown();
    onFatal(reason);
  }

  #lost(why: string): void {
    const { world, policy, exclusive, log, name, onDown } = this.#options;
    const phase = this.#leave();
    this.#round += 1;
    if (phase.kind === "open") this.#downSince = world.elapsed();
    const delayMs = nextReconnectMs(
      policy().reconnect,
      {
        attempt: this.#failures,
        downMs: world.elapsed() - this.#downSince,
        exclusive: exclusive(),
      },
      world.random(),
    );
    this.#failures += 1;
    this.#phase = { kind: "waiting", timer: world.after(delayMs, () => this.#dial()) };
    log.warn("channel down", { channel: name, why: why.trim(), againInMs: delayMs });
    if (phase.kind === "open" || phase.kind === "greeting") phase.socket.terminate();
    if (phase.kind === "open") onDown();
  }

  /** Ends what the present phase owns but its socket, and gives the phase back. */
  #leave(): Phase {
    const phase = this.#phase;
    if (phase.kind === "waiting" || phase.kind === "greeting") phase.timer.cancel();
    if (phase.kind === "open") {
      phase.ping.cancel();
      phase.pong?.cancel();
    }
    return phase;
  }
}
