// What a built tree consists of, and its digest: the same files give the same digest on every host, in whatever order
// they were made.
//
// 1. Entries in byte order of their paths: type, executable bit, content or link target; times and owners don't count.
//    Names are bytes: they need not be text.
// 2. A link that leads out of the release is refused, but for those to the host's own software.
import { createHash } from "node:crypto";
import { closeSync, constants, lstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, posix, relative } from "node:path";
import { setImmediate } from "node:timers/promises";

/** Read at once: small enough that nothing else waits for it, and then others have their turn. */
const CHUNK_BYTES = 262_144;
const BATCH = 50;
const GIT = Buffer.from(".git");
/** A virtual environment links its interpreter: host software, no more reachable by that than without. */
const HOST_SOFTWARE = ["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/"];

/** `path` and `target` hold one byte in each character (latin1). */
export type Entry =
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "link"; readonly path: string; readonly target: string }
  | {
      readonly type: "file";
      readonly path: string;
      readonly executable: boolean;
      readonly bytes: number;
      /** sha256 of its content, hex. */
      readonly sha256: string;
    };

export type Tree =
  | {
      readonly ok: true;
      readonly digest: string;
      readonly entries: readonly Entry[];
      readonly bytes: number;
    }
  | { readonly ok: false; readonly message: string };

/** Told of each entry in order, and of a file's content in between. */
export interface TreeSink {
  begin(entry: Omit<Extract<Entry, { type: "file" }>, "sha256"> | Entry): Promise<void>;
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

/** Reads all of a tree. What `sink` throws ends it. */
export async function readTree(root: string, sink?: TreeSink): Promise<Tree> {
  const paths = (await walk(Buffer.from(root), NOWHERE)).sort(Buffer.compare);
  const entries: Entry[] = [];
  let total = 0;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const [at, name] of paths.entries()) {
    if (at % BATCH === 0) await setImmediate();
    const absolute = below(Buffer.from(root), name);
    const path = name.toString("latin1");
    const stat = lstatSync(absolute);
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(absolute, "buffer");
      const refused = refuseLink(root, name.toString(), target.toString());
      if (refused !== null) return { ok: false, message: refused };
      const entry: Entry = { type: "link", path, target: target.toString("latin1") };
      await sink?.begin(entry);
      await sink?.end();
      entries.push(entry);
    } else if (stat.isDirectory()) {
      const entry: Entry = { type: "directory", path };
      await sink?.begin(entry);
      await sink?.end();
      entries.push(entry);
    } else if (stat.isFile()) {
      const executable = (stat.mode & 0o111) !== 0;
      const file = { type: "file", path, executable, bytes: stat.size } as const;
      await sink?.begin(file);
      entries.push({ ...file, sha256: await readFile(absolute, { chunk, sink, file }) });
      await sink?.end();
      total += file.bytes;
    } else {
      return { ok: false, message: `\`${name}\` is neither a file, a directory nor a link.` };
    }
  }
  return { ok: true, digest: digestOf(entries), entries, bytes: total };
}

export function digestOf(entries: readonly Entry[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(lineOf(entry), "latin1");
  return `sha256:${hash.digest("hex")}`;
}

function lineOf(entry: Entry): string {
  switch (entry.type) {
    case "directory":
      return `d ${entry.path}\0`;
    case "link":
      return `l ${entry.path}\0${entry.target}\0`;
    case "file":
      return `f ${entry.executable ? "x" : "-"} ${entry.bytes} ${entry.sha256} ${entry.path}\0`;
  }
}

const NOWHERE = Buffer.alloc(0);

function below(dir: Buffer, name: Buffer): Buffer {
  return dir.length === 0 ? name : Buffer.concat([dir, Buffer.from("/"), name]);
}

/** Whether a relative path, made normal, leaves the directory that it is relative to. */
export function leavesDir(path: string): boolean {
  return path === ".." || path.startsWith("../");
}

async function walk(root: Buffer, dir: Buffer): Promise<Buffer[]> {
  const here = dir.length === 0 ? root : below(root, dir);
  const entries = await readdir(here, { encoding: "buffer", withFileTypes: true });
  const paths: Buffer[] = [];
  for (const entry of entries) {
    if (dir.length === 0 && entry.name.equals(GIT)) continue;
    const path = below(dir, entry.name);
    paths.push(path);
    if (entry.isDirectory()) for (const one of await walk(root, path)) paths.push(one);
  }
  return paths;
}

interface Reading {
  readonly chunk: Buffer;
  readonly sink: TreeSink | undefined;
  readonly file: { readonly path: string; readonly bytes: number };
}

async function readFile(path: Buffer, { chunk, sink, file }: Reading): Promise<string> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const hash = createHash("sha256");
  let total = 0;
  try {
    for (;;) {
      const bytesRead = readSync(fd, chunk, 0, chunk.length, null);
      if (bytesRead === 0) break;
      total += bytesRead;
      const piece = chunk.subarray(0, bytesRead);
      hash.update(piece);
      // Whoever gets it may keep it.
      await sink?.write(Buffer.from(piece));
      if (bytesRead === chunk.length) await setImmediate();
    }
  } finally {
    closeSync(fd);
  }
  if (total !== file.bytes)
    throw new Error(
      `\`${file.path}\` changed while it was read: does something still write to it?`,
    );
  return hash.digest("hex");
}

/** Why a link may not be in the tree at `root`; null where it may. */
export function refuseLink(root: string, path: string, target: string): string | null {
  if (target.startsWith("/")) {
    const inside = !leavesDir(relative(root, posix.normalize(target)));
    if (inside || HOST_SOFTWARE.some((prefix) => posix.normalize(target).startsWith(prefix)))
      return null;
  } else if (!leavesDir(posix.normalize(posix.join(dirname(path), target)))) {
    return null;
  }
  return `The link \`${path}\` leads out of the release, to \`${target}\`: make it point inside, or leave it out.`;
}
