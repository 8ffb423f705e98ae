// A control plane as small as can be, speaking the real protocol over real sockets: what agents are tested against.
// It keeps what it was told, and can be made to lose, refuse, stay silent or cut at will.
import { createPublicKey } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { jwtVerify } from "jose";
import { type WebSocket, WebSocketServer } from "ws";
import {
  CHANNEL_PROTOCOL,
  CLOSE_CODES,
  type CloseReason,
  type Desired,
  type ExitReport,
  type HostHello,
  HostToObject,
  HostToWorkerObject,
  type Inspected,
  PING,
  PONG,
  type Renew,
  type Report,
  type StreamKey,
} from "../../protocol/channel.ts";
import { decodeFrame, type FrameHeader } from "../../protocol/frame.ts";
import { attemptKey } from "../../protocol/instance.ts";
import type { PolicyOverrides } from "../../protocol/policy.ts";

export interface StoredStream {
  readonly key: StreamKey;
  next: number;
  chunks: Buffer[];
  headers: FrameHeader[];
  last: boolean;
  /** By start: the bytes of each frame as first seen, to compare repeats with. */
  seen: Map<number, Buffer>;
}

/** What a WorkerObject would know of one worker on one host. */
export class FakeWorkerObject {
  readonly workerId: string;
  readonly streams = new Map<string, StoredStream>();
  readonly reports: Report[] = [];
  /** Each exit that came, once per arrival. */
  readonly exits: ExitReport[] = [];
  readonly flushed: string[] = [];
  hellos = 0;
  repeats = 0;
  changedRepeats = 0;
  refusals = 0;
  desired: Desired | null = null;
  /** Each renewal that came, and when. */
  readonly renews: (Renew & { readonly at: number })[] = [];
  /** Which of the asked get their lease. */
  grants: (instanceId: string) => boolean = () => true;
  answerRenews = true;
  /** An answer is this long under way. */
  grantAfterMs = 0;
  ackFrames = true;
  ackReports = true;
  /** The next frame of any stream is refused, asking for this offset of it. */
  refuseNextAt: number | null = null;
  socket: WebSocket | null = null;

  constructor(workerId: string) {
    this.workerId = workerId;
  }

  get report(): Report | undefined {
    return this.reports.at(-1);
  }

  want(change: Partial<Desired>): void {
    const before = this.desired;
    this.desired = {
      type: "desired",
      projectId: "prj_1",
      project: "shop",
      worker: "mailer",
      releases: [],
      run: [],
      stop: [],
      builds: [],
      jobs: [],
      ...before,
      ...change,
      revision: (before?.revision ?? 0) + 1,
    };
    this.send(this.desired);
  }

  send(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  /** All bytes of that stream that were stored, unpacked. */
  bytes(match: Partial<StreamKey>): Buffer {
    const chunks = [...this.streams.values()]
      .filter(({ key }) =>
        Object.entries(match).every(([name, value]) => key[name as keyof StreamKey] === value),
      )
      .sort((a, b) => a.key.attempt - b.key.attempt)
      .flatMap((stream) => stream.chunks);
    return Buffer.concat(chunks);
  }

  text(match: Partial<StreamKey> = {}): string {
    return this.bytes(match).toString("utf8");
  }

  uniqueExits(): ExitReport[] {
    return [...new Map(this.exits.map((exit) => [attemptKey(exit), exit])).values()];
  }

  takeText(text: string): void {
    const message = HostToWorkerObject.parse(JSON.parse(text));
    if (message.type === "flushed") this.flushed.push(message.id);
    if (message.type === "report") this.#takeReport(message);
    if (message.type === "renew") this.#takeRenew(message);
  }

  #takeRenew(renew: Renew): void {
    this.renews.push({ ...renew, at: performance.now() });
    if (!this.answerRenews) return;
    const { socket } = this;
    const instances = renew.instances.filter((id) => this.grants(id));
    const answer = JSON.stringify({ type: "granted", id: renew.id, instances });
    if (this.grantAfterMs === 0) socket?.send(answer);
    else setTimeout(() => socket?.send(answer), this.grantAfterMs);
  }

