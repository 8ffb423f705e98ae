// The Durable Object of one host: an adapter that hands each event to the part whose job it is.
//
// 1. Nothing it is sent makes it throw: a bad message closes its socket, a bad effect is tried again.
// 2. What it decides it decides synchronously, and writes before it answers.
import { DurableObject } from "cloudflare:workers";
import bundle from "../../../drizzle/host-object/migrations.js";
import type { Inspected } from "../../../protocol/channel.ts";
import type { Env } from "../../env.ts";
import type {
  HostObjectRpc,
  HostOverview,
  HostSighting,
  Reservation,
  ReserveAnswer,
} from "../../rpc.ts";
import { Agenda } from "../agenda.ts";
import { bringUpToDate } from "../migrate.ts";
import { makeRim } from "../rim.ts";
import { Sockets } from "../sockets.ts";
import { Sql } from "../sql.ts";
import { censusHandler, sighting, thaw } from "./census.ts";
import { acceptHost, identify, onHostMessage } from "./channel.ts";
import { Inspections } from "./inspections.ts";
import { deadlineHandler, drainHandler, setIntent } from "./intent.ts";
import { noteClose, noteRestart } from "./liveness.ts";
import type { HostAgendaKind, HostParts } from "./parts.ts";
import { hostOverview, projectHandler, queueProjection } from "./projection.ts";
import { register, remove } from "./register.ts";
import { auditHandler, confirm, release, reserve } from "./reservations.ts";
import { roomHandler } from "./room.ts";
import { HostStore } from "./store.ts";
import { lostHandler, returnedHandler, workersHere } from "./tell.ts";
import { watchHost } from "./watch.ts";

export class HostObject extends DurableObject<Env> implements HostObjectRpc {
  readonly parts: HostParts;
  readonly #inspections = new Inspections();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const rim = makeRim(env.COPPICE_POLICY);
    const sql = new Sql(ctx.storage);
    const agenda = new Agenda<HostAgendaKind>(ctx.storage, sql, rim);
    const sockets = new Sockets(ctx, () => rim.now());
    this.parts = { env, rim, sql, agenda, sockets, store: new HostStore(sql) };
    agenda.addStanding(watchHost(this.parts));
    void ctx.blockConcurrencyWhile(async () => {
      await bringUpToDate(ctx.storage, bundle);
      await agenda.load();
      noteRestart(this.parts);
      agenda.arm();
    });
  }

  async register(input: Parameters<HostObjectRpc["register"]>[0]): Promise<void> {
    register(this.parts, input);
  }

  async reserve(wanted: readonly Reservation[]): Promise<ReserveAnswer> {
    return reserve(this.parts, wanted);
  }

  async confirm(keys: readonly string[]): Promise<readonly string[]> {
    return confirm(this.parts, keys);
  }

  async release(keys: readonly string[]): Promise<void> {
    release(this.parts, keys);
  }

  async overview(): Promise<HostOverview | null> {
    return hostOverview(this.parts);
  }

  async workers(): ReturnType<HostObjectRpc["workers"]> {
    return workersHere(this.parts);
  }

  async remove(): Promise<void> {
    remove(this.parts);
  }

  async setIntent(input: Parameters<HostObjectRpc["setIntent"]>[0]): Promise<void> {
    setIntent(this.parts, input);
  }

  async thaw(): Promise<void> {
    thaw(this.parts);
  }

  async sighting(): Promise<HostSighting> {
    return sighting(this.parts);
  }

  async identify(assertion: string): ReturnType<HostObjectRpc["identify"]> {
    return identify(this.parts, assertion);
  }

  inspect(input: Parameters<HostObjectRpc["inspect"]>[0]): Promise<Inspected | null> {
    return this.#inspections.ask(this.parts, input);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket")
      return new Response("this address is a WebSocket", { status: 426 });
    return acceptHost(this.parts, request);
  }

  override async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): Promise<void> {
    try {
      onHostMessage(this.parts, ws, data, (answer) => this.#inspections.onInspected(answer));
    } catch (error) {
      console.error("message of a host", error);
      this.parts.store.forget();
      this.parts.sockets.close(ws, "internal", "something broke here; connect again");
    }
  }

  override async webSocketClose(ws: WebSocket): Promise<void> {
    this.#inspections.forgetClosed();
    noteClose(this.parts, ws);
    this.parts.agenda.arm();
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    this.#inspections.forgetClosed();
    noteClose(this.parts, ws);
    this.parts.agenda.arm();
  }

  override async alarm(): Promise<void> {
    await this.parts.agenda.fire({
      lost: lostHandler(this.parts),
      returned: returnedHandler(this.parts),
      audit: auditHandler(this.parts),
      project: projectHandler(this.parts),
      room: roomHandler(this.parts),
      census: censusHandler(this.parts),
      drain: drainHandler(this.parts),
      deadline: deadlineHandler(this.parts),
    });
    // One that failed waits for its turn, and what is new goes with it: brought forward, it would fail in a loop.
    if (this.parts.agenda.dueOf("project", "") === null) queueProjection(this.parts);
  }
}
