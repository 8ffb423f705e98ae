// Moves artifacts between this host and the store, through the control plane: up in parts that need not be sent twice,
// down from where a download was cut.
//
// 1. A try that brought something does not count against the limit: only standing still does.
// 2. A download is used after its size and digest were checked; what differs is thrown away.
import { createWriteStream } from "node:fs";
import { rm, stat, truncate } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type Artifact, partCount, partRange, UploadView } from "../../protocol/artifact.ts";
import { Problem } from "../../protocol/problems.ts";
import { type Answer, type Ask, type AskOptions, codeOf, messageOf } from "../world.ts";
import { sha256Of } from "./seal.ts";

const PAUSE_FIRST_MS = 500;
const PAUSE_CAP_MS = 15_000;
const ANSWER_BYTES = 65_536;
/** Reading back a large upload takes the store a while. */
const COMPLETE_IDLE_MS = 180_000;

export interface Line {
  readonly ask: Ask;
  /** The control plane's. */
  readonly url: string;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly pause: (ms: number) => Promise<void>;
  readonly tries: number;
}

export type Progress = (bytes: number) => void;

/** Why it did not work, for people. */
class Trouble extends Error {
  /** `spoiled`: all of it arrived and was not what it should be; however far it came, that counts as standing still. */
  readonly kind: "again" | "spoiled" | "never";
  constructor(message: string, kind: "again" | "spoiled" | "never") {
    super(message);
    this.kind = kind;
  }
}

function address({ url }: Line, { digest }: Pick<Artifact, "digest">, rest = ""): string {
  return `${url}/v1/agent/artifacts/${digest.replace("sha256:", "")}${rest}`;
}

async function send(
  line: Line,
  options: Omit<AskOptions, "headers" | "signal"> & { headers?: Record<string, string> },
): Promise<Answer> {
  const headers = { ...line.headers(), ...options.headers };
  try {
    return await line.ask({ ...options, headers, signal: line.signal });
  } catch (error) {
    line.signal.throwIfAborted();
    if (codeOf(error) === "ENOENT") throw error;
    throw new Trouble(`The control plane can't be reached: ${messageOf(error)}`, "again");
  }
}

/** The text of a short answer. */
async function textOf(answer: Answer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES) break;
      chunks.push(chunk);
    }
  } catch {}
  return Buffer.concat(chunks).toString();
}

