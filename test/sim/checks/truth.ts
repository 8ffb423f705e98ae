// What must hold at every moment, held against what really happened: see docs/simulation.md for the numbers.
import { decodeFrame } from "../../../protocol/frame.ts";
import { isOfDeploy } from "../../../protocol/ids.ts";
import { type Actor, sim } from "../kernel/sim.ts";
import { watchBegins } from "../machine/child-process.ts";
import type { Host } from "../machine/host.ts";
import type { Machine, Task } from "../machine/machine.ts";
import { history, type Program, programs } from "../machine/processes.ts";
import type { SimObject } from "../platform/object.ts";
import type { World } from "../world.ts";

const PROJECTIONS = [
  ["worker_projections", "worker_id"],
  ["host_projections", "host_id"],
] as const;

interface DeployRow {
  readonly number: number;
  readonly status: string;
  readonly reason: string | null;
  readonly ended_at: number | null;
  readonly release: number | null;
}

/** What an object said of itself when all it wrote was durable. */
interface Remembered {
  readonly ended: Map<number, string>;
  base: { readonly deploy: number; readonly live: boolean } | null;
  nextGeneration: number;
  epoch: number;
}

export class Truth {
  readonly #world: World;
  readonly #byGeneration = new Map<string, string>();
  readonly #remembered = new Map<string, Remembered>();
  readonly #projected = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    watchBegins((program) => this.#began(program));
    world.onSignal = (host, program, signal) => this.#signaled(host, program, signal);
    world.onCommit = (object) => this.#committed(object);
    world.d1.onWork = () => this.#checkProjections();
    world.onFrame.told = (object, data, client) => this.#framed(object, data, client);
  }

  #hostOf(program: Program): Host {
    return this.#world.hosts.find((one) => one.machine === program.machine)!;
  }

  #isRemoved(host: Host): boolean {
    const row = this.#world.d1.db.first<{ removed_at: number | null }>(
      "SELECT removed_at FROM hosts WHERE id = ?",
      host.hostId,
    );
    return row === null || row.removed_at !== null;
  }

  #began(program: Program): void {
    const { generation, instanceId, machine, workerId } = program;
    const known = this.#byGeneration.get(`${workerId}/${generation}`);
    if (known !== undefined && known !== instanceId)
      sim().fail("generation-once", `generation ${generation} is ${known} and ${instanceId}`);
    this.#byGeneration.set(`${workerId}/${generation}`, instanceId);
    const beside = history.find(
      (one) =>
        one !== program &&
        one.machine === machine &&
        one.instanceId === instanceId &&
        (one.alive || one.straggler),
    );
    if (beside)
      sim().fail(
        "nothing-beside",
        `${instanceId} attempt ${program.attempt} began beside ${beside.attempt}`,
      );
    const host = this.#hostOf(program);
    if (isOfDeploy(instanceId)) {
      this.#checkOnce(program, host);
      return;
    }
    this.#checkAlone(program);
    const here = new Set<string>();
    for (const one of programs.values())
      if (one.machine === machine && !isOfDeploy(one.instanceId)) here.add(one.instanceId);
    if (here.size > host.slots && !host.copied && !this.#isRemoved(host))
      sim().fail(
        "room",
        `${here.size} instances run on ${host.name}, which has ${host.slots} slots`,
      );
    if (this.#isOver(program) && !host.copied && !this.#isRemoved(host))
      sim().fail("stopped-stays-stopped", `${instanceId} began again after its end was known`);
  }

  /** A predeploy command begins once, on one machine, whatever becomes of agents, keepers, hosts and objects. */
  #checkOnce(program: Program, { copied }: Host): void {
    const other = history.find(
      (one) => one !== program && one.instanceId === program.instanceId && !copied,
    );
    if (other === undefined) return;
    sim().fail(
      "jobs-once",
      `${program.instanceId} began on ${other.machine.name} and on ${program.machine.name}`,
    );
  }

  #isExclusive({ instanceId, workerId }: Program): boolean {
    const { db } = this.#world.object("worker", workerId);
    const row = db.first<{ mode: string }>("SELECT mode FROM instances WHERE id = ?", instanceId);
    return row?.mode === "exclusive";
  }

  /** Of an exclusive slot at most one runs, wherever; but for what a long pause of its machine kept from its fence. */
  #checkAlone(program: Program): void {
    if (!this.#isExclusive(program)) return;
    const other = history.find(
      (one) =>
        one !== program &&
        (one.alive || one.straggler) &&
        one.workerId === program.workerId &&
        !isOfDeploy(one.instanceId) &&
        one.slot === program.slot &&
        one.instanceId !== program.instanceId &&
        !isLate(one.machine),
    );
    if (other === undefined) return;
    sim().fail(
      "exclusive",
      `slot ${program.slot}: generation ${program.generation} began on ${program.machine.name} while ${other.generation} ran on ${other.machine.name}`,
    );
  }

  /** Its object has let go of it: it was seen stopped. */
  #isOver({ generation, instanceId, workerId }: Program): boolean {
    const { db, isSettled } = this.#world.object("worker", workerId);
    if (!isSettled) return false;
    const meta = db.first<{ next_generation: number }>("SELECT next_generation FROM meta");
    const row = db.first("SELECT 1 AS one FROM instances WHERE id = ?", instanceId);
    return meta !== null && row === null && generation < meta.next_generation;
  }

  /** The keeper signals only what ended already, or what its object wants to end. */
  #signaled(host: Host, program: Program, signal: string): void {
    if (!program.alive || program.termed || program.unvouched || host.copied) return;
    const { db } = this.#world.object("worker", program.workerId);
    const row = db.first<{ stop_reason: string | null }>(
      "SELECT stop_reason FROM instances WHERE id = ?",
      program.instanceId,
    );
    if (row === null || row.stop_reason !== null) return;
    // Its lease may have run out: the fence asks nobody.
    if (this.#isExclusive(program)) return;
    sim().fail(
      "nothing-dies-unasked",
      `${signal} to ${program.instanceId} on ${host.name}, which nobody wants to stop`,
    );
  }

  /** What is sent again is the same frame: it never begins inside of what is stored and ends beyond. */
  #framed(object: SimObject, data: Uint8Array, client: Actor): void {
    const decoded = decodeFrame(data);
    const { machine } = client as Task;
    if (!decoded.ok || machine.boots > 1) return;
    const { header } = decoded.frame;
    const stream = `${header.instanceId}/${header.bootId}/${header.attempt}/${header.stream}`;
    const row = object.db.first<{ end_at: number }>(
      "SELECT end_at FROM frames WHERE stream = ? ORDER BY seq DESC LIMIT 1",
      stream,
    );
    const next = row?.end_at ?? 0;
    if (header.start < next && next < header.end)
      sim().fail(
        "frames-repeat",
        `${stream}: ${header.start} to ${header.end}, and ${next} are stored`,
      );
  }

  #committed(object: SimObject): void {
    if (object.kind === "host") this.#hostCommitted(object);
    else this.#workerCommitted(object);
  }

  /** What D1 shows never falls behind what it showed. */
  #checkProjections(): void {
    const { db } = this.#world.d1;
    for (const [table, id] of PROJECTIONS) {
      for (const row of db.all<{ id: string; version: number }>(
        `SELECT ${id} AS id, version FROM ${table}`,
      )) {
        const before = this.#projected.get(row.id) ?? 0;
        if (row.version < before)
          sim().fail("projection-rises", `${row.id}: version ${before} became ${row.version}`);
        this.#projected.set(row.id, row.version);
      }
    }
  }

  #memoryOf(id: string): Remembered {
    let memory = this.#remembered.get(id);
    if (memory === undefined) {
      memory = { ended: new Map(), base: null, nextGeneration: 0, epoch: 0 };
      this.#remembered.set(id, memory);
    }
    return memory;
  }

  #hostCommitted({ db, id }: SimObject): void {
    const meta = db.first<{ epoch: number; capacity: string }>("SELECT epoch, capacity FROM meta");
    if (meta === null) return;
    const memory = this.#memoryOf(id);
    if (meta.epoch < memory.epoch)
      sim().fail("epoch-rises", `${memory.epoch} became ${meta.epoch}`);
    memory.epoch = meta.epoch;
    const { n } = db.first<{ n: number }>(
      "SELECT COUNT(*) AS n FROM reservations WHERE kind = 'instance'",
    )!;
    const { slots } = JSON.parse(meta.capacity) as { slots: number };
    if (n > slots) sim().fail("room", `${n} reservations, ${slots} slots`);
  }

  #workerCommitted({ db, id }: SimObject): void {
    const meta = db.first<{
      next_generation: number;
      base_deploy: number | null;
      base_live: number;
      deleted_at: number | null;
    }>("SELECT next_generation, base_deploy, base_live, deleted_at FROM meta");
    if (meta === null) return;
    const memory = this.#memoryOf(id);
    if (meta.next_generation < memory.nextGeneration)
      sim().fail("generations-rise", `${memory.nextGeneration} became ${meta.next_generation}`);
    memory.nextGeneration = meta.next_generation;
    if (meta.deleted_at !== null) return;
    for (const deploy of db.all<DeployRow>(
      "SELECT number, status, reason, ended_at, release FROM deploys ORDER BY number DESC LIMIT 8",
    ))
      this.#checkDeploy(id, memory, deploy);
    const live = meta.base_live === 1;
    const base = meta.base_deploy === null ? null : { deploy: meta.base_deploy, live };
    if (base && memory.base?.live && (!base.live || base.deploy < memory.base.deploy))
      sim().fail("live-number-rises", `deploy ${memory.base.deploy} was live, now ${base.deploy}`);
    if (base?.live && (memory.ended.get(base.deploy) ?? "live") !== "live")
      sim().fail(
        "live-is-live",
        `deploy ${base.deploy} is the base and ${memory.ended.get(base.deploy)}`,
      );
    memory.base = base;
  }

  #checkDeploy(id: string, memory: Remembered, deploy: DeployRow): void {
    const { number, reason, status } = deploy;
    const before = memory.ended.get(number);
    if (before !== undefined && before !== status)
      sim().fail("ended-stays-ended", `deploy ${number} was ${before} and is ${status}`);
    if (deploy.ended_at === null || before !== undefined) return;
    memory.ended.set(number, status);
    if (status !== "failed" && status !== "reverted") return;
    if (!/^(it crashed|no instance ran)/.test(reason ?? "")) return;
    const crashed = history.some(
      (one) => one.workerId === id && one.release === deploy.release && one.end === "itself",
    );
    const rows = this.#world
      .object("worker", id)
      .db.all<{ silent_at: number | null }>(
        "SELECT h.silent_at FROM instances i JOIN hosts h USING (host_id) WHERE i.deploy = ? AND i.healthy_at IS NULL",
        number,
      );
    // Known gap: a host that is silent and not yet taken for lost is held against the soak all the same.
    if (!crashed && rows.every((one) => one.silent_at !== null))
      sim().fail("host-loss-fails-no-soak", `deploy ${number}: ${reason}, and none crashed`);
  }
}

/** Stands still for longer than a fence may be late, or did so until a moment ago. */
function isLate(machine: Machine): boolean {
  if (machine.pausedMs > LATE_MS) return true;
  const { ms, until, unknown } = machine.lastPause;
  return ms > LATE_MS && sim().now - until < (unknown ? LEASE_MS : WAKE_MS);
}
const LATE_MS = 9_500;
/** A keeper that wakes up ends at once what should have ended meanwhile. */
const WAKE_MS = 1_500;
/** Where every clock stood still, a lease runs on from where it was. */
const LEASE_MS = 50_000;
