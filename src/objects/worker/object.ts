// The Durable Object of one worker: an adapter that hands each event to the part whose job it is.
//
// 1. Nothing it is sent makes it throw: a bad message closes its socket, a bad effect is tried again.
// 2. A change is written and settled synchronously; what reaches out follows, and is found again if it is lost.
import { DurableObject } from "cloudflare:workers";
import bundle from "../../../drizzle/worker-object/migrations.js";
import type { Env } from "../../env.ts";
import { readLogs } from "../../logs/read-logs.ts";
import type {
  ApplyInput,
  BuildLogInput,
  BuildLogPage,
  DeployInput,
  LogInput,
  LogPage,
  PageInput,
  SnapshotInput,
  WorkerObjectRpc,
  WorkerSnapshot,
} from "../../rpc.ts";
import { Agenda, type Handler } from "../agenda.ts";
import { bringUpToDate } from "../migrate.ts";
import { makeRim } from "../rim.ts";
import { Sockets } from "../sockets.ts";
import { Sql } from "../sql.ts";
import { readBuildLog } from "./build-log.ts";
import { acceptHost, onHello, parseMessage } from "./channel.ts";
import { onHostDraining } from "./drain.ts";
import { Effects } from "./effects.ts";
import { Flushes } from "./flush.ts";
import { handlersOf } from "./handlers.ts";
import { answerLate } from "./late.ts";
import { noteClose, noteRestart, onRenew } from "./leases.ts";
import { loseNoMore, onHostLost } from "./loss.ts";
import { atomically, makeTables, type WorkerAgendaKind, type WorkerParts } from "./parts.ts";
import { workerOverview } from "./projection.ts";
import { releaseDiff } from "./release-diff.ts";
import { onReport } from "./report.ts";
import { apply, cancelDeploy, deploy, note } from "./requests.ts";
import { releasesInUse } from "./retention.ts";
import { rollback } from "./rollback.ts";
import { settle } from "./settle.ts";
import { takeSnapshot } from "./snapshot.ts";
import { onFrame } from "./take-frame.ts";
import { deployPage, deployView, instanceViews, pageOf, releasePage } from "./views.ts";
import { acceptReader, acceptWatcher, keepAttending, mayHear, remindHosts } from "./watch.ts";

