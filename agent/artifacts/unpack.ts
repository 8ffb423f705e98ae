// Unpacks an artifact into an empty directory, as if whoever packed it wished us ill.
//
// 1. Nothing is written but below that directory: names are relative, without `..`, and each lies in a directory that
//    the archive itself made before; nothing is written through a link, and nothing twice.
// 2. Only files, directories and links; a link leads nowhere that a built tree's may not.
// 3. Never more bytes or entries than were announced: a bomb ends where it begins to be one.
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fchmodSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from "modern-tar";
import { messageOf } from "../world.ts";
import { digestOf, type Entry, refuseLink } from "./tree.ts";

/** 8 MiB: what a decoder may set aside, whatever the archive says. */
const WINDOW_LOG = 23;
/** Of an entry beside its content: its header and padding, and what a long name takes. */
const ENTRY_BYTES = 16_384;
const TAR_END_BYTES = 65_536;
const NAME_BYTES = 4_096;
const PART_BYTES = 255;
const MOST_DEPTH = 128;

export class ArchiveError extends Error {}

export interface UnpackOptions {
  readonly file: string;
  /** Empty, and ours. */
  readonly dir: string;
  /** Where the tree will stand: an absolute link may lead there. */
  readonly home: string;
  readonly announced: { readonly treeBytes: number; readonly entries: number };
  readonly signal: AbortSignal;
}

export interface Unpacked {
  readonly digest: string;
  readonly entries: readonly Entry[];
}

/** Throws an ArchiveError where the archive is not one of ours; system errors (a full disk) as they are. */
export async function unpackTree(options: UnpackOptions): Promise<Unpacked> {
  const { file, announced } = options;
  const decoder = createTarDecoder({ strict: true });
  const unpacker = new Unpacker(options);
  const mostBytes = announced.treeBytes + announced.entries * ENTRY_BYTES + TAR_END_BYTES;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const reading = pipeline(
    createReadStream(file, { highWaterMark: 262_144 }),
    createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } }),
    atMost(mostBytes),
    Writable.fromWeb(decoder.writable),
    { signal },
  );
  const writing = takeAll(decoder.readable, unpacker);
  // Whichever fails first ends the other, and says why.
  let cause: unknown = null;
  const fail = (error: unknown) => {
    cause ??= error;
    stop.abort(error);
  };
  await Promise.all([reading.catch(fail), writing.catch(fail)]);
  options.signal.throwIfAborted();
  if (cause !== null) throw isOfSystem(cause) ? cause : new ArchiveError(String(messageOf(cause)));
  return unpacker.result();
}

async function takeAll(entries: ReadableStream<ParsedTarEntry>, unpacker: Unpacker): Promise<void> {
  const reader = entries.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await unpacker.take(value);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function atMost(mostBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(
        bytes > mostBytes ? new ArchiveError("it unpacks to more than was announced") : null,
        chunk,
      );
    },
  });
}

class Unpacker {
  readonly #options: UnpackOptions;
  readonly #seen = new Map<string, Entry["type"]>();
  readonly #entries: Entry[] = [];
  #bytes = 0;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  result(): Unpacked {
    return { digest: digestOf(this.#entries), entries: this.#entries };
  }

  async take({ header, body }: ParsedTarEntry): Promise<void> {
    const { announced, dir, home } = this.#options;
    const path = pathOf(header);
    const type = typeOf(header, path);
    if (this.#entries.length >= announced.entries)
      throw new ArchiveError("it has too many entries");
    if (this.#seen.has(path)) throw new ArchiveError(`\`${path}\` is in it twice`);
    const parent = dirname(path);
    if (parent !== "." && this.#seen.get(parent) !== "directory")
      throw new ArchiveError(`\`${path}\` lies in no directory of it`);
    this.#seen.set(path, type);
    const place = join(dir, path);
    const bare = latin1(path);
    switch (type) {
      case "directory":
        mkdirSync(place, { mode: 0o755 });
        this.#entries.push({ type, path: bare });
        break;
      case "link": {
        const target = targetOf(header, path);
        const refused = refuseLink(home, path, target);
        if (refused !== null) throw new ArchiveError(refused);
        symlinkSync(target, place);
        this.#entries.push({ type, path: bare, target: latin1(target) });
        break;
      }
      case "file": {
        const executable = ((header.mode ?? 0) & 0o111) !== 0;
        const { bytes, sha256 } = await this.#write(place, body, executable);
        this.#entries.push({ type, path: bare, executable, bytes, sha256 });
        return;
      }
    }
    await body.cancel();
  }

  async #write(
    place: string,
    body: ReadableStream<Uint8Array>,
    executable: boolean,
  ): Promise<{ bytes: number; sha256: string }> {
    const { announced } = this.#options;
    const mode = executable ? 0o755 : 0o644;
    const fd = openSync(place, "wx", mode);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += chunk.length;
        this.#bytes += chunk.length;
        if (this.#bytes > announced.treeBytes)
          throw new ArchiveError("it unpacks to more than was announced");
        hash.update(chunk);
        // A full disk may take less than it was given, before it says so.
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
      }
      // Whatever the umask is.
      fchmodSync(fd, mode);
    } finally {
      closeSync(fd);
    }
    return { bytes, sha256: hash.digest("hex") };
  }
}

const latin1 = (text: string) => Buffer.from(text).toString("latin1");

/** The entry's path below the tree's root, without a slash at its end. */
function pathOf({ name, type }: TarHeader): string {
  const path = type === "directory" ? name.replace(/\/$/, "") : name;
  const parts = path.split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (path === "" || path.includes("\0") || !isPlain)
    throw new ArchiveError(`the name ${JSON.stringify(name.slice(0, 200))} leads out of it`);
  const tooLong = parts.some((part) => Buffer.byteLength(part) > PART_BYTES);
  if (tooLong || Buffer.byteLength(path) > NAME_BYTES || parts.length > MOST_DEPTH)
    throw new ArchiveError(`the name ${JSON.stringify(name.slice(0, 200))} is too long`);
  return path;
}

function typeOf({ type }: TarHeader, path: string): Entry["type"] {
  switch (type) {
    case "directory":
    case "file":
      return type;
    case "symlink":
      return "link";
    default:
      throw new ArchiveError(`\`${path}\` is a ${type}, which no release has`);
  }
}

function targetOf({ linkname }: TarHeader, path: string): string {
  const target = linkname ?? "";
  if (target === "" || target.includes("\0") || Buffer.byteLength(target) > NAME_BYTES)
    throw new ArchiveError(`the link \`${path}\` has no valid target`);
  return target;
}
