// The hosts that ever ran something of this worker: key, epoch, and which desired set each was given.
import type { HostId } from "../../../protocol/ids.ts";
import type { AdmittingHost } from "../../rpc.ts";
import type { Row, Sql } from "../sql.ts";

export interface KnownHost {
  readonly hostId: HostId;
  readonly name: string;
  readonly publicKey: string;
  readonly epoch: number;
  /** Of the newest desired set, and a digest of what is in it. */
  readonly revision: number;
  readonly content: string;
  /** The newest revision that the host took in. */
  readonly acked: number;
  /** When it was taken for lost; null while it is not silent. */
  readonly silentAt: number | null;
  /** Its HostObject took it for lost, having heard it last then; this object had heard it later. */
  readonly toldHeardAt: number | null;
  /** When its silence was given a fresh term; void once it was heard since. */
  readonly termFrom: number | null;
  readonly removed: boolean;
  /** Instances that run there although they are known to have ended: they get a tombstone. */
  readonly strangers: readonly string[];
  /** A greeted channel should be there: a restart finds it missing. */
  readonly connected: boolean;
  /** Of the time without a channel: when it was last heard; null where it never was. */
  readonly heardAt: number | null;
  /** It is being emptied; null where it stays. */
  readonly drain: "moving" | "overdue" | null;
  /** Of the owner's wish that said so. */
  readonly drainVersion: number;
  /** Lost together with many others: what it ran is not replaced for now. */
  readonly frozen: boolean;
}

interface HostRow extends Row {
  host_id: string;
  name: string;
  public_key: string;
  epoch: number;
  revision: number;
  content: string;
  acked: number;
  silent_at: number | null;
  told_heard_at: number | null;
  term_from: number | null;
  removed: number;
  strangers: string;
  connected: number;
  heard_at: number | null;
  drain: string | null;
  drain_version: number;
  frozen: number;
}

export class HostTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  all(): KnownHost[] {
    return this.#sql.all<HostRow>("SELECT * FROM hosts ORDER BY host_id").map((row) => hostOf(row));
  }

  get(hostId: string): KnownHost | null {
    const row = this.#sql.first<HostRow>("SELECT * FROM hosts WHERE host_id = ?", hostId);
    return row ? hostOf(row) : null;
  }

  /** Lost or removed, as far as this object was told: what it admitted before is void. */
  isGone(hostId: string): boolean {
    const host = this.get(hostId);
    return host !== null && (host.removed || host.silentAt !== null);
  }

  update(hostId: string, change: Partial<KnownHost>): void {
    const host = this.get(hostId);
    if (host) this.write({ ...host, ...change });
  }

  /** A host that admitted something: known from now on, and never with a lower epoch than before. */
  learn({ intentVersion, drain, ...one }: AdmittingHost & Pick<KnownHost, "hostId">): void {
    const known = this.get(one.hostId);
    const isNewer = intentVersion >= (known?.drainVersion ?? 0);
    const wish = isNewer ? { drain, drainVersion: intentVersion } : {};
    const isDrainKnown = !isNewer || known?.drain === drain;
    const isKnown = known && known.epoch >= one.epoch && known.publicKey === one.publicKey;
    if (isKnown && isDrainKnown) return;
    const fresh = {
      revision: 0,
      content: "",
      acked: 0,
      silentAt: null,
      toldHeardAt: null,
      termFrom: null,
      removed: false,
      strangers: [],
      connected: false,
      heardAt: null,
      drain: null,
      drainVersion: 0,
      frozen: false,
    };
    this.write({
      ...fresh,
      ...known,
      ...one,
      ...wish,
      epoch: Math.max(known?.epoch ?? 0, one.epoch),
    });
  }

  write(one: KnownHost): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO hosts (host_id, name, public_key, epoch, revision, content, acked, silent_at, told_heard_at, term_from, removed, strangers, connected, heard_at, drain, drain_version, frozen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      one.hostId,
      one.name,
      one.publicKey,
      one.epoch,
      one.revision,
      one.content,
      one.acked,
      one.silentAt,
      one.toldHeardAt,
      one.termFrom,
      one.removed ? 1 : 0,
      JSON.stringify(one.strangers),
      one.connected ? 1 : 0,
      one.heardAt,
      one.drain,
      one.drainVersion,
      one.frozen ? 1 : 0,
    );
  }
}

function hostOf(row: HostRow): KnownHost {
  return {
    hostId: row.host_id as HostId,
    name: row.name,
    publicKey: row.public_key,
    epoch: row.epoch,
    revision: row.revision,
    content: row.content,
    acked: row.acked,
    silentAt: row.silent_at,
    toldHeardAt: row.told_heard_at,
    termFrom: row.term_from,
    removed: row.removed === 1,
    strangers: JSON.parse(row.strangers) as string[],
    connected: row.connected === 1,
    heardAt: row.heard_at,
    drain: row.drain as KnownHost["drain"],
    drainVersion: row.drain_version,
    frozen: row.frozen === 1,
  };
}