/** What an answer that is no success comes to. */
async function troubleOf(answer: Answer): Promise<Trouble> {
  const { status } = answer;
  const problem = Problem.safeParse(jsonOf(await textOf(answer)));
  const said = problem.success ? problem.data.detail : `the control plane answered ${status}`;
  // What is wrong with the request itself stays wrong.
  const again = status >= 500 || [401, 408, 409, 429].includes(status);
  return new Trouble(said, status === 422 ? "spoiled" : again ? "again" : "never");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tries until it works, stands still too often, or can't work. `advanced` says whether a try brought something. */
async function persist<T>(line: Line, work: (advanced: () => void) => Promise<T>): Promise<T> {
  let spoiled = 0;
  for (let still = 1; ; still++) {
    try {
      return await work(() => {
        still = 0;
      });
    } catch (error) {
      line.signal.throwIfAborted();
      if (!(error instanceof Trouble) || error.kind === "never") throw error;
      spoiled += error.kind === "spoiled" ? 1 : 0;
      if (still >= line.tries || spoiled >= line.tries) throw error;
      await line.pause(Math.min(PAUSE_CAP_MS, PAUSE_FIRST_MS * 2 ** still));
      line.signal.throwIfAborted();
    }
  }
}

/** Whether it is stored already. */
export function isStored(line: Line, artifact: Artifact): Promise<boolean> {
  return persist(line, async () => {
    const answer = await send(line, { method: "HEAD", url: address(line, artifact) });
    await textOf(answer);
    if (answer.status === 200) return true;
    if (answer.status === 404) return false;
    throw await troubleOf(answer);
  });
}

export interface UploadOptions {
  readonly artifact: Artifact;
  readonly file: string;
  readonly multipartBytes: number;
  /** Bytes that are stored or on their way, of all. */
  readonly onProgress: Progress;
}

/** Throws where it did not get through. Stored by then, and verified. */
export async function upload(line: Line, options: UploadOptions): Promise<void> {
  const { artifact, multipartBytes } = options;
  await persist(line, (advanced) =>
    artifact.bytes <= multipartBytes
      ? uploadWhole(line, options)
      : uploadParts(line, options, advanced),
  );
}

async function uploadWhole(line: Line, options: UploadOptions): Promise<void> {
  const { artifact, file, onProgress } = options;
  let sent = 0;
  const onSent = (bytes: number) => {
    sent += bytes;
    onProgress(sent);
  };
  const body = { kind: "file", path: file, start: 0, bytes: artifact.bytes, onSent } as const;
  const answer = await send(line, { method: "PUT", url: address(line, artifact), body });
  if (answer.status >= 300) throw await troubleOf(answer);
  await textOf(answer);
}

async function uploadParts(
  line: Line,
  { artifact, file, onProgress }: UploadOptions,
  advanced: () => void,
): Promise<void> {
  const { bytes } = artifact;
  const begun = await send(line, {
    method: "POST",
    url: address(line, artifact, "/upload"),
    body: { kind: "json", text: JSON.stringify({ bytes }) },
  });
  if (begun.status !== 200) throw await troubleOf(begun);
  const view = UploadView.safeParse(jsonOf(await textOf(begun)));
  if (!view.success) throw new Trouble("The control plane's answer was not understood.", "again");
  const { partBytes, stored } = view.data;
  if (stored) return;
  const there = new Set(view.data.parts);
  const missing = Array.from({ length: partCount(bytes, partBytes) }, (_, at) => at + 1).filter(
    (part) => !there.has(part),
  );
  let done =
    bytes - missing.reduce((sum, part) => sum + partRange(part, { bytes, partBytes }).bytes, 0);
  onProgress(done);
  for (const part of missing) {
    const range = partRange(part, { bytes, partBytes });
    let sent = 0;
    const onSent = (more: number) => {
      sent += more;
      onProgress(done + sent);
    };
    const answer = await send(line, {
      method: "PUT",
      url: address(line, artifact, `/upload/${part}`),
      body: { kind: "file", path: file, ...range, onSent },
    });
    if (answer.status >= 300) throw await troubleOf(answer);
    await textOf(answer);
    done += range.bytes;
    advanced();
  }
  const completed = await send(line, {
    method: "POST",
    url: address(line, artifact, "/upload/complete"),
    idleMs: COMPLETE_IDLE_MS,
  });
  if (completed.status >= 300) throw await troubleOf(completed);
  await textOf(completed);
}

export interface DownloadOptions {
  readonly artifact: Artifact;
  /** Goes on with what is there. */
  readonly file: string;
  readonly onProgress: Progress;
}

/** False where the store does not have it. Throws where it did not come. Whole and verified by then. */
export function download(line: Line, options: DownloadOptions): Promise<boolean> {
  const { artifact, file } = options;
  return persist(line, async (advanced) => {
    if (!(await downloadRest(line, options, advanced))) return false;
    if (`sha256:${await sha256Of(file)}` === artifact.digest) return true;
    await rm(file, { force: true });
    throw new Trouble("What was downloaded does not have the digest of the release.", "spoiled");
  });
}

async function downloadRest(
  line: Line,
  { artifact, file, onProgress }: DownloadOptions,
  advanced: () => void,
): Promise<boolean> {
  const there = await sizeOf(file);
  if (there > artifact.bytes) await truncate(file, 0);
  let start = there > artifact.bytes ? 0 : there;
  if (start === artifact.bytes) return true;
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  const answer = await send(line, { method: "GET", url: address(line, artifact), headers });
  if (answer.status === 404) {
    await textOf(answer);
    return false;
  }
  if (answer.status !== 200 && answer.status !== 206) throw await troubleOf(answer);
  // One that does not know ranges sends all of it.
  if (answer.status === 200) start = 0;
  const flags = start === 0 ? "w" : "a";
  try {
    await pipeline(
      answer.body,
      async function* (source: AsyncIterable<Uint8Array>) {
        let done = start;
        for await (const chunk of source) {
          done += chunk.length;
          if (done > artifact.bytes) throw new Trouble("More came than the release has.", "again");
          onProgress(done);
          yield chunk;
        }
      },
      createWriteStream(file, { flags, mode: 0o600 }),
      { signal: line.signal },
    );
  } catch (error) {
    line.signal.throwIfAborted();
    if (isOfDisk(error)) throw error;
    const now = await sizeOf(file);
    if (now > artifact.bytes) await rm(file, { force: true });
    else if (now > there) advanced();
    throw new Trouble(`The download was cut: ${messageOf(error)}`, "again");
  }
  const now = await sizeOf(file);
  if (now === artifact.bytes) return true;
  if (now > there) advanced();
  throw new Trouble("The download was cut.", "again");
}

function isOfDisk(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES"].includes(codeOf(error) ?? "");
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}
