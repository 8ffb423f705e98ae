// Git's packet lines, as far as a list of refs needs them. Whatever a server sends: never a throw.

export type Packet = { readonly kind: "line"; readonly text: string } | { readonly kind: "flush" };

/** The whole packets of what was received; what is cut off or malformed ends the list. */
export function readPackets(bytes: Uint8Array): Packet[] {
  const decoder = new TextDecoder();
  const packets: Packet[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const head = decoder.decode(bytes.subarray(at, at + 4));
    if (!/^[0-9a-fA-F]{4}$/.test(head)) break;
    const length = Number.parseInt(head, 16);
    if (length < 4) {
      packets.push({ kind: "flush" });
      at += 4;
      continue;
    }
    if (at + length > bytes.length) break;
    const text = decoder.decode(bytes.subarray(at + 4, at + length)).replace(/\n$/, "");
    packets.push({ kind: "line", text });
    at += length;
  }
  return packets;
}

export function line(text: string): string {
  const length = new TextEncoder().encode(text).length + 5;
  return `${length.toString(16).padStart(4, "0")}${text}\n`;
}

const FLUSH = "0000";
const DELIMITER = "0001";

/** Protocol 2: branches and where HEAD points, nothing else. */
export function lsRefsRequest(): string {
  return [
    line("command=ls-refs"),
    DELIMITER,
    line("symrefs"),
    line("ref-prefix HEAD"),
    line("ref-prefix refs/heads/"),
    FLUSH,
  ].join("");
}

export interface Refs {
  readonly branches: string[];
  readonly defaultBranch: string | null;
}

const HEADS = "refs/heads/";

/** From an answer to `ls-refs`, or from the list that protocol 0 begins with. */
export function readRefs(packets: readonly Packet[]): Refs {
  const branches = new Set<string>();
  let head: string | null = null;
  for (const packet of packets) {
    if (packet.kind === "flush") continue;
    const [words = "", capabilities = ""] = packet.text.split("\0");
    const [id = "", ref = "", ...more] = words.split(" ");
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) continue;
    if (ref.startsWith(HEADS)) branches.add(ref.slice(HEADS.length));
    const target =
      ref === "HEAD" ? more.find((word) => word.startsWith("symref-target:")) : undefined;
    const told = target?.slice("symref-target:".length);
    const symref = / ?symref=HEAD:(\S+)/.exec(capabilities)?.[1];
    const named = told ?? symref;
    if (named?.startsWith(HEADS)) head ??= named.slice(HEADS.length);
  }
  return {
    branches: [...branches].sort(),
    defaultBranch: head !== null && branches.has(head) ? head : null,
  };
}
