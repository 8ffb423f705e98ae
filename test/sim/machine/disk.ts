// A machine's disk: files and directories, each as programs see it now and as it is after the power went.
//
// 1. A file's content is durable once it was synced, a name once its directory was.
// 2. What was not synced may have reached the disk or not, and of an appended file any part.
import type { Random } from "../kernel/random.ts";

export class FileNode {
  readonly kind = "file";
  #bytes = Buffer.alloc(0);
  size = 0;
  #durable: Buffer | null = null;
  #durableSize = 0;
  #dirty = true;

  write(data: Uint8Array, at: number): void {
    const end = at + data.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(256, end * 2));
      this.#bytes.copy(grown, 0, 0, this.size);
      this.#bytes = grown;
    }
    this.#bytes.set(data, at);
    this.size = Math.max(this.size, end);
    this.#dirty = true;
  }

  truncate(): void {
    this.size = 0;
    this.#bytes = Buffer.alloc(0);
    this.#dirty = true;
  }

  content(): Buffer {
    return this.#bytes.subarray(0, this.size);
  }

  sync(): void {
    if (!this.#dirty) return;
    this.#durable = Buffer.from(this.content());
    this.#durableSize = this.size;
    this.#dirty = false;
  }

  losePower(random: Random): void {
    if (!this.#dirty) return;
    const isAppended =
      this.size > this.#durableSize &&
      (this.#durable === null ||
        this.content().subarray(0, this.#durableSize).equals(this.#durable));
    if (isAppended) {
      const kept = random.pick([
        this.#durableSize,
        this.size,
        random.int(this.#durableSize, this.size),
      ]);
      this.#bytes = Buffer.from(this.#bytes.subarray(0, kept));
      this.size = kept;
    } else if (random.chance(0.5)) {
      this.#bytes = Buffer.from(this.#durable ?? Buffer.alloc(0));
      this.size = this.#durableSize;
    }
    this.sync();
  }
}

export class DirNode {
  readonly kind = "dir";
  entries = new Map<string, Node>();
  #durable = new Map<string, Node>();

  sync(): void {
    this.#durable = new Map(this.entries);
  }

  /** `late`: what was done to names since the last sync was not written by itself in time. */
  losePower(random: Random, late: boolean): void {
    if (late) this.entries = new Map(this.#durable);
    else this.sync();
    for (const node of this.entries.values()) node.losePower(random, late);
    this.sync();
  }
}

export type Node = FileNode | DirNode;

export class DiskError extends Error {
  readonly code: string;
  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

export class Disk {
  readonly root = new DirNode();
  full = false;
  readonly watchers = new Map<string, Set<() => void>>();

  find(path: string): Node | null {
    let node: Node = this.root;
    for (const name of partsOf(path)) {
      if (node.kind !== "dir") return null;
      const next: Node | undefined = node.entries.get(name);
      if (next === undefined) return null;
      node = next;
    }
    return node;
  }

  dir(path: string): DirNode {
    const node = this.find(path);
    if (node === null) throw new DiskError("ENOENT", path);
    if (node.kind !== "dir") throw new DiskError("ENOTDIR", path);
    return node;
  }

  file(path: string): FileNode {
    const node = this.find(path);
    if (node === null) throw new DiskError("ENOENT", path);
    if (node.kind !== "file") throw new DiskError("EISDIR", path);
    return node;
  }

  parent(path: string): { readonly dir: DirNode; readonly name: string } {
    const at = path.lastIndexOf("/");
    return { dir: this.dir(path.slice(0, at)), name: path.slice(at + 1) };
  }

  make(path: string): FileNode {
    const { dir, name } = this.parent(path);
    if (this.full) throw new DiskError("ENOSPC", path);
    const file = new FileNode();
    dir.entries.set(name, file);
    this.changed(path);
    return file;
  }

  makeDirs(path: string): void {
    let node = this.root;
    for (const name of partsOf(path)) {
      let next = node.entries.get(name);
      if (next === undefined) {
        if (this.full) throw new DiskError("ENOSPC", path);
        next = new DirNode();
        node.entries.set(name, next);
      }
      if (next.kind !== "dir") throw new DiskError("ENOTDIR", path);
      node = next;
    }
  }

  /** Tells who watches the file's directory. */
  changed(path: string): void {
    if (this.watchers.size === 0) return;
    const dir = path.slice(0, path.lastIndexOf("/"));
    for (const told of this.watchers.get(dir) ?? []) told();
  }

  losePower(random: Random): void {
    this.watchers.clear();
    this.root.losePower(random, random.chance(0.5));
  }

  /** Everything on it, for a copy of the machine. */
  copyTo(other: Disk): void {
    const copy = (node: DirNode): DirNode => {
      const into = new DirNode();
      for (const [name, one] of node.entries) {
        if (one.kind === "dir") into.entries.set(name, copy(one));
        else {
          const file = new FileNode();
          file.write(one.content(), 0);
          file.sync();
          into.entries.set(name, file);
        }
      }
      into.sync();
      return into;
    };
    other.root.entries = copy(this.root).entries;
    other.root.sync();
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
