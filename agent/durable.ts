// Files that survive a kill at any moment: whole-file replacement, and append-only NDJSON.
//
// 1. A replaced file is either the old or the new one, never a mixture.
// 2. A torn last line of a journal is as if it had never been written.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./world.ts";

/** Replaces `path` atomically; the content is on disk before the name points to it. */
export function replaceFile(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, "w", mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  const dir = openSync(dirname(path), "r");
  try {
    fsyncSync(dir);
  } finally {
    closeSync(dir);
  }
}

/** The file's text, or null where there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The whole lines of an NDJSON file, parsed; a torn or broken line is left out. */
export function readLines(path: string): unknown[] {
  const text = readIfThere(path);
  if (text === null) return [];
  const lines = text.split("\n");
  lines.pop();
  const values: unknown[] = [];
  for (const line of lines) {
    try {
      values.push(JSON.parse(line));
    } catch {}
  }
  return values;
}

/**
 * An append-only NDJSON file. `rewrite` replaces it by fewer lines that mean the same.
 * Not synced: it has to survive a killed agent, and whoever reads it heals what a power cut takes.
 */
export class AppendFile {
  readonly #path: string;
  #fd: number | null = null;
  #lines = 0;
  /** The file does not end with a newline: a kill or a full disk cut the last append. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  get lines(): number {
    return this.#lines;
  }

  append(value: unknown): void {
    this.#fd ??= this.#open();
    const bytes = Buffer.from(`${this.#torn ? "\n" : ""}${JSON.stringify(value)}\n`);
    this.#torn = true;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#torn = false;
    this.#lines += 1;
  }

  rewrite(values: readonly unknown[]): void {
    this.close();
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    replaceFile(this.#path, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    this.#lines = values.length;
    this.#torn = false;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const fd = openSync(this.#path, "a+", 0o600);
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(fd, last, 0, 1, size - 1);
    this.#torn = size > 0 && last.toString() !== "\n";
    return fd;
  }
}
