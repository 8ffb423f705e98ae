// Packing and unpacking: the same tree gives the same bytes and comes back as it was; an archive that wishes us ill
// writes nothing outside, and ends with a sentence.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { packTar, type TarHeader } from "modern-tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packTree } from "../../agent/artifacts/pack.ts";
import { checkSeal, seal } from "../../agent/artifacts/seal.ts";
import { readTree } from "../../agent/artifacts/tree.ts";
import { unpackTree } from "../../agent/artifacts/unpack.ts";

const LIMITS = { mostBytes: 50_000_000, mostTreeBytes: 100_000_000, mostEntries: 10_000 };
const signal = new AbortController().signal;

let dir: string;
let tree: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "coppice-archive-"));
  tree = join(dir, "key/tree");
  mkdirSync(tree, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const pack = (name = "a.zst", limits = LIMITS) =>
  packTree({ dir: tree, file: join(dir, name), selfName: "/key/tree", limits, signal });

async function packed(name?: string) {
  const made = await pack(name);
  if (made.kind !== "packed") throw new Error(`${made.kind}: ${made.message}`);
  return made;
}

async function unpack(file: string, announced = { treeBytes: 1_000_000, entries: 1_000 }) {
  const out = join(dir, "out/tree");
  mkdirSync(out, { recursive: true });
  return unpackTree({ file, dir: out, home: out, announced, signal });
}

describe("a tree that is packed", () => {
  beforeEach(() => {
    mkdirSync(join(tree, "sub/deep"), { recursive: true });
    mkdirSync(join(tree, "empty"));
    writeFileSync(join(tree, "a.txt"), "hello");
    writeFileSync(join(tree, "none"), "");
    writeFileSync(join(tree, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(tree, "sub/deep/ü — name with spaces"), "x".repeat(300_000));
    writeFileSync(join(tree, `sub/${"long".repeat(60)}`), "long");
    symlinkSync("../a.txt", join(tree, "sub/link"));
    symlinkSync("/usr/bin/env", join(tree, "env"));
    linkSync(join(tree, "a.txt"), join(tree, "hard"));
  });

  test("gives the same bytes whenever and in whatever order it was made", async () => {
    const first = await packed("1.zst");
    for (const name of ["a.txt", "sub"]) utimesSync(join(tree, name), 1, 1);
    chmodSync(join(tree, "a.txt"), 0o600);
    rmSync(join(tree, "none"));
    writeFileSync(join(tree, "none"), "");
    const second = await packed("2.zst");
    expect(second.artifact).toEqual(first.artifact);
    expect(readFileSync(join(dir, "2.zst"))).toEqual(readFileSync(join(dir, "1.zst")));
    writeFileSync(join(tree, "a.txt"), "hellO");
    expect((await packed("3.zst")).artifact.digest).not.toBe(first.artifact.digest);
  });

  test("comes back with executable bits, links and empty directories, under the same digest", async () => {
    const { artifact, tree: before } = await packed();
    const after = await unpack(join(dir, "a.zst"), artifact);
    expect(after.digest).toBe(before.digest);
    const out = join(dir, "out/tree");
    expect((await readTree(out)).ok && (await readTree(out))).toMatchObject({
      digest: before.digest,
    });
    expect(lstatSync(join(out, "run.sh")).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(out, "a.txt")).mode & 0o777).toBe(0o644);
    expect(readlinkSync(join(out, "sub/link"))).toBe("../a.txt");
    expect(readdirSync(join(out, "empty"))).toEqual([]);
    expect(readFileSync(join(out, "hard"), "utf8")).toBe("hello");
  });

  test("tells where it names the directory that it was built in, also over a border of reading", async () => {
    expect((await packed()).artifact.root).toBeNull();
    writeFileSync(join(tree, "script"), `${"x".repeat(262_140)}#!${tree}/bin/python`);
    expect((await packed()).artifact.root).toBe(tree);
    rmSync(join(tree, "script"));
    symlinkSync(join(tree, "a.txt"), join(tree, "absolute"));
    expect((await packed()).artifact.root).toBe(tree);
  });

  test("is refused where it is too large, has too many files, or a link out of it", async () => {
    expect(await pack("a", { ...LIMITS, mostTreeBytes: 1_000 })).toMatchObject({
      kind: "too_large",
    });
    expect(await pack("a", { ...LIMITS, mostEntries: 3 })).toMatchObject({ kind: "too_large" });
    expect(await pack("a", { ...LIMITS, mostBytes: 10 })).toMatchObject({ kind: "too_large" });
    symlinkSync("../../../etc/shadow", join(tree, "leak"));
    expect(await pack()).toMatchObject({
      kind: "refused",
      message: expect.stringMatching(/`leak` leads out/),
    });
  });

  test("with a name that is no text is unfit, and known by its digest all the same", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), "x");
    const made = await pack();
    expect(made).toMatchObject({
      kind: "unfit",
      tree: { digest: expect.stringMatching(/^sha256:/) },
    });
  });
});

