// Gives whole trees of files to a user, or to a group to read. Links are never followed.
//
// 1. Only trees in which nobody else can write meanwhile: before a build begins, and after all of it was killed.
// 2. A file with more names than one becomes a file of its own first: the other names stay as they are, in a cache that
//    the tree was linked from or in a release that was linked from the cache.
import { constants, type Stats } from "node:fs";
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  utimes,
} from "node:fs/promises";
import type { User } from "./verdict.ts";

const AT_ONCE = 32;

/** All of it becomes the user's. */
export function giveTo(root: string, { uid, gid }: User): Promise<void> {
  return parting(root, (part) =>
    visit(Buffer.from(root), async (path, stat) => {
      await part(path, stat);
      await lchown(path, uid, gid);
    }),
  );
}

export interface OpenOptions {
  /** False: the directory itself alone. */
  readonly deep?: boolean;
  /** Whose all of it is so far; whatever is not is left alone. */
  readonly from?: User;
}

/**
 * All of it becomes root's, and readable by the group as its owner could read it; nothing is writable by others.
 * Gives the path of something that is not `from`'s, which no build could make but only link; null where there is none.
 */
export async function openFor(
  root: string,
  gid: number,
  { deep = true, from }: OpenOptions = {},
): Promise<string | null> {
  let foreign: string | null = null;
  const open = (part: Act) => async (path: Buffer, stat: Stats) => {
    if (from !== undefined && stat.uid !== from.uid) {
      foreign ??= path.toString();
      return;
    }
    await part(path, stat);
    // The bits of another user or group that whoever executes it becomes are gone with the owner, for good.
    await lchown(path, 0, gid);
    if (stat.isSymbolicLink()) return;
    const owner = stat.mode & 0o700;
    await chmod(path, owner | ((owner & 0o500) >> 3));
  };
  await parting(root, (part) => visit(Buffer.from(root), open(part), deep));
  return foreign;
}

/**
 * Opens a release's directory, with the tree in it, to the group; once. What is sealed is opened before: it changes the
 * times by which a file is known to be as it was.
 */
export async function openRelease(dir: string, gid: number): Promise<void> {
  const stat = await lstat(dir);
  // The outermost directory is done last: as it is, so is all that is in it.
  if (stat.gid === gid && (stat.mode & 0o777) === 0o750) return;
  await openFor(`${dir}/tree`, gid);
  await openFor(dir, gid, { deep: false });
}

type Act = (path: Buffer, stat: Stats) => Promise<void>;

/** Lets `work` put a copy of a file with several names in this one's place; does nothing to all else. */
async function parting(root: string, work: (part: Act) => Promise<void>): Promise<void> {
  // Nobody else gets in: until its bits are gone a copy may be one that makes root of whoever executes it.
  const dir = `${root}.copies`;
  let copies = 0;
  const part: Act = async (path, stat) => {
    if (!stat.isFile() || stat.nlink < 2) return;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const copy = `${dir}/${++copies}`;
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, stat.mode & 0o777);
    await utimes(copy, stat.atime, stat.mtime);
    await rename(copy, path);
  };
  try {
    await work(part);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function visit(path: Buffer, act: Act, deep = true): Promise<void> {
  const stat = await lstat(path);
  if (deep && stat.isDirectory()) {
    const names = await readdir(path, { encoding: "buffer" });
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      await Promise.all(
        some.map((name) => visit(Buffer.concat([path, Buffer.from("/"), name]), act)),
      );
    }
  }
  await act(path, stat);
}
