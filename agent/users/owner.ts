// Gives whole trees of files to a user, or to a group to read. Links are never followed.
//
// 1. Only trees in which nobody else can write meanwhile: before a build begins, and after all of it was killed.
import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import type { User } from "./verdict.ts";

const AT_ONCE = 32;

/** All of it becomes the user's. */
export function giveTo(root: string, { uid, gid }: User): Promise<void> {
  return visit(Buffer.from(root), async (path) => {
    await lchown(path, uid, gid);
  });
}

/** All of it becomes root's, and readable by the group as its owner could read it; nothing is writable by others. */
export function openFor(root: string, gid: number, { deep = true } = {}): Promise<void> {
  return visit(
    Buffer.from(root),
    async (path) => {
      const stat = await lstat(path);
      // The bits of another user or group that whoever executes it becomes are gone with the owner, for good.
      await lchown(path, 0, gid);
      if (stat.isSymbolicLink()) return;
      const owner = stat.mode & 0o700;
      await chmod(path, owner | ((owner & 0o500) >> 3));
    },
    deep,
  );
}

async function visit(
  path: Buffer,
  act: (path: Buffer) => Promise<void>,
  deep = true,
): Promise<void> {
  const isDirectory = (await lstat(path)).isDirectory();
  if (deep && isDirectory) {
    const names = await readdir(path, { encoding: "buffer" });
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      await Promise.all(
        some.map((name) => visit(Buffer.concat([path, Buffer.from("/"), name]), act)),
      );
    }
  }
  await act(path);
}
