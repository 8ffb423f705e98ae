// Packs a tree into one file: tar in zstd, entries in order, no times and no owners, so that the same tree gives the
// same bytes. Streamed: of a file of any size a few chunks are in memory.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { createTarPacker } from "modern-tar";
import type { Artifact } from "../../protocol/artifact.ts";
import { type Entry, readTree, type Tree, type TreeSink } from "./tree.ts";

const LEVEL = 3;
const MTIME = new Date(0);

export interface PackOptions {
  readonly dir: string;
  /** Where the packed bytes go. */
  readonly file: string;
  /** Text that a file contains where it names the directory that it was made in. */
  readonly selfName: string;
  readonly limits: {
    readonly mostBytes: number;
    readonly mostTreeBytes: number;
    readonly mostEntries: number;
  };
  readonly signal: AbortSignal;
}

export type Packed =
  | { readonly kind: "packed"; readonly tree: Sealed; readonly artifact: Artifact }
  /** A link or file that no release may have. */
  | { readonly kind: "refused"; readonly message: string }
  /** A name in it is not text, which an archive can't hold. */
  | { readonly kind: "unfit"; readonly tree: Sealed; readonly message: string }
  | { readonly kind: "too_large"; readonly message: string };

export type Sealed = Extract<Tree, { ok: true }>;

class TooLarge extends Error {}
class Unfit extends Error {}

export async function packTree(options: PackOptions): Promise<Packed> {
  const { dir, file, selfName, limits, signal } = options;
  const { readable, controller } = createTarPacker();
  const sink = new TarSink(controller, { selfName: Buffer.from(selfName), limits });
  const hash = createHash("sha256");
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(
        bytes > limits.mostBytes
          ? new TooLarge(`The packed release has more than ${mb(limits.mostBytes)}.`)
          : null,
        chunk,
      );
    },
  });
  const params = {
    [constants.ZSTD_c_compressionLevel]: LEVEL,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  const written = pipeline(
    Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0]),
    createZstdCompress({ params }),
    count,
    createWriteStream(file, { mode: 0o600 }),
    { signal },
  );
  try {
    const reading = readTree(dir, sink).then((tree) => {
      controller.finalize();
      return tree;
    });
    // Whichever fails first ends the other.
    reading.catch((error) => controller.error(error));
    const [tree] = await Promise.all([reading, written]);
    if (!tree.ok) return { kind: "refused", message: tree.message };
    const artifact = {
      ...{ digest: `sha256:${hash.digest("hex")}`, bytes },
      ...{ treeBytes: tree.bytes, entries: tree.entries.length },
      root: sink.namesItself ? dir : null,
    };
    return { kind: "packed", tree, artifact };
  } catch (error) {
    await written.catch(() => {});
    if (error instanceof TooLarge) return { kind: "too_large", message: error.message };
    if (!(error instanceof Unfit)) throw error;
    const tree = await readTree(dir);
    if (!tree.ok) return { kind: "refused", message: tree.message };
    return { kind: "unfit", tree, message: error.message };
  }
}

export function mb(bytes: number): string {
  return bytes < 10_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

type Controller = ReturnType<typeof createTarPacker>["controller"];

/** The entries of a tree as those of an archive. */
class TarSink implements TreeSink {
  readonly #controller: Controller;
  readonly #limits: PackOptions["limits"];
  readonly #search: Search;
  #entries = 0;
  #bytes = 0;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;

  constructor(
    controller: Controller,
    { selfName, limits }: { selfName: Buffer; limits: PackOptions["limits"] },
  ) {
    this.#controller = controller;
    this.#limits = limits;
    this.#search = new Search(selfName);
  }

  get namesItself(): boolean {
    return this.#search.found;
  }

  async begin(entry: Parameters<TreeSink["begin"]>[0]): Promise<void> {
    const { mostEntries, mostTreeBytes } = this.#limits;
    this.#entries++;
    this.#bytes += entry.type === "file" ? entry.bytes : 0;
    if (this.#entries > mostEntries)
      throw new TooLarge(`The release has more than ${mostEntries} files.`);
    if (this.#bytes > mostTreeBytes)
      throw new TooLarge(`The release has more than ${mb(mostTreeBytes)}.`);
    this.#search.begin();
    if (entry.type === "link") this.#search.look(Buffer.from(entry.target, "latin1"));
    this.#writer = this.#controller.add(headerOf(entry)).getWriter();
  }

  async write(chunk: Buffer): Promise<void> {
    this.#search.look(chunk);
    await this.#writer?.write(chunk);
  }

  async end(): Promise<void> {
    await this.#writer?.close();
    this.#writer = null;
  }
}

function headerOf(entry: Parameters<TreeSink["begin"]>[0]) {
  const name = textOf(entry.path);
  const plain = { mtime: MTIME, uid: 0, gid: 0, size: 0 };
  switch (entry.type) {
    case "directory":
      return { ...plain, name: `${name}/`, type: "directory", mode: 0o755 } as const;
    case "link": {
      const linkname = textOf(entry.target);
      return { ...plain, name, type: "symlink", mode: 0o777, linkname } as const;
    }
    case "file": {
      const mode = entry.executable ? 0o755 : 0o644;
      return { ...plain, name, type: "file", mode, size: entry.bytes } as const;
    }
  }
}

/** The text of a name whose bytes are its characters. */
function textOf(name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(name, "latin1"),
    );
  } catch {
    throw new Unfit(`The name \`${Buffer.from(name, "latin1").toString()}\` is not UTF-8`);
  }
}

/** Looks for some bytes in a stream of chunks. */
class Search {
  readonly #wanted: Buffer;
  #tail: Buffer = Buffer.alloc(0);
  found = false;

  constructor(wanted: Buffer) {
    this.#wanted = wanted;
  }

  begin(): void {
    this.#tail = Buffer.alloc(0);
  }

  look(chunk: Buffer): void {
    if (this.found) return;
    const overlap = this.#wanted.length - 1;
    const border = Buffer.concat([this.#tail, chunk.subarray(0, overlap)]);
    this.found = chunk.includes(this.#wanted) || border.includes(this.#wanted);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-overlap)]).subarray(-overlap);
  }
}

export type { Entry };