interface Bad {
  readonly what: string;
  readonly entries: readonly { header: Partial<TarHeader> & { name: string }; body?: string }[];
  readonly says: RegExp;
}

const file = (name: string, body = "x", more: Partial<TarHeader> = {}) => ({
  header: { name, size: body.length, type: "file" as const, ...more },
  body,
});
const link = (name: string, linkname: string) => ({
  header: { name, size: 0, type: "symlink" as const, linkname },
});
const folder = (name: string) => ({ header: { name, size: 0, type: "directory" as const } });
const odd = (type: NonNullable<TarHeader["type"]>) => ({
  header: { name: "odd", size: 0, type, linkname: "a" },
});

const BAD: readonly Bad[] = [
  { what: "a path that climbs out", entries: [file("../evil")], says: /leads out/ },
  {
    what: "a path that climbs out midway",
    entries: [folder("a/"), file("a/../../evil")],
    says: /leads out/,
  },
  { what: "an absolute path", entries: [file("/tmp/coppice-evil")], says: /leads out/ },
  { what: "a path with an empty part", entries: [folder("a/"), file("a//b")], says: /leads out/ },
  { what: "the root itself", entries: [folder("./")], says: /leads out/ },
  {
    what: "a long path by a PAX header that climbs out",
    entries: [file("fine", "x", { pax: { path: "../evil" } })],
    says: /leads out/,
  },
  { what: "a link that leads out", entries: [link("l", "../../evil")], says: /leads out/ },
  { what: "an absolute link to a secret", entries: [link("l", "/etc/shadow")], says: /leads out/ },
  {
    what: "an absolute link that climbs from allowed ground",
    entries: [link("l", "/usr/../etc/shadow")],
    says: /leads out/,
  },
  {
    what: "a file written through a link",
    entries: [link("l", "/usr/lib"), file("l/evil")],
    says: /lies in no directory/,
  },
  {
    what: "a file written through a link inside",
    entries: [folder("d/"), link("l", "d"), file("l/evil")],
    says: /lies in no directory/,
  },
  {
    what: "a file in place of a link",
    entries: [link("l", "/usr/bin/env"), file("l")],
    says: /twice/,
  },
  {
    what: "a directory in place of a link",
    entries: [link("l", "/usr/lib"), folder("l/"), file("l/x")],
    says: /twice/,
  },
  { what: "a file below a file", entries: [file("a"), file("a/b")], says: /lies in no directory/ },
  {
    what: "a hard link",
    entries: [file("a"), odd("link")],
    says: /is a link, which no release has/,
  },
  { what: "a character device", entries: [odd("character-device")], says: /character-device/ },
  { what: "a block device", entries: [odd("block-device")], says: /block-device/ },
  { what: "a fifo", entries: [odd("fifo")], says: /fifo/ },
  { what: "a link without a target", entries: [link("l", "")], says: /no valid target/ },
  {
    what: "a path that is very deep",
    entries: [file(`${"a/".repeat(200)}b`)],
    says: /too long|no directory/,
  },
  {
    what: "more entries than were announced",
    entries: Array.from({ length: 1_001 }, (_, i) => file(`f${i}`, "")),
    says: /too many entries/,
  },
  {
    what: "more bytes than were announced",
    entries: [file("big", "x".repeat(1_000_001))],
    says: /more than was announced/,
  },
];