export class WorkerObject extends DurableObject<Env> implements WorkerObjectRpc {
  readonly parts: WorkerParts;
  readonly #effects: Effects;
  readonly #flushes = new Flushes();
  readonly #handlers: Record<WorkerAgendaKind, Handler>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { storage } = ctx;
    const rim = makeRim(env.COPPICE_POLICY);
    const sql = new Sql(storage);
    const agenda = new Agenda<WorkerAgendaKind>(storage, sql, rim);
    const sockets = new Sockets(ctx, () => rim.now());
    this.parts = { env, rim, storage, sql, agenda, sockets, ...makeTables(sql, rim) };
    this.#effects = new Effects(this.parts);
    this.#handlers = handlersOf(this.parts, this.#effects);
    agenda.addStanding(remindHosts(this.parts));
    void ctx.blockConcurrencyWhile(async () => {
      await bringUpToDate(storage, bundle);
      await agenda.load();
      noteRestart(this.parts);
      agenda.arm();
    });
  }

  /** A change, what follows from it, and then what reaches out. */
  #change<T>(change: () => T): T {
    const result = atomically(this.parts, () => {
      const made = change();
      settle(this.parts);
      return made;
    });
    this.#reachOut();
    return result;
  }

  #reachOut(): void {
    this.parts.agenda.arm();
    this.ctx.waitUntil(this.#effects.run());
  }

  async apply(input: ApplyInput): Promise<{ readonly ok: true; readonly appliedVersion: number }> {
    return { ok: true, appliedVersion: this.#change(() => apply(this.parts, input)) };
  }

  async deploy(input: DeployInput): ReturnType<WorkerObjectRpc["deploy"]> {
    return this.#change(() => deploy(this.parts, input));
  }

  async rollback(
    input: Parameters<WorkerObjectRpc["rollback"]>[0],
  ): ReturnType<WorkerObjectRpc["rollback"]> {
    return this.#change(() => rollback(this.parts, input));
  }

  async releaseDiff(
    input: Parameters<WorkerObjectRpc["releaseDiff"]>[0],
  ): ReturnType<WorkerObjectRpc["releaseDiff"]> {
    return releaseDiff(this.parts, input);
  }

  async cancelDeploy(
    input: Parameters<WorkerObjectRpc["cancelDeploy"]>[0],
  ): ReturnType<WorkerObjectRpc["cancelDeploy"]> {
    return this.#change(() => cancelDeploy(this.parts, input));
  }

  async note(input: Parameters<WorkerObjectRpc["note"]>[0]): Promise<void> {
    note(this.parts, input);
  }

  async rekey({ wrappedKey }: Parameters<WorkerObjectRpc["rekey"]>[0]): Promise<void> {
    this.parts.releases.rewrap(wrappedKey);
    this.parts.deploys.rewrap(wrappedKey);
  }

  async hostLost(
    told: Parameters<WorkerObjectRpc["hostLost"]>[0],
  ): Promise<{ readonly answered: true }> {
    this.#change(() => onHostLost(this.parts, told));
    return { answered: true };
  }

  async hostReturned(told: Parameters<WorkerObjectRpc["hostReturned"]>[0]): Promise<void> {
    this.#change(() => loseNoMore(this.parts, told.hostId, told.epoch, "host object"));
  }

  async hostDraining(told: Parameters<WorkerObjectRpc["hostDraining"]>[0]): Promise<void> {
    this.#change(() => onHostDraining(this.parts, told));
  }

  async holds({
    hostId,
    keys,
  }: Parameters<WorkerObjectRpc["holds"]>[0]): Promise<readonly string[]> {
    const builds = this.parts.deploys.active().filter((one) => one.buildHostId === hostId);
    const { instances, jobs } = this.parts;
    const all = [...instances.onHost(hostId), ...jobs.onHost(hostId), ...builds];
    const held = new Set<string>(all.map((one) => one.id));
    return keys.filter((key) => held.has(key));
  }

  async roomFreed(): Promise<void> {
    this.#reachOut();
  }

  async overview() {
    return workerOverview(this.parts);
  }

  async instances() {
    return instanceViews(this.parts);
  }

  async deploys(page: PageInput) {
    return deployPage(this.parts, page);
  }

  async deployByNumber(number: number) {
    const found = this.parts.deploys.byNumber(number);
    return found ? deployView(found) : null;
  }

  async releases(page: PageInput) {
    return releasePage(this.parts, page);
  }

  async artifacts(): Promise<readonly string[]> {
    const { releases, rim } = this.parts;
    return releases.artifacts(rim.policy.artifacts.releases, releasesInUse(this.parts));
  }

  async crashes(page: PageInput & { readonly group?: number }) {
    const { timeline } = this.parts;
    return pageOf(page, (below, limit) => timeline.crashes(below, limit, page.group));
  }

  async crashGroups(limit: number) {
    const { crashGroups, meta, rim } = this.parts;
    return crashGroups.list(meta.get()?.base?.release ?? null, rim.now(), limit);
  }

  async events(page: PageInput) {
    return pageOf(page, (below, limit) => this.parts.timeline.events(below, limit));
  }

  flush(): Promise<void> {
    return this.#flushes.start(this.parts);
  }

  async logs(input: LogInput): Promise<LogPage> {
    if (input.attend) {
      keepAttending(this.parts);
      mayHear(this.parts, "reader");
    }
    return readLogs(this.parts.frames, input);
  }

  async buildLog(input: BuildLogInput): Promise<BuildLogPage | null> {
    if (input.attend) {
      keepAttending(this.parts);
      mayHear(this.parts, "reader");
    }
    return readBuildLog(this.parts, input);
  }

  async snapshot(input: SnapshotInput): Promise<WorkerSnapshot> {
    return takeSnapshot(this.parts, input);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
      return new Response("this address is a WebSocket", { status: 426 });
    switch (new URL(request.url).pathname) {
      case "/watch":
        return acceptReader(this.parts);
      case "/watch/state":
        return acceptWatcher(this.parts);
      default:
        return acceptHost(this.parts, request);
    }
  }

  override async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (this.parts.sockets.read(ws).role !== "host") return;
    try {
      this.#onMessage(ws, data);
    } catch (error) {
      // What it wrote was rolled back; the host connects anew and says it again.
      console.error("message of a host", error);
      this.parts.sockets.close(ws, "internal", "something broke here; connect again");
    }
  }

  #onMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    const { rim, sockets } = this.parts;
    sockets.update(ws, { lastMessageAt: rim.now() });
    if (typeof data !== "string") {
      onFrame(this.parts, ws, data);
      return;
    }
    const message = parseMessage(this.parts, ws, data);
    switch (message?.type) {
      case "hello":
        if (onHello(this.parts, ws, message)) this.#change(() => {});
        return;
      case "report":
        this.#onReport(ws, message);
        return;
      case "renew":
        atomically(this.parts, () => onRenew(this.parts, ws, message));
        return;
      case "flushed":
        this.#flushes.onFlushed(ws, message.id);
        return;
    }
  }

  #onReport(ws: WebSocket, report: Parameters<typeof onReport>[2]): void {
    if (this.parts.meta.get()?.deletedAt != null) {
      answerLate(this.parts, ws, report);
      return;
    }
    const { hostId } = this.parts.sockets.read(ws);
    const taken = onReport(this.parts, ws, report, () => settle(this.parts));
    if (taken.resend) this.ctx.waitUntil(this.#effects.resend(hostId));
    if (taken.news) this.#reachOut();
  }

  override async webSocketClose(ws: WebSocket): Promise<void> {
    this.#flushes.forgetClosed();
    noteClose(this.parts, ws);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    this.#flushes.forgetClosed();
    noteClose(this.parts, ws);
  }

  override async alarm(): Promise<void> {
    await this.parts.agenda.fire(this.#handlers);
  }
}
