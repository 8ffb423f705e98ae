// The socket: one JSON object per line, many clients. A client gets the whole state, then each change.
//
// 1. Nothing that a client sends or fails to read can hurt the keeper: bad lines are answered, endless ones
//    and unread answers cost the client its connection.
import { chmodSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { FromKeeper } from "../../protocol/keeper.ts";
import { KEEPER_PROTOCOL } from "../../protocol/keeper.ts";
import { parseRequest } from "./requests.ts";
import type { Answer, Command } from "./supervisor.ts";
import { codeOf, messageOf, type World } from "./world.ts";

export const LINE_CAP_BYTES = 1_048_576;
const UNREAD_CAP_BYTES = 8_388_608;
const NEWLINE = 10;

export interface ServerOptions {
  readonly path: string;
  readonly log: World["log"];
  readonly welcome: () => FromKeeper;
  readonly handle: (command: Command) => Promise<Answer>;
  /** The last answer is on its way: nothing runs any more. */
  readonly onLast: () => void;
}

export class KeeperServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  /** Clients that have been welcomed and so hear of changes. */
  readonly #welcomed = new Set<Socket>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** A socket file that a dead keeper left is replaced: whoever calls this holds the lock. */
  async listen(): Promise<void> {
    try {
      unlinkSync(this.#options.path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.path, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#options.log(`socket: ${messageOf(error)}`));
        chmodSync(this.#options.path, 0o600);
        resolve();
      });
    });
  }

  broadcast(message: FromKeeper): void {
    if (this.#welcomed.size === 0) return;
    const line = encode(message);
    for (const socket of this.#welcomed) this.#send(socket, line);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#welcomed) socket.destroy();
  }

  #serve(socket: Socket): void {
    let parts: Buffer[] = [];
    let heldBytes = 0;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#welcomed.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        parts.push(chunk.subarray(from, at));
        this.#line(socket, Buffer.concat(parts).toString());
        parts = [];
        heldBytes = 0;
        from = at + 1;
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
      heldBytes += chunk.length - from;
      if (heldBytes <= LINE_CAP_BYTES) return;
      this.#send(socket, encode(failed(0, "malformed", "the line is too long")));
      parts = [];
      heldBytes = 0;
      socket.destroySoon();
    });
  }

  #line(socket: Socket, line: string): void {
    if (line.trim() === "") return;
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      this.#send(socket, encode(failed(parsed.id, "malformed", parsed.message)));
      return;
    }
    const { request } = parsed;
    if (request.type === "hello") {
      this.#hello(socket, request.protocol);
      return;
    }
    const { id } = request;
    this.#options.handle(request).then((answer) => {
      const reply: FromKeeper = answer.ok
        ? { type: "done", id }
        : failed(id, answer.code, answer.message);
      this.#send(socket, encode(reply));
      if (answer.ok && answer.last) socket.end(this.#options.onLast);
    });
  }

  #hello(socket: Socket, protocol: number): void {
    if (protocol < KEEPER_PROTOCOL - 1 || protocol > KEEPER_PROTOCOL + 1) {
      const message = `this keeper speaks protocol ${KEEPER_PROTOCOL}`;
      this.#send(socket, encode(failed(0, "protocol", message)));
      return;
    }
    this.#send(socket, encode(this.#options.welcome()));
    this.#welcomed.add(socket);
  }

  #send(socket: Socket, line: string): void {
    if (socket.destroyed || !socket.writable) return;
    if (socket.writableLength > UNREAD_CAP_BYTES) {
      this.#options.log("a client does not read; dropped");
      socket.destroy();
      return;
    }
    socket.write(line);
  }
}

function failed(
  id: number,
  code: Extract<FromKeeper, { type: "failed" }>["code"],
  message: string,
): FromKeeper {
  return { type: "failed", id, code, message };
}

function encode(message: FromKeeper): string {
  return `${JSON.stringify(message)}\n`;
}
