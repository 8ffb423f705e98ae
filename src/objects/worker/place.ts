// Finds room: D1 proposes hosts, HostObjects admit, and only then is it written here.
//
// 1. An admission is used only if the row still wants it, while it is young, and unless the host was lost or removed
//    meanwhile; else it is given back.
// 2. No room is no error: the reason is shown, and the next try comes by the agenda, slower each time up to a minute.

import type { DeployId, HostId, InstanceId, JobId } from "../../../protocol/ids.ts";
import { openDb } from "../../db/client.ts";
import { candidateHosts } from "../../db/projections.ts";
import {
  type Candidate,
  eligible,
  type Needs,
  NO_NEEDS,
  orderBuilders,
  orderCandidates,
  spread,
  whyNoRoom,
} from "../../domain/placement.ts";
import type { Instance, Job } from "../../domain/worker.ts";
import { hostObject } from "../../env.ts";
import type { AdmittingHost, Reservation, ReserveAnswer } from "../../rpc.ts";
import { giveBack } from "./give-back.ts";
import { refuseJobs } from "./jobs.ts";
import { loseNoMore } from "./loss.ts";
import { atomically, reservationKey, type WorkerParts } from "./parts.ts";
import { settle, wantsRoom } from "./settle.ts";

const MAX_DELAY_MS = 60_000;
/** The confirmation follows at once; the row is for the case that it does not. */
const CONFIRM_MS = 1_000;
type Key = InstanceId | DeployId | JobId;
type Home = AdmittingHost & { readonly hostId: HostId };

/**
 * Whoever admits is there. Where that is news, because nothing of this worker was left on the host when it came back, it
 * is lost no more; an admission of the epoch in which it was lost is from before.
 */
function learn(parts: WorkerParts, host: Home): void {
  const known = parts.hosts.get(host.hostId);
  if (known && host.epoch > known.epoch) loseNoMore(parts, host.hostId, host.epoch, "host object");
  parts.hosts.learn(host);
}

