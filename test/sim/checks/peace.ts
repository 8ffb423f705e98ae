// What must hold once the faults have stopped: exactly what was wanted runs, nothing was lost, nothing counted twice.
import { gunzipSync } from "node:zlib";
import { isOfDeploy } from "../../../protocol/ids.ts";
import type { Host } from "../machine/host.ts";
import { history, keyOf, type Program } from "../machine/processes.ts";
import { kindOf } from "../machine/programs.ts";
import type { SimObject } from "../platform/object.ts";
import type { World } from "../world.ts";

interface Spec {
  readonly instances: number;
  readonly wanted: "running" | "stopped" | "deleted";
  readonly name: string;
}

interface WorkerRow {
  readonly id: string;
  readonly spec_version: number;
  readonly applied_version: number;
  readonly spec: string;
}

export interface Broken {
  readonly invariant: string;
  readonly message: string;
}

export class Peace {
  readonly #world: World;
  #found: Broken | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  workers(): WorkerRow[] {
    return this.#world.d1.db.all<WorkerRow>(
      "SELECT w.id, w.spec_version, w.applied_version, s.spec FROM workers w JOIN worker_specs s ON s.worker_id = w.id AND s.version = w.spec_version ORDER BY w.id",
    );
  }

  #object(id: string): SimObject {
    return this.#world.object("worker", id);
  }

  hasActiveDeploys(id: string): boolean {
    const { db } = this.#object(id);
    return db.first("SELECT 1 AS one FROM deploys WHERE ended_at IS NULL") !== null;
  }

  get allEnded(): boolean {
    return this.workers().every(({ id }) => !this.hasActiveDeploys(id));
  }

  /** Hosts that were not removed and not lost for good. */
  #living(): Host[] {
    return this.#world.hosts.filter((one) => !one.isOut);
  }

  #broken(invariant: string, message: string): void {
    this.#found ??= { invariant, message };
  }

  /** What is not as it should be; null where all is. */
  ask(check: "counts" | "all"): Broken | null {
    this.#found = null;
    // A removal that was asked for may have been refused.
    for (const host of this.#world.hosts)
      if (host.removed) host.removed = this.#isRemoved(host.hostId);
    if (check === "counts") this.#checkCounts();
    else this.#checkAll();
    return this.#found;
  }

  #isRemoved(hostId: string): boolean {
    const query = "SELECT 1 AS one FROM hosts WHERE id = ? AND removed_at IS NOT NULL";
    return this.#world.d1.db.first(query, hostId) !== null;
  }

  /** Exactly N, for those that no deploy changes just now. */
  #checkCounts(): void {
    for (const row of this.workers())
      if (!this.hasActiveDeploys(row.id)) this.#checkCount(row, JSON.parse(row.spec) as Spec);
  }

  #checkCount({ id }: WorkerRow, spec: Spec): void {
    const { db } = this.#object(id);
    const meta = db.first<{ base_release: number | null }>("SELECT base_release FROM meta");
    const wanted = spec.wanted === "running" && meta?.base_release != null ? spec.instances : 0;
    const standing = this.#living().flatMap((host) =>
      (host.keeper?.supervisor.state().instances ?? [])
        .filter((one) => one.workerId === id && one.state.kind !== "stopped" && !one.once)
        .map((observed) => ({ host, observed })),
    );
    const told = () =>
      `${spec.name} wants ${wanted}: ${standing.map(({ host, observed }) => `slot ${observed.slot} g${observed.generation} v${observed.release} ${observed.state.kind} on ${host.name}`).join(", ") || "nothing"}; rows ${JSON.stringify(db.all("SELECT slot, generation g, state, host_id, stop_why, detail FROM instances"))}`;
    for (let slot = 0; slot < wanted; slot++) {
      const here = standing.filter(({ observed }) => observed.slot === slot);
      if (here.length > 1) this.#broken("exactly-n", told());
      if (here.length === 0 && !this.#waitsForRoom(db, slot)) this.#broken("exactly-n", told());
      const [one] = here;
      if (one && one.observed.release !== meta?.base_release) this.#broken("exactly-n", told());
      if (one && one.observed.state.kind !== "running")
        this.#mayNotRun(one.observed.instanceId, told);
    }
    if (standing.some(({ observed }) => observed.slot >= wanted))
      this.#broken(wanted === 0 ? "stopped-stays-stopped" : "exactly-n", told());
  }

  #mayNotRun(instanceId: string, told: () => string): void {
    const last = history.findLast((one) => one.instanceId === instanceId);
    if (last === undefined || kindOf(last.command) !== "poison") this.#broken("exactly-n", told());
  }

  #waitsForRoom(db: SimObject["db"], slot: number): boolean {
    const row = db.first<{ detail: string | null }>(
      "SELECT detail FROM instances WHERE slot = ? AND host_id IS NULL AND stop_reason IS NULL",
      slot,
    );
    if (row === null) return false;
    return this.#living().every((host) => {
      const object = this.#world.object("host", host.hostId);
      const { n } = object.db.first<{ n: number }>(
        "SELECT COUNT(*) AS n FROM reservations WHERE kind = 'instance'",
      )!;
      const meta = object.db.first<{ cordoned: number; drain_until: number | null }>(
        "SELECT cordoned, drain_until FROM meta",
      );
      return n >= host.slots || meta?.cordoned === 1 || meta?.drain_until != null;
    });
  }

  #checkAll(): void {
    for (const row of this.workers()) {
      if (this.hasActiveDeploys(row.id)) {
        const { db } = this.#object(row.id);
        const deploys = db.all(
          "SELECT number, status, status_at, reason FROM deploys WHERE ended_at IS NULL",
        );
        const instances = db.all(
          "SELECT slot, generation g, deploy d, mode, leased, state, host_id h, stop_why, detail FROM instances",
        );
        const hosts = db.all(
          "SELECT host_id, name, epoch, silent_at, told_heard_at, heard_at, connected, frozen, removed FROM hosts",
        );
        const state = { deploys, instances, hosts, spec: row.spec };
        this.#broken("deploys-end", JSON.stringify(state));
      }
      this.#checkProjection(row);
      this.#checkExits(row.id);
      this.#checkLogs(row.id);
    }
    this.#checkCounts();
    this.#checkReservations();
    this.#checkCopies();
  }

  /** Of two machines with one identity neither goes on. */
  #checkCopies(): void {
    for (const host of this.#world.hosts) {
      if (!host.isCopy || host.destroyed) continue;
      const twin = this.#world.hosts.find((one) => one !== host && one.hostId === host.hostId);
      if (twin === undefined || twin.destroyed) continue;
      const { db } = this.#world.object("host", host.hostId);
      const meta = db.first<{ status: string }>("SELECT status FROM meta");
      if (meta?.status !== "cloned")
        this.#broken("one-of-a-kind", `${twin.name} was copied, and is ${meta?.status}`);
    }
  }

  #checkProjection(row: WorkerRow): void {
    const { db } = this.#object(row.id);
    const meta = db.first<{ spec_version: number; projected: string }>(
      "SELECT spec_version, projected FROM meta",
    );
    if (meta?.spec_version !== row.spec_version || row.applied_version !== row.spec_version)
      this.#broken(
        "newest-spec",
        `D1 has version ${row.spec_version} (applied ${row.applied_version}), the object ${meta?.spec_version}`,
      );
    if (!meta) return;
    const told = JSON.parse(meta.projected || "{}") as { status?: string; running?: number };
    const shown = this.#world.d1.db.first<{ status: string; running: number }>(
      "SELECT status, running FROM worker_projections WHERE worker_id = ?",
      row.id,
    );
    if (shown?.status !== told.status || shown?.running !== told.running)
      this.#broken(
        "projection",
        `D1 shows ${JSON.stringify(shown)}, the object told ${meta.projected}`,
      );
  }

  #mayBeLost(program: Program): boolean {
    return program.forgotten || program.machine.powered === false || program.attempt < 1;
  }

  #checkExits(workerId: string): void {
    const { db } = this.#object(workerId);
    const meta = db.first<{ deleted_at: number | null }>("SELECT deleted_at FROM meta");
    if (meta === null || meta.deleted_at !== null) return;
    const known = new Set(
      db
        .all<{ generation: number; boot_id: string; attempt: number }>(
          "SELECT generation, boot_id, attempt FROM exits",
        )
        .map((one) => `${one.generation}/${one.boot_id}/${one.attempt}`),
    );
    // The end of a job is told with the job.
    const mine = history.filter((one) => one.workerId === workerId && !isOfDeploy(one.instanceId));
    const ended = new Map<string, number>();
    for (const one of mine) {
      const key = `${one.generation}/${one.bootId}/${one.attempt}`;
      if (one.alive && known.has(key) && !this.#isCopied(one))
        this.#broken("exits-once", `${keyOf(one)} runs, and its exit is known`);
      if (!one.alive) ended.set(one.instanceId, (ended.get(one.instanceId) ?? 0) + 1);
      if (!one.alive && !known.has(key) && !this.#mayBeLost(one) && !this.#isLostHost(one))
        this.#broken(
          "exits-once",
          `the exit of ${keyOf(one)} (${one.end}, at ${one.endedAt}) is lost`,
        );
    }
    const crashes = db.all<{ instance: string; n: number }>(
      "SELECT instance, COUNT(*) AS n FROM crashes WHERE exit_code IS NOT NULL OR signal IS NOT NULL OR reason <> 'crash' GROUP BY instance",
    );
    for (const { instance, n } of crashes) {
      if (mine.some((one) => one.instanceId === instance && this.#isCopied(one))) continue;
      if (n > (ended.get(instance) ?? 0) + this.#unspawned(mine, instance))
        this.#broken(
          "exits-once",
          `${n} crashes of ${instance}, which ended ${ended.get(instance) ?? 0} times`,
        );
    }
  }

  /** Its twin speaks for it, too. */
  #isCopied(program: Program): boolean {
    return this.#world.hosts.some((one) => one.machine === program.machine && one.copied);
  }

  /** Attempts that a keeper began and did not live to spawn have an end, too. */
  #unspawned(mine: readonly Program[], instance: string): number {
    const attempts = mine.filter((one) => one.instanceId === instance);
    const boots = Map.groupBy(attempts, (one) => one.bootId);
    let missing = 1;
    for (const group of boots.values()) {
      const numbers = new Set(group.map((one) => one.attempt));
      missing += Math.max(0, ...numbers) - numbers.size + 1;
    }
    return missing;
  }

  #isLostHost(program: Program): boolean {
    const host = this.#world.hosts.find((one) => one.machine === program.machine);
    return host === undefined || host.isOut;
  }

  #checkReservations(): void {
    for (const { id } of this.workers())
      for (const one of this.#object(id).db.all<{ id: string; host_id: string }>(
        "SELECT id, host_id FROM instances WHERE host_id IS NOT NULL",
      )) {
        const { db } = this.#world.object("host", one.host_id);
        if (db.first("SELECT 1 AS one FROM reservations WHERE key = ?", one.id) === null)
          this.#broken("room", `${one.id} stands on a host that holds no room for it`);
      }
    for (const host of this.#living()) {
      const { db } = this.#world.object("host", host.hostId);
      for (const { key, worker_id: workerId } of db.all<{ key: string; worker_id: string }>(
        "SELECT key, worker_id FROM reservations WHERE kind = 'instance'",
      )) {
        const held = this.#object(workerId).db.first(
          "SELECT 1 AS one FROM instances WHERE id = ?",
          key,
        );
        if (held === null)
          this.#broken("room-returns", `${key} holds a slot on ${host.name}, and is gone`);
      }
    }
  }

  #checkLogs(workerId: string): void {
    const { db } = this.#object(workerId);
    const meta = db.first<{ deleted_at: number | null }>("SELECT deleted_at FROM meta");
    if (meta === null || meta.deleted_at !== null) return;
    const rows = db.all<{
      stream: string;
      start: number;
      end_at: number;
      header: string;
      payload: Uint8Array | null;
    }>(
      "SELECT stream, start, end_at, header, payload FROM frames WHERE stream <> 'system' ORDER BY seq",
    );
    const byStream = Map.groupBy(rows, (row) => row.stream);
    for (const program of history) {
      if (program.workerId !== workerId) continue;
      for (const stream of ["stdout", "stderr"] as const)
        this.#checkStream(program, stream, byStream.get(`${keyOf(program)}/${stream}`) ?? []);
    }
  }

  #checkStream(
    program: Program,
    stream: "stdout" | "stderr",
    frames: readonly {
      start: number;
      end_at: number;
      header: string;
      payload: Uint8Array | null;
    }[],
  ): void {
    const truth = Buffer.concat(program.printed[stream]);
    const name = `${keyOf(program)}/${stream}`;
    let at = 0;
    for (const frame of frames) {
      const { gap } = JSON.parse(frame.header) as { gap: boolean };
      if (frame.start !== at) {
        this.#broken(
          "log-bytes-once",
          `${name}: a frame begins at ${frame.start}, the one before ended at ${at}`,
        );
        return;
      }
      const bytes =
        gap || frame.end_at === frame.start ? null : gunzipSync(frame.payload ?? new Uint8Array());
      if (bytes && !truth.subarray(frame.start, frame.end_at).equals(bytes))
        this.#broken(
          "log-bytes-once",
          `${name}: bytes ${frame.start} to ${frame.end_at} are not what it printed`,
        );
      at = frame.end_at;
    }
    if (program.alive || this.#isLostHost(program) || program.mute || program.attempt < 1) return;
    const least =
      program.survived === null ? truth.length : Math.min(truth.length, program.survived[stream]);
    if (at < least) this.#broken("log-bytes-once", `${name}: ${at} of ${least} bytes are stored`);
    if (at > truth.length)
      this.#broken("log-bytes-once", `${name}: ${at} bytes are stored of ${truth.length}`);
  }
}
