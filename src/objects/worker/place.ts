// Finds room: D1 proposes hosts, HostObjects admit, and only then is it written here.
//
// 1. An admission is used only if the row still wants it, and while it is young; else it is given back.
// 2. No room is no error: the reason is shown, and the next try comes by the agenda, slower each time up to a minute.

import type { DeployId, HostId, InstanceId } from "../../../protocol/ids.ts";
import { openDb } from "../../db/client.ts";
import { candidateHosts } from "../../db/projections.ts";
import { type Candidate, orderCandidates } from "../../domain/placement.ts";
import type { Instance } from "../../domain/worker.ts";
import { hostObject } from "../../env.ts";
import type { ReserveAnswer } from "../../rpc.ts";
import { giveBack } from "./commit.ts";
import { atomically, reservationKey, type WorkerParts } from "./parts.ts";
import { settle, wantsRoom } from "./settle.ts";

const MAX_DELAY_MS = 60_000;
type Admitted = Extract<ReserveAnswer, { ok: true }> & { readonly hostId: HostId };

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
    const full = new Set<string>();
    let placed = 0;
    for (const instance of this.#parts.instances.all()) {
      if (instance.hostId !== null || instance.stop) continue;
      if (await this.#placeInstance(instance, candidates, full)) placed++;
    }
    for (const deploy of this.#parts.deploys.active()) {
      if (deploy.status !== "building" || deploy.buildHostId) continue;
      if (await this.#placeBuild(deploy.number, deploy.id, candidates)) placed++;
    }
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

  #order(candidates: readonly Candidate[], full: ReadonlySet<string>): HostId[] {
    const own = Map.groupBy(
      this.#parts.instances.all().filter((one) => one.hostId !== null && one.stop === null),
      (one) => one.hostId as string,
    );
    const share = new Map([...own].map(([hostId, group]) => [hostId, group.length]));
    const open = candidates.filter((one) => !full.has(one.hostId));
    return orderCandidates(open, share) as HostId[];
  }

  async #reserve(
    key: InstanceId | DeployId,
    kind: "instance" | "build",
    hostId: HostId,
  ): Promise<ReserveAnswer | null> {
    const workerId = this.#parts.meta.get()?.workerId;
    if (!workerId) return null;
    const asked = this.#parts.rim.now();
    try {
      const answer = await hostObject(this.#parts.env, hostId).reserve({ key, workerId, kind });
      // So old that the host's audit may be asking already: better to ask again.
      const isOld = this.#parts.rim.now() - asked > this.#parts.rim.policy.objects.auditMs / 2;
      return isOld ? null : answer;
    } catch (error) {
      console.error(`reserve on ${hostId}`, error);
      return null;
    }
  }

  async #placeInstance(
    instance: Instance,
    candidates: readonly Candidate[],
    full: Set<string>,
  ): Promise<boolean> {
    for (const hostId of this.#order(candidates, full)) {
      const answer = await this.#reserve(instance.id, "instance", hostId);
      if (!answer?.ok) {
        full.add(hostId);
        continue;
      }
      return this.#commitInstance(instance, { ...answer, hostId });
    }
    this.#noteNoRoom(instance.generation, candidates.length);
    return false;
  }

  #commitInstance({ generation, id }: Instance, admitted: Admitted): boolean {
    const { agenda, hosts, instances, rim, timeline } = this.#parts;
    return atomically(this.#parts, () => {
      const instance = instances.byGeneration(generation);
      hosts.learn(admitted);
      if (!instance || instance.hostId !== null || instance.stop) {
        giveBack(this.#parts, admitted.hostId, id);
        return false;
      }
      const placed: Instance = {
        ...instance,
        hostId: admitted.hostId,
        state: "starting",
        placedAt: rim.now(),
        detail: null,
      };
      instances.write(placed);
      agenda.set("confirm", reservationKey(admitted.hostId, id), rim.now() + CONFIRM_MS);
      const { release, slot } = instance;
      const message = `Instance ${slot} was placed on ${admitted.name}.`;
      timeline.add({ kind: "instance_placed", message, slot, instance: id, release });
      return true;
    });
  }

  #noteNoRoom(generation: number, hosts: number): void {
    const { instances, timeline } = this.#parts;
    const instance = instances.byGeneration(generation);
    if (!instance || instance.hostId !== null) return;
    const detail = hosts === 0 ? "no host is online in this project" : "no host has room";
    if (instance.detail === detail) return;
    const { id, release, slot } = instance;
    instances.write({ ...instance, detail });
    const message = `Instance ${slot} waits: ${detail}.`;
    timeline.add({ kind: "no_room", message, slot, instance: id, release });
  }

  async #placeBuild(
    number: number,
    id: DeployId,
    candidates: readonly Candidate[],
  ): Promise<boolean> {
    for (const hostId of this.#order(candidates, new Set())) {
      const answer = await this.#reserve(id, "build", hostId);
      if (!answer?.ok) continue;
      const { agenda, deploys, hosts, rim } = this.#parts;
      return atomically(this.#parts, () => {
        const deploy = deploys.byNumber(number);
        hosts.learn({ ...answer, hostId });
        if (deploy?.status !== "building" || deploy.buildHostId) {
          giveBack(this.#parts, hostId, id);
          return false;
        }
        deploys.write({ ...deploy, buildHostId: hostId, statusAt: rim.now() });
        agenda.set("confirm", reservationKey(hostId, id), rim.now() + CONFIRM_MS);
        return true;
      });
    }
    return false;
  }
}

/** The confirmation follows at once; the row is for the case that it does not. */
const CONFIRM_MS = 1_000;