  #takeReport(report: Report): void {
    this.reports.push(report);
    this.exits.push(...report.exits);
    if (!this.ackReports) return;
    const gone = report.instances.filter(({ state }) => state === "stopped");
    this.send({
      type: "ack",
      exits: report.exits.map(({ instanceId, bootId, attempt }) => ({
        instanceId,
        bootId,
        attempt,
      })),
      builds: report.builds.filter((b) => b.outcome.kind !== "running").map((b) => b.deployId),
      gone: gone.map(({ instanceId }) => instanceId),
    });
  }

  takeFrame(bytes: Buffer): void {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) throw new Error(decoded.message);
    const { header, payload } = decoded.frame;
    const { instanceId, bootId, attempt, stream } = header;
    const key = { instanceId, bootId, attempt, stream };
    const name = `${attemptKey(key)}/${stream}`;
    let stored = this.streams.get(name);
    if (stored === undefined) {
      stored = { key, next: 0, chunks: [], headers: [], last: false, seen: new Map() };
      this.streams.set(name, stored);
    }
    if (this.refuseNextAt !== null) {
      stored.next = Math.min(this.refuseNextAt, stored.next);
      stored.chunks = [Buffer.concat(stored.chunks).subarray(0, stored.next)];
      stored.seen.clear();
      this.refuseNextAt = null;
      this.#ack(stored, true);
      return;
    }
    if (header.end <= stored.next && !(header.start === stored.next && header.last)) {
      this.repeats += 1;
      const before = stored.seen.get(header.start);
      if (before !== undefined && !before.equals(bytes)) this.changedRepeats += 1;
      this.#ack(stored, false);
      return;
    }
    if (header.start !== stored.next) {
      this.refusals += 1;
      this.#ack(stored, true);
      return;
    }
    const raw = header.gap ? Buffer.alloc(0) : gunzipSync(payload);
    if (!header.gap && raw.length !== header.end - header.start) throw new Error("frame lies");
    stored.seen.set(header.start, Buffer.from(bytes));
    stored.chunks.push(raw);
    stored.headers.push(header);
    stored.next = header.end;
    stored.last = header.last;
    this.#ack(stored, false);
  }

  #ack({ key, next }: StoredStream, refused: boolean): void {
    if (this.ackFrames) this.send({ type: "frame_ack", ...key, next, refused });
  }
}

interface FakeHost {
  readonly hostId: string;
  readonly publicKey: string;
  epoch: number;
  lastNonce: string | null;
}

