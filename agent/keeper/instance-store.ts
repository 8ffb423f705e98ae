// What is to run, on the disk: `instances/<id>/instance.json`, 0600, written whole or not at all; what is to run once
// is `job.json` there.
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

/** What an instance's directory may hold of it; one with `once` has the second. */
export const INSTANCE_FILES = ["instance.json", "job.json"] as const;
/** The disk is asked a moment later, so that it does not compete with the start of what was just written. */
const SETTLE = { quietMs: 25, latestMs: 250 } as const;

interface Unsettled {
  readonly file: string;
  readonly settling: Promise<void> | null;
}

export class InstanceStore {
  readonly #root: string;
  readonly #world: World;
  readonly #unsettled = new Map<string, Unsettled>();
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
    return readdirSync(this.#root).flatMap((id) =>
      INSTANCE_FILES.flatMap((file) => this.#read(id, file)),
    );
  }

  #read(id: string, file: (typeof INSTANCE_FILES)[number]): KeeperInstance[] {
    try {
      const parsed = parseInstance(JSON.parse(readFileSync(join(this.#root, id, file), "utf8")));
      if (typeof parsed !== "string") return [parsed];
      this.#world.log(`${id}/${file}: ${parsed}`);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#world.log(`${id}/${file}: ${messageOf(error)}`);
    }
    return [];
  }

  /** Throws where the disk refuses. */
  write(instance: KeeperInstance): void {
    const dir = join(this.#root, instance.instanceId);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const file = fileOf(instance);
    const draft = join(dir, `.${file}`);
    const fd = openSync(draft, "w", 0o600);
    try {
      const bytes = Buffer.from(JSON.stringify(instance));
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, join(dir, file));
    this.#unsettled.set(instance.instanceId, { file, settling: null });
  }

  /** Resolves once a written instance is on the disk; rejects where that failed, and may be asked again. */
  settled(instanceId: string): Promise<void> {
    const under = this.#unsettled.get(instanceId);
    if (under === undefined) return Promise.resolve();
    if (under.settling !== null) return under.settling;
    const { file } = under;
    const settling = this.#settle(instanceId, file).then(
      () => void this.#unsettled.delete(instanceId),
      (error) => {
        if (this.#unsettled.has(instanceId))
          this.#unsettled.set(instanceId, { file, settling: null });
        throw error;
      },
    );
    this.#unsettled.set(instanceId, { file, settling });
    return settling;
  }

  /** Once it resolves, no keeper will ever start the instance again. */
  async remove(instanceId: string): Promise<void> {
    const dir = join(this.#root, instanceId);
    this.#unsettled.delete(instanceId);
    try {
      for (const file of INSTANCE_FILES) forgetFile(join(dir, file));
      await sync(dir);
      // Output that was not yet shipped stays, and so does the directory.
      rmdirSync(dir);
    } catch (error) {
      if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
    }
  }

  async #settle(instanceId: string, file: string): Promise<void> {
    await new Promise<void>((resolve) => void this.#lull.add(resolve));
    const dir = join(this.#root, instanceId);
    await sync(join(dir, file));
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

function fileOf({ once }: KeeperInstance): (typeof INSTANCE_FILES)[number] {
  return once ? "job.json" : "instance.json";
}

function forgetFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
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