export class Room {
  readonly #parts: WorkerParts;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  async place(): Promise<void> {
    const { meta } = this.#parts;
    if (!wantsRoom(this.#parts)) return;
    const projectId = meta.get()?.projectId ?? "";
    const candidates = await candidateHosts(openDb(this.#parts.env.DB), projectId);
    let placed = await this.#placeInstances(candidates);
    for (const deploy of this.#parts.deploys.active()) {
      if (deploy.status !== "building" || deploy.buildHostId) continue;
      if (await this.#placeBuild(deploy.number, deploy.id, candidates)) placed++;
    }
    for (const job of this.#parts.jobs.all())
      if (job.hostId === null && (await this.#placeJob(job, candidates))) placed++;
    this.#plan(placed);
  }

  /** When to try again for what found no room. */
  #plan(placed: number): void {
    const { agenda, meta, rim } = this.#parts;
    const { retryMs } = rim.policy.objects;
    const before = meta.get()?.placeDelayMs ?? retryMs;
    const found = placed > 0 || !wantsRoom(this.#parts);
    const delayMs = found ? retryMs : Math.min(Math.max(before, retryMs) * 2, MAX_DELAY_MS);
    if (delayMs !== before) meta.update({ placeDelayMs: delayMs });
    agenda.clear("place", "");
    settle(this.#parts);
    if (wantsRoom(this.#parts)) agenda.set("place", "", rim.now() + (found ? retryMs : before));
  }

  /** As much is set aside as the release may take. Where it is from before there were limits, the spec says how much. */
  #needs(release: number): Needs {
    const spec = this.#parts.meta.get()?.spec;
    const size = this.#parts.releases.get(release)?.limits ?? spec;
    const { cpus, memoryBytes } = size ?? NO_NEEDS;
    return { memoryBytes: memoryBytes ?? 0, cpus: cpus ?? 0, hosts: spec?.hosts ?? {} };
  }

  /** Instances of this worker by host. */
  #own(): Map<string, number> {
    const standing = this.#parts.instances.all().filter((one) => one.hostId && !one.stop);
    const groups = Map.groupBy(standing, (one) => one.hostId as string);
    return new Map([...groups].map(([hostId, group]) => [hostId, group.length]));
  }

  /** The keys that the host admitted; null where it did not answer in time. */
  async #reserve(
    keys: readonly Key[],
    hostId: HostId,
    { kind, cpus, memoryBytes }: Pick<Reservation, "kind" | "cpus" | "memoryBytes">,
  ): Promise<ReserveAnswer | null> {
    const workerId = this.#parts.meta.get()?.workerId;
    if (!workerId) return null;
    const { policy, now } = this.#parts.rim;
    const asked = now();
    try {
      const wanted = keys.map((key) => ({ key, workerId, kind, memoryBytes, cpus }));
      const answer = await hostObject(this.#parts.env, hostId).reserve(wanted);
      // So old that the host's audit may be asking already: better to ask again.
      return this.#parts.rim.now() - asked > policy.objects.auditMs / 2 ? null : answer;
    } catch (error) {
      console.error(`reserve on ${hostId}`, error);
      return null;
    }
  }

  #waiting(): Instance[] {
    return this.#parts.instances.all().filter((one) => one.hostId === null && !one.stop);
  }

  async #placeInstances(candidates: readonly Candidate[]): Promise<number> {
    let placed = 0;
    for (const release of new Set(this.#waiting().map((one) => one.release)))
      placed += await this.#placeRelease(release, candidates);
    return placed;
  }

  /** Each round asks each host once, for all that would go there; a host that refused one is asked no more. */
  async #placeRelease(release: number, candidates: readonly Candidate[]): Promise<number> {
    const needs = this.#needs(release);
    const fitting = eligible(candidates, needs);
    const full = new Set<string>();
    let placed = 0;
    for (;;) {
      const waiting = this.#waiting().filter((one) => one.release === release);
      const open = fitting.filter((one) => !full.has(one.hostId));
      if (waiting.length === 0) return placed;
      if (open.length === 0) {
        this.#noteNoRoom(waiting, whyNoRoom(candidates, needs));
        return placed;
      }
      const homes = spread(open, this.#own(), { count: waiting.length, needs }) as HostId[];
      const groups = Map.groupBy(waiting, (_, i) => homes[i]!);
      const counts = await Promise.all(
        [...groups].map(async ([hostId, group]) => {
          const keys = group.map((one) => one.id);
          const answer = await this.#reserve(keys, hostId, { kind: "instance", ...needs });
          if (answer === null || answer.refused !== null) full.add(hostId);
          if (!answer?.host) return 0;
          const taken = this.#commitInstances(answer.admitted, { ...answer.host, hostId });
          // Lost or removed meanwhile: its word is not asked for again in this turn.
          if (taken < answer.admitted.length) full.add(hostId);
          return taken;
        }),
      );
      placed += counts.reduce((sum, one) => sum + one, 0);
    }
  }

  /** How many still wanted their room. */
  #commitInstances(admitted: readonly string[], host: Home): number {
    return atomically(this.#parts, () => {
      learn(this.#parts, host);
      return admitted.filter((id) => this.#commitInstance(id, host)).length;
    });
  }

  #commitInstance(id: string, { hostId, name }: Home): boolean {
    const { agenda, hosts, instances, rim, timeline } = this.#parts;
    const instance = instances.byId(id);
    if (!instance || instance.hostId !== null || instance.stop || hosts.isGone(hostId)) {
      giveBack(this.#parts, hostId, id);
      return false;
    }
    instances.write({
      ...instance,
      hostId,
      state: "starting",
      placedAt: rim.now(),
      detail: null,
    });
    agenda.set("confirm", reservationKey(hostId, id), rim.now() + CONFIRM_MS);
    const { release, slot } = instance;
    const message = `Instance ${slot} was placed on ${name}.`;
    timeline.add({ kind: "instance_placed", message, slot, instance: id, release });
    return true;
  }

  #noteNoRoom(waiting: readonly Instance[], detail: string): void {
    const { instances, timeline } = this.#parts;
    for (const instance of waiting) {
      if (instance.detail === detail) continue;
      const { id, release, slot } = instance;
      instances.write({ ...instance, detail });
      const message = `Instance ${slot} waits: ${detail}.`;
      timeline.add({ kind: "no_room", message, slot, instance: id, release });
    }
  }

  /** Asks one host after the other; true once `commit` took the admission of one that is there. */
  async #placeOne(
    id: DeployId | JobId,
    hostIds: readonly string[],
    commit: (hostId: HostId) => boolean,
  ): Promise<boolean> {
    const { agenda, hosts, rim } = this.#parts;
    for (const hostId of hostIds as HostId[]) {
      const answer = await this.#reserve([id], hostId, { kind: "build", ...NO_NEEDS });
      if (!answer?.host) continue;
      const host = { ...answer.host, hostId };
      const placed = atomically(this.#parts, () => {
        learn(this.#parts, host);
        const isGone = hosts.isGone(hostId);
        const isTaken = !isGone && commit(hostId);
        if (isTaken) agenda.set("confirm", reservationKey(hostId, id), rim.now() + CONFIRM_MS);
        else giveBack(this.#parts, hostId, id);
        return isGone ? null : isTaken;
      });
      if (placed !== null) return placed;
    }
    return false;
  }

  #placeBuild(number: number, id: DeployId, candidates: readonly Candidate[]): Promise<boolean> {
    const { deploys, rim } = this.#parts;
    const open = eligible(candidates, NO_NEEDS);
    return this.#placeOne(id, orderBuilders(open, deploys.lastBuilder()), (hostId) => {
      const deploy = deploys.byNumber(number);
      if (deploy?.status !== "building" || deploy.buildHostId) return false;
      deploys.write({ ...deploy, buildHostId: hostId, statusAt: rim.now() });
      return true;
    });
  }

  /** Where its worker's instances may run, best where it was built: the release lies there already. */
  #placeJob(job: Job, candidates: readonly Candidate[]): Promise<boolean> {
    const { deploys, jobs, rim } = this.#parts;
    const open = eligible(candidates, { ...NO_NEEDS, hosts: this.#needs(job.release).hosts });
    const builder = deploys.byNumber(job.deploy)?.buildHostId;
    const order = orderCandidates(open, this.#own());
    const known = order.filter((one) => one === builder);
    const others = order.filter((one) => one !== builder);
    return this.#placeOne(job.id, [...known, ...others], (hostId) => {
      const now = jobs.byId(job.id);
      if (!now || now.hostId !== null) return false;
      jobs.write({ ...now, hostId, placedAt: rim.now() });
      refuseJobs(this.#parts, hostId);
      return true;
    });
  }
}
