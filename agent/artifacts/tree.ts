// The digest of a built tree: the same files give the same digest on every host, in whatever order they were made.
//
// 1. Entries in byte order of their paths: type, executable bit, content or link target; times and owners don't count.
//    Names are bytes: they need not be text.
// 2. A link that leads out of the release is refused, but for those to the host's own software.
import { createHash } from "node:crypto";
import { type FileHandle, lstat, open, readdir, readlink } from "node:fs/promises";
import { dirname, posix, relative } from "node:path";

const CHUNK_BYTES = 262_144;
const GIT = Buffer.from(".git");
/** A virtual environment links its interpreter: host software, no more reachable by that than without. */
const HOST_SOFTWARE = ["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/"];

export type TreeDigest =
  | { readonly ok: true; readonly digest: string; readonly entries: number; readonly bytes: number }
  | { readonly ok: false; readonly message: string };

export async function digestTree(root: string): Promise<TreeDigest> {
  const hash = createHash("sha256");
  const paths = (await walk(Buffer.from(root), NOWHERE)).sort(Buffer.compare);
  let total = 0;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const path of paths) {
    const absolute = below(Buffer.from(root), path);
    const stat = await lstat(absolute);
    if (stat.isSymbolicLink()) {
      const target = await readlink(absolute, "buffer");
      const refused = refuseLink(root, path.toString(), target.toString());
      if (refused !== null) return { ok: false, message: refused };
      hash.update("l ").update(path).update("\0").update(target).update("\0");
    } else if (stat.isDirectory()) {
      hash.update("d ").update(path).update("\0");
    } else if (stat.isFile()) {
      hash.update(`f ${(stat.mode & 0o111) !== 0 ? "x" : "-"} `).update(path);
      hash.update(`\0${stat.size}\0`);
      total += await hashFile(absolute, { hash, chunk });
    } else {
      return { ok: false, message: `\`${path}\` is neither a file, a directory nor a link.` };
    }
  }
  const digest = `sha256:${hash.digest("hex")}`;
  return { ok: true, digest, entries: paths.length, bytes: total };
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
    if (entry.isDirectory()) paths.push(...(await walk(root, path)));
  }
  return paths;
}

async function hashFile(
  path: Buffer,
  sink: { hash: ReturnType<typeof createHash>; chunk: Buffer },
): Promise<number> {
  const file: FileHandle = await open(path, "r");
  let total = 0;
  try {
    for (;;) {
      const { bytesRead } = await file.read(sink.chunk, 0, sink.chunk.length, null);
      if (bytesRead === 0) return total;
      sink.hash.update(sink.chunk.subarray(0, bytesRead));
      total += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function refuseLink(root: string, path: string, target: string): string | null {
  if (target.startsWith("/")) {
    const inside = !leavesDir(relative(root, posix.normalize(target)));
    if (inside || HOST_SOFTWARE.some((prefix) => posix.normalize(target).startsWith(prefix)))
      return null;
  } else if (!leavesDir(posix.normalize(posix.join(dirname(path), target)))) {
    return null;
  }
  return `The link \`${path}\` leads out of the release, to \`${target}\`: make it point inside, or leave it out.`;
}