describe("an archive that wishes us ill", () => {
  test.each(BAD)("$what is refused", async ({ entries, says }) => {
    const bytes = await packTar(entries as Parameters<typeof packTar>[0]);
    const path = join(dir, "bad.zst");
    writeFileSync(path, zstdCompressSync(bytes));
    await expect(unpack(path)).rejects.toThrow(says);
    expect(readdirSync(dir).sort()).toEqual(["bad.zst", "key", "out"]);
    expect(readdirSync(join(dir, "out"))).toEqual(["tree"]);
    expect(existsSync("/tmp/coppice-evil")).toBe(false);
  });

  test("a bomb ends where it begins to be one, however small it came", async () => {
    const path = join(dir, "bomb.zst");
    writeFileSync(path, zstdCompressSync(Buffer.alloc(400_000_000)));
    expect(lstatSync(path).size).toBeLessThan(100_000);
    await expect(unpack(path)).rejects.toThrow(/more than was announced|Invalid|EOF/);
    const many = await packTar([file("zeros", "\0".repeat(30_000_000))]);
    writeFileSync(path, zstdCompressSync(many));
    await expect(unpack(path)).rejects.toThrow(/more than was announced/);
    const written = existsSync(join(dir, "out/tree/zeros"))
      ? lstatSync(join(dir, "out/tree/zeros")).size
      : 0;
    expect(written).toBeLessThanOrEqual(1_000_000);
  });

  test("what is cut, garbled or no archive at all is refused, and nothing hangs", async () => {
    const good = await packTar([folder("d/"), file("d/a", "y".repeat(200_000))]);
    const packedBytes = zstdCompressSync(good);
    const path = join(dir, "cut.zst");
    for (const bytes of [
      packedBytes.subarray(0, packedBytes.length - 7),
      Buffer.from("this is no archive"),
      zstdCompressSync(good.subarray(0, 100_000)),
      zstdCompressSync(Buffer.from(good).fill(7, 0, 300)),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, bytes);
      rmSync(join(dir, "out"), { recursive: true, force: true });
      await expect(unpack(path)).rejects.toThrow();
    }
  });
});

describe("a tree on the disk", () => {
  async function sealed() {
    mkdirSync(join(tree, "d"));
    writeFileSync(join(tree, "d/a"), "content");
    writeFileSync(join(tree, "b"), "b", { mode: 0o755 });
    symlinkSync("b", join(tree, "l"));
    const read = await readTree(tree);
    if (!read.ok) throw new Error(read.message);
    const place = { file: join(dir, "seal.json"), bootId: "boot" };
    await seal(tree, { ...place, entries: read.entries });
    return (bootId = "boot") => checkSeal(tree, { ...place, bootId, digest: read.digest });
  }

  test("is whole as long as nothing that was in it differs; what a program adds is no damage", async () => {
    const check = await sealed();
    expect(await check()).toEqual({ kind: "whole" });
    writeFileSync(join(tree, "d/cache"), "added");
    utimesSync(join(tree, "d/a"), 5, 5);
    expect(await check()).toEqual({ kind: "whole" });
    expect(await check("another boot")).toEqual({ kind: "whole" });
  });

  test.each([
    ["a changed byte", "d/a", () => writeFileSync(join(tree, "d/a"), "contenT")],
    ["a shorter file", "d/a", () => writeFileSync(join(tree, "d/a"), "")],
    ["a lost file", "b", () => rmSync(join(tree, "b"))],
    ["a lost executable bit", "b", () => chmodSync(join(tree, "b"), 0o644)],
    [
      "another link",
      "l",
      () => {
        rmSync(join(tree, "l"));
        symlinkSync("d", join(tree, "l"));
      },
    ],
  ])("with %s is damaged, and says where", async (_what, path, damage) => {
    const check = await sealed();
    damage();
    expect(await check()).toEqual({ kind: "damaged", path });
  });

  test("whose seal was lost or altered is damaged", async () => {
    const check = await sealed();
    const path = join(dir, "seal.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"bytes":7', '"bytes":8'));
    expect(await check()).toEqual({ kind: "damaged", path: null });
    rmSync(path);
    expect(await check()).toEqual({ kind: "damaged", path: null });
  });
});
