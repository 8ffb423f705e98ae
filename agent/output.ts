// Which files of one worker are output, and when each has its end: the keeper's view, brought to the shipper.
//
// 1. A stream ends when its attempt is known to be over, never because nothing was heard of it.
// 2. What lay on the disk when the agent came is shipped too, and marked as read late; so is what lies there of an instance
//    that the keeper is told of anew, because a loss of power took its file with it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { StreamKey } from "../protocol/channel.ts";
import type { Exit } from "../protocol/instance.ts";
import type { KeeperObserved } from "../protocol/keeper.ts";
import type { Exits } from "./exits.ts";
import type { KeeperClient } from "./keeper-client.ts";
import type { Reader } from "./logs/reader.ts";
import type { Shipper } from "./logs/shipper.ts";
import { findOutput, spoolPath, streamsOf } from "./logs/spool.ts";

export interface OutputOptions {
  readonly state: string;
  /** The agent's own: builds are its children. */
  readonly bootId: string;
  readonly keeper: KeeperClient;
  readonly reader: Reader;
  readonly shipper: Shipper;
  readonly exits: Exits;
}

export class WorkerOutput {
  readonly #options: OutputOptions;
  /** Instances whose directory was looked through. */
  readonly #looked = new Set<string>();

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** The keeper told its whole state: files of attempts that came and went unheard are found here. */
  synced(instances: readonly KeeperObserved[]): void {
    const { state, keeper, shipper } = this.#options;
    for (const observed of instances) {
      this.#looked.add(observed.instanceId);
      for (const key of findOutput(state, observed.instanceId))
        if (!this.#isAhead(key, observed)) this.#track(key, observed, true);
      this.#follow(observed);
    }
    const known = new Map(instances.map((observed) => [observed.instanceId, observed]));
    for (const exit of keeper.exits.values()) {
      const observed = known.get(exit.instanceId);
      if (observed !== undefined) this.exited(exit, observed);
    }
    for (const key of shipper.keys()) this.#endIfOver(key);
  }

  changed(observed: KeeperObserved): void {
    this.#lookBack(observed);
    this.#follow(observed);
    for (const key of this.#options.shipper.keys())
      if (key.instanceId === observed.instanceId) this.#endIfOver(key);
  }

  exited(exit: Exit, observed: KeeperObserved): void {
    for (const key of streamsOf(exit)) {
      this.#track(key, observed, false);
      this.#options.shipper.end(key);
    }
  }

  forget(instanceId: string): void {
    this.#looked.delete(instanceId);
    this.#options.reader.remove(this.#instanceDir(instanceId));
  }

  buildStream(deployId: string): StreamKey {
    return { instanceId: deployId, bootId: this.#options.bootId, attempt: 1, stream: "build" };
  }

  /** Where the build's output goes. */
  beginBuild(deployId: string): string {
    const { state, reader, shipper } = this.#options;
    const key = this.buildStream(deployId);
    const dir = this.#buildDir(deployId);
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch {
      // The build will say that the disk refuses.
      return spoolPath(state, key);
    }
    shipper.track({ key, slot: 0, release: 0 }, false);
    reader.add(dir, (look) => shipper.look(deployId, look));
    return spoolPath(state, key);
  }

  endBuild(deployId: string): void {
    this.#options.shipper.end(this.buildStream(deployId));
    this.#options.reader.remove(this.#buildDir(deployId));
  }

  /** Build logs of an earlier agent that no present build continues have their end. */
  endOtherBuilds(isBuilding: (deployId: string) => boolean): void {
    for (const key of this.#options.shipper.keys())
      if (key.stream === "build" && !isBuilding(key.instanceId)) this.#options.shipper.end(key);
  }

  /** Frames that belong before the next report are still to be sent. */
  isBehind(endedBuilds: readonly string[], endedJobs: readonly Exit[]): boolean {
    const { exits, shipper } = this.#options;
    if (endedJobs.some((exit) => !shipper.isSent(exit))) return true;
    if (exits.untold().some((exit) => !shipper.isSent(exit))) return true;
    return endedBuilds.some((id) => !shipper.isStreamSent(this.buildStream(id)));
  }

  #lookBack(observed: KeeperObserved): void {
    const { state, keeper } = this.#options;
    if (keeper.host === null || this.#looked.has(observed.instanceId)) return;
    this.#looked.add(observed.instanceId);
    for (const key of findOutput(state, observed.instanceId))
      if (key.bootId !== keeper.host.bootId) this.#track(key, observed, true);
  }

  #follow(observed: KeeperObserved): void {
    const { reader, keeper, shipper } = this.#options;
    const { instanceId, state: is } = observed;
    if (is.kind !== "running" && is.kind !== "stopping") return;
    if (is.kind === "stopping" && is.pid === null) return;
    const bootId = keeper.host?.bootId;
    if (bootId === undefined) return;
    for (const key of streamsOf({ instanceId, bootId, attempt: is.attempt }))
      this.#track(key, observed, false);
    reader.add(this.#instanceDir(instanceId), (look) => shipper.look(instanceId, look));
  }

  /** Laid ready by the keeper for an attempt that has not come: no output yet, and perhaps never. */
  #isAhead(key: StreamKey, observed: KeeperObserved): boolean {
    return key.bootId === this.#options.keeper.host?.bootId && key.attempt > observed.attempt;
  }

  #track(key: StreamKey, observed: KeeperObserved, late: boolean): void {
    const { slot, release } = observed;
    this.#options.shipper.track({ key, slot, release }, late);
  }

  /** Ends a stream whose attempt is over; one that the keeper has yet to tell of stays open. */
  #endIfOver(key: StreamKey): void {
    const { keeper, shipper, exits } = this.#options;
    if (key.stream === "build" || !keeper.synced) return;
    const observed = keeper.instances.get(key.instanceId)?.observed;
    if (observed !== undefined && keeper.host?.bootId === key.bootId) {
      if (this.#isAhead(key, observed) && observed.state.kind !== "stopped") return;
      const { state } = observed;
      const live = state.kind === "running" || state.kind === "stopping";
      if (live && key.attempt === observed.attempt && !exits.has(key)) return;
    }
    shipper.end(key);
  }

  #instanceDir(instanceId: string): string {
    return join(this.#options.state, "instances", instanceId);
  }

  #buildDir(deployId: string): string {
    return join(this.#options.state, "builds", deployId);
  }
}
