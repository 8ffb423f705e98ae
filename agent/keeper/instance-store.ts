// What is to run, on the disk: `instances/<id>/instance.json`, 0600, written whole or not at all.
//
// 1. `write` makes the file outlive the keeper; `settled` says when it would outlive the host's power too.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { KeeperInstance } from "../../protocol/keeper.ts";
import { Lull } from "./lull.ts";
import { parseInstance } from "./requests.ts";
import { codeOf, messageOf, type World } from "./world.ts";

const FILE = "instance.json";
/** The disk is asked a moment later, so that it does not compete with the start of what was just written. */
const SETTLE = { quietMs: 25, latestMs: 250 } as const;

export class InstanceStore {
  readonly #root: string;
  readonly #world: World;
  readonly #unsettled = new Map<string, Promise<void> | null>();
  readonly #lull: Lull;
  /** The last sync of the root that began; never rejects. */
  #rootSync: Promise<void> = Promise.resolve();
  #nextRootSync: Promise<void> | null = null;

  constructor(stateDir: string, world: World) {
    this.#root = join(stateDir, "instances");
    this.#world = world;
    this.#lull = new Lull(world, SETTLE);
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
  }

  /** All that are to run. A file that can't be read is named in the log and left alone. */
  load(): KeeperInstance[] {
    return readdirSync(this.#root).flatMap((id) => {
      try {
        const parsed = parseInstance(JSON.parse(readFileSync(join(this.#root, id, FILE), "utf8")));
        if (typeof parsed !== "string") return [parsed];
        this.#world.log(`${id}/${FILE}: ${parsed}`);
      } catch (error) {
        if (codeOf(error) !== "ENOENT") this.#world.log(`${id}/${FILE}: ${messageOf(error)}`);
      }
      return [];
    });
  }

  /** Throws where the disk refuses. */
  write(instance: KeeperInstance): void {
    const dir = join(this.#root, instance.instanceId);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const draft = join(dir, `.${FILE}`);
    const fd = openSync(draft, "w", 0o600);
    try {
      const bytes = Buffer.from(JSON.stringify(instance));
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, join(dir, FILE));
    this.#unsettled.set(instance.instanceId, null);
  }

  /** Resolves once a written instance is on the disk; rejects where that failed, and may be asked again. */
  settled(instanceId: string): Promise<void> {
    const under = this.#unsettled.get(instanceId);
    if (under === undefined) return Promise.resolve();
    if (under !== null) return under;
    const settling = this.#settle(instanceId).then(
      () => void this.#unsettled.delete(instanceId),
      (error) => {
        if (this.#unsettled.has(instanceId)) this.#unsettled.set(instanceId, null);
        throw error;
      },
    );
    this.#unsettled.set(instanceId, settling);
    return settling;
  }

  /** Once it resolves, no keeper will ever start the instance again. */
  async remove(instanceId: string): Promise<void> {
    const dir = join(this.#root, instanceId);
    this.#unsettled.delete(instanceId);
    try {
      unlinkSync(join(dir, FILE));
      await sync(dir);
      // Output that was not yet shipped stays, and so does the directory.
      rmdirSync(dir);
    } catch (error) {
      if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
    }
  }

  async #settle(instanceId: string): Promise<void> {
    await new Promise<void>((resolve) => void this.#lull.add(resolve));
    const dir = join(this.#root, instanceId);
    await sync(join(dir, FILE));
    await sync(dir);
    await this.#syncRoot();
  }

  /** One sync serves all who asked before it began. */
  #syncRoot(): Promise<void> {
    this.#nextRootSync ??= this.#rootSync.then(() => {
      const syncing = sync(this.#root);
      this.#nextRootSync = null;
      this.#rootSync = syncing.catch(() => {});
      return syncing;
    });
    return this.#nextRootSync;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