export class FakeControlPlane {
  readonly url: string;
  readonly joinTokens = new Map<string, "fresh" | "spent">();
  readonly hosts = new Map<string, FakeHost>();
  readonly workers = new Map<string, FakeWorkerObject>();
  readonly hellos: HostHello[] = [];
  readonly inspected: Inspected[] = [];
  policy: PolicyOverrides = {};
  /** What the welcomes of host and worker channels say. */
  hostProtocol = CHANNEL_PROTOCOL as number;
  workerProtocol = CHANNEL_PROTOCOL as number;
  /** Each upgrade is answered with this status instead. */
  refuseUpgradesWith: number | null = null;
  refused = 0;
  answerPings = true;
  sendWelcome = true;
  listed: string[] = [];
  hostSocket: WebSocket | null = null;
  pings = 0;
  readonly #http: Server;
  readonly #sockets = new Set<WebSocket>();
  #listRevision = 0;
  /** What a frame or message did that no agent may do. */
  readonly faults: string[] = [];

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const server = new WebSocketServer({ noServer: true });
    http.on("request", (request, response) => void this.#join(request, response));
    http.on("upgrade", (request, socket, head) => {
      if (this.refuseUpgradesWith !== null) {
        this.refused += 1;
        socket.end(`HTTP/1.1 ${this.refuseUpgradesWith} Refused\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      void this.#authenticate(request).then((host) => {
        if (host === null) {
          socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
          return;
        }
        server.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, request, host));
      });
    });
  }

  static async start(port = 0): Promise<FakeControlPlane> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
    return new FakeControlPlane(http);
  }

  worker(workerId: string): FakeWorkerObject {
    const known = this.workers.get(workerId) ?? new FakeWorkerObject(workerId);
    this.workers.set(workerId, known);
    return known;
  }

  /** The complete list of workers for the host. */
  list(...workers: string[]): void {
    this.listed = workers;
    this.#sendList();
  }

  /** Drops all sockets without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  closeHost(reason: CloseReason): void {
    this.hostSocket?.close(CLOSE_CODES[reason].code, reason);
  }

  async stop(): Promise<void> {
    this.cut();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #sendList(): void {
    const message = { type: "workers", revision: ++this.#listRevision, workers: this.listed };
    this.hostSocket?.send(JSON.stringify(message));
  }

  async #join(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as { token: string; name: string; publicKey: string };
    const answer = (status: number, value: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    const state = this.joinTokens.get(body.token);
    if (state !== "fresh") {
      const code = state === "spent" ? "join_token_spent" : "unauthenticated";
      const detail = "Make a new one with `coppice hosts join-token`.";
      const title = state === "spent" ? "The join token was used already" : "Unknown token";
      answer(state === "spent" ? 409 : 401, { type: "about:blank", title, code, detail });
      return;
    }
    this.joinTokens.set(body.token, "spent");
    const hostId = `hst_${this.hosts.size + 1}`;
    const { publicKey } = body;
    this.hosts.set(hostId, { hostId, publicKey, epoch: 0, lastNonce: null });
    answer(201, { hostId, projectId: "prj_1", project: "shop", name: body.name });
  }

  async #authenticate(request: IncomingMessage): Promise<FakeHost | null> {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const claims = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString() || "{}",
    ) as { iss?: string };
    const host = this.hosts.get(claims.iss ?? "");
    if (host === undefined) return null;
    const jwk = { kty: "OKP", crv: "Ed25519", x: host.publicKey };
    const key = createPublicKey({ key: jwk, format: "jwk" });
    try {
      await jwtVerify(token, key, { audience: "coppice", algorithms: ["EdDSA"], maxTokenAge: 60 });
      return host;
    } catch {
      return null;
    }
  }

  #serve(ws: WebSocket, request: IncomingMessage, host: FakeHost): void {
    this.#sockets.add(ws);
    ws.on("close", () => this.#sockets.delete(ws));
    ws.on("error", () => {});
    const workerId = /^\/v1\/agent\/workers\/(.+)$/.exec(request.url ?? "")?.[1];
    ws.on("message", (data, isBinary) => {
      try {
        const bytes = data as Buffer;
        if (isBinary) this.worker(workerId ?? "?").takeFrame(bytes);
        else if (bytes.toString() === PING) this.#ping(ws);
        else if (workerId === undefined) this.#hostMessage(ws, host, bytes.toString());
        else this.#workerMessage(ws, { host, workerId, text: bytes.toString() });
      } catch (error) {
        this.faults.push(String(error));
      }
    });
  }

  #ping(ws: WebSocket): void {
    this.pings += 1;
    if (this.answerPings) ws.send(PONG);
  }

  #hostMessage(ws: WebSocket, host: FakeHost, text: string): void {
    const hello = HostToObject.parse(JSON.parse(text));
    if (hello.type === "inspected") {
      this.inspected.push(hello);
      return;
    }
    this.hellos.push(hello);
    if (hello.epoch !== host.epoch && hello.nonce !== host.lastNonce) {
      ws.close(CLOSE_CODES.host_cloned.code, "host_cloned");
      return;
    }
    host.epoch += 1;
    host.lastNonce = hello.nonce;
    if (!this.sendWelcome) return;
    this.hostSocket = ws;
    const { hostProtocol: protocol, policy } = this;
    ws.send(JSON.stringify({ type: "welcome", protocol, epoch: host.epoch, policy }));
    this.#sendList();
  }

  #workerMessage(
    ws: WebSocket,
    { host, workerId, text }: { host: FakeHost; workerId: string; text: string },
  ): void {
    const worker = this.worker(workerId);
    const message = JSON.parse(text) as { type: string; epoch?: number };
    if (message.type !== "hello") {
      worker.takeText(text);
      return;
    }
    worker.hellos += 1;
    worker.socket = ws;
    const { workerProtocol: protocol } = this;
    ws.send(JSON.stringify({ type: "welcome", protocol, epoch: host.epoch }));
    if (worker.desired !== null) worker.send(worker.desired);
  }
}
