// `node:fs` on the disks of simulated machines, as far as agent and keeper use it.
import { sim } from "../kernel/sim.ts";
import { type DirNode, type Disk, DiskError, type FileNode } from "./disk.ts";
import { machineOf, mayWrite, type Task, taskNow } from "./machine.ts";

export const constants = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_APPEND: 0o2000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
} as const;

interface Open {
  readonly path: string;
  readonly disk: Disk;
  readonly node: FileNode | DirNode | null;
  readonly append: boolean;
}

const fds = new Map<number, Open>();
let nextFd = 100;

export function closeAll(): void {
  fds.clear();
}

type Path = string;

function diskOf(path: Path): Disk {
  return machineOf(path).disk;
}

function opened(fd: number): Open {
  const open = fds.get(fd);
  if (open === undefined) throw new DiskError("EBADF", String(fd));
  return open;
}

function fileOf(fd: number): FileNode {
  const { node, path } = opened(fd);
  if (node?.kind !== "file") throw new DiskError("EISDIR", path);
  return node;
}

export function openSync(path: Path, flags: string | number = "r"): number {
  if (path === "/dev/null") {
    fds.set(nextFd, { path, disk: null as never, node: null, append: true });
    return nextFd++;
  }
  const disk = diskOf(path);
  const isText = typeof flags === "string";
  const creates = isText ? /[wa]/.test(flags) : (flags & constants.O_CREAT) !== 0;
  const appends = isText ? flags.startsWith("a") : (flags & constants.O_APPEND) !== 0;
  let node = disk.find(path);
  if (node === null) {
    if (!creates) throw new DiskError("ENOENT", path);
    mayWrite();
    node = disk.make(path);
  }
  if (isText && flags.startsWith("w") && node.kind === "file") {
    mayWrite();
    node.truncate();
  }
  fds.set(nextFd, { path, disk, node, append: appends });
  return nextFd++;
}

export function closeSync(fd: number): void {
  fds.delete(fd);
}

/** Where an output file of a program goes: its path, which the descriptor no longer tells once it was closed. */
export function pathOfFd(fd: number): string {
  return opened(fd).path;
}

export function writeSync(
  fd: number,
  data: Uint8Array,
  from = 0,
  length = data.length - from,
  position: number | null = null,
): number {
  const open = opened(fd);
  if (open.node === null) return length;
  const file = fileOf(fd);
  mayWrite();
  const at = open.append || position === null ? file.size : position;
  if (open.disk.full && at + length > file.size) throw new DiskError("ENOSPC", open.path);
  file.write(data.subarray(from, from + length), at);
  open.disk.changed(open.path);
  return length;
}

export function readSync(
  fd: number,
  into: Uint8Array,
  offset = 0,
  length = into.length - offset,
  position = 0,
): number {
  const part = fileOf(fd)
    .content()
    .subarray(position, position + length);
  into.set(part, offset);
  return part.length;
}

export function fstatSync(fd: number): { size: number } {
  return { size: fileOf(fd).size };
}

export function fsyncSync(fd: number): void {
  mayWrite();
  opened(fd).node?.sync();
}

export const fdatasyncSync = fsyncSync;

/** Done a little later: what is appended meanwhile is not part of it. */
export function fdatasync(fd: number, done: (error: Error | null) => void): void {
  const { node } = opened(fd);
  const task = taskNow();
  const slowMs = task.machine.random.chance(0.05) ? 400 : 6;
  sim().after(task.machine.random.int(1, slowMs), task, () => {
    node?.sync();
    done(null);
  });
}

export function writeFileSync(target: Path | number, text: string | Uint8Array): void {
  const fd = typeof target === "number" ? target : openSync(target, "w");
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  writeSync(fd, bytes, 0, bytes.length, 0);
  if (typeof target !== "number") closeSync(fd);
}

export function appendFileSync(path: Path, text: string): void {
  const fd = openSync(path, "a");
  writeSync(fd, Buffer.from(text));
  closeSync(fd);
}

export function readFileSync(path: Path, encoding?: BufferEncoding): Buffer | string {
  const bytes = Buffer.from(diskOf(path).file(path).content());
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export function existsSync(path: Path): boolean {
  return diskOf(path).find(path) !== null;
}

export function statSync(
  path: Path,
  options: { throwIfNoEntry?: boolean } = {},
): { size: number; isDirectory(): boolean } | undefined {
  const node = diskOf(path).find(path);
  if (node === null) {
    if (options.throwIfNoEntry === false) return undefined;
    throw new DiskError("ENOENT", path);
  }
  return { size: node.kind === "file" ? node.size : 0, isDirectory: () => node.kind === "dir" };
}

/** There are no links. */
export const lstatSync = statSync;

export function mkdirSync(path: Path, options: { recursive?: boolean } = {}): void {
  const disk = diskOf(path);
  if (disk.find(path)?.kind === "dir") {
    if (options.recursive) return;
    throw new DiskError("EEXIST", path);
  }
  mayWrite();
  disk.makeDirs(path);
}

export function readdirSync(path: Path): string[] {
  return [...diskOf(path).dir(path).entries.keys()];
}

export function renameSync(from: Path, to: Path): void {
  mayWrite();
  const disk = diskOf(from);
  const source = disk.parent(from);
  const node = source.dir.entries.get(source.name);
  if (node === undefined) throw new DiskError("ENOENT", from);
  source.dir.entries.delete(source.name);
  const target = disk.parent(to);
  target.dir.entries.set(target.name, node);
  disk.changed(to);
}

export function unlinkSync(path: Path): void {
  const { dir, name } = diskOf(path).parent(path);
  if (!dir.entries.has(name)) throw new DiskError("ENOENT", path);
  mayWrite();
  dir.entries.delete(name);
}

export function rmdirSync(path: Path): void {
  const { dir, name } = diskOf(path).parent(path);
  const node = dir.entries.get(name);
  if (node === undefined) throw new DiskError("ENOENT", path);
  if (node.kind === "dir" && node.entries.size > 0) throw new DiskError("ENOTEMPTY", path);
  mayWrite();
  dir.entries.delete(name);
}

export function rmSync(path: Path, options: { force?: boolean } = {}): void {
  const disk = diskOf(path);
  if (disk.find(path) === null) {
    if (options.force) return;
    throw new DiskError("ENOENT", path);
  }
  mayWrite();
  const { dir, name } = disk.parent(path);
  dir.entries.delete(name);
}

export function realpathSync(path: Path): string {
  return path;
}

export function chmodSync(): void {}

export function chownSync(): void {}

export function fchownSync(): void {}

/** Tells of changes in a directory a moment later, as long as the watching process lives. */
export function watch(path: Path, _options: unknown, changed: () => void) {
  const disk = diskOf(path);
  if (disk.find(path) === null) throw new DiskError("ENOENT", path);
  const task: Task = taskNow();
  let planned = false;
  const told = () => {
    if (!task.alive || planned) return;
    planned = true;
    sim().after(1, task, () => {
      planned = false;
      if (disk.watchers.get(path)?.has(told)) changed();
    });
  };
  const all = disk.watchers.get(path) ?? new Set();
  disk.watchers.set(path, all.add(told));
  return { on: () => {}, close: () => void disk.watchers.get(path)?.delete(told) };
}
