// The branches of a public repository over git's smart HTTP, asked for by the control plane itself.
//
// 1. Only addresses that `refuseAddress` lets pass, at each redirect anew, and only to the same host.
// 2. Bounded in time, bytes and redirects; nothing that is sent back is shown but names of branches.
// 3. No credentials are sent, ever.
import { refuseAddress } from "./address.ts";
import { lsRefsRequest, type Packet, type Refs, readPackets, readRefs } from "./pkt-line.ts";

const TIME_MS = 8_000;
const MOST_BYTES = 4_194_304;
const REDIRECTS = 3;
const MOST_BRANCHES = 1_000;
const BRANCH_CHARS = 255;

export type RefsAnswer =
  | ({ readonly ok: true } & Refs)
  | { readonly ok: false; readonly reason: string };

export type Fetcher = (url: string, init: RequestInit) => Promise<Response>;

class Refused extends Error {}

async function readBytes(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body) {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) throw new Refused("the list of its branches is too long to be read");
    }
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function explain(status: number): string {
  if (status === 401 || status === 403 || status === 404)
    return "there is no such repository, or it is private; use an ssh:// address and a key on the host for a private one";
  return `its server answered with ${status}`;
}

/** One exchange, over redirects that stay on the host; gives where it was answered. */
async function exchange(
  fetcher: Fetcher,
  first: URL,
  init: RequestInit,
): Promise<{ readonly url: URL; readonly bytes: Uint8Array; readonly type: string }> {
  let url = first;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const refused = refuseAddress(url);
    if (refused !== null) throw new Refused(refused);
    const response = await fetcher(url.href, { ...init, redirect: "manual" });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location) {
      await response.body?.cancel();
      if (!URL.canParse(location, url)) throw new Refused("its server redirects to nowhere");
      const next = new URL(location, url);
      if (next.host !== url.host) throw new Refused("its server redirects to another one");
      url = next;
      continue;
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Refused(explain(response.status));
    }
    const type = response.headers.get("content-type") ?? "";
    return { url, bytes: await readBytes(response), type };
  }
  throw new Refused("its server redirects too often");
}

const HEADERS = { "Git-Protocol": "version=2", "User-Agent": "git/2.0 (coppice)" };

function speaksVersion2(packets: readonly Packet[]): boolean {
  return packets.some((packet) => packet.kind === "line" && packet.text === "version 2");
}

async function askServer(repo: URL, fetcher: Fetcher, signal: AbortSignal): Promise<Refs> {
  const base = repo.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const info = new URL(`${base}/info/refs?service=git-upload-pack`);
  const greeting = await exchange(fetcher, info, { headers: HEADERS, signal });
  if (!greeting.type.startsWith("application/x-git-upload-pack-advertisement"))
    throw new Refused("there is no git repository at this address");
  const packets = readPackets(greeting.bytes);
  if (!speaksVersion2(packets)) return readRefs(packets);
  const service = new URL(greeting.url.href.replace(/\/info\/refs(\?.*)?$/, "/git-upload-pack"));
  const listed = await exchange(fetcher, service, {
    method: "POST",
    headers: { ...HEADERS, "Content-Type": "application/x-git-upload-pack-request" },
    body: lsRefsRequest(),
    signal,
  });
  return readRefs(readPackets(listed.bytes));
}

export async function remoteRefs(
  repo: string,
  fetcher: Fetcher = (url, init) => fetch(url, init),
): Promise<RefsAnswer> {
  try {
    const signal = AbortSignal.timeout(TIME_MS);
    const { branches, defaultBranch } = await askServer(new URL(repo), fetcher, signal);
    const shown = branches.filter((name) => name.length <= BRANCH_CHARS).slice(0, MOST_BRANCHES);
    return { ok: true, branches: shown, defaultBranch };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return {
      ok: false,
      reason: isLate ? "its server did not answer in time" : "its server could not be reached",
    };
  }
}
