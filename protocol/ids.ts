// Identifiers: a three-letter prefix and a UUIDv7 in hex, so that ids sort by creation time
// and a misplaced one is recognised at a glance. Time and randomness are arguments.
import * as z from "zod";

export const ID_PREFIXES = {
  project: "prj",
  worker: "wrk",
  host: "hst",
  instance: "ins",
  deploy: "dep",
  crash: "crs",
  event: "evt",
  token: "tok",
  joinToken: "joi",
  audit: "aud",
  incident: "inc",
  incidentUpdate: "upd",
  maintenance: "mnt",
  session: "ses",
  group: "grp",
  hook: "hok",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;
export type Id<K extends IdKind> = string & { readonly __kind: K };

export type ProjectId = Id<"project">;
export type WorkerId = Id<"worker">;
export type HostId = Id<"host">;
export type InstanceId = Id<"instance">;
export type DeployId = Id<"deploy">;
export type GroupId = Id<"group">;
/** Of a command that runs once on a host: an instance's id there, though it is none. */
export type JobId = string & { readonly __kind: "job" };

/** There is one for each deploy, so that none is begun twice, and its output is found by the deploy's id. */
export function predeployJobId(deployId: DeployId): JobId {
  return `${deployId}-predeploy` as JobId;
}

/** What a stream of output belongs to: a job or a build, and not an instance. */
export function isOfDeploy(id: string): boolean {
  return id.startsWith(`${ID_PREFIXES.deploy}_`);
}
export type HookId = Id<"hook">;

const HEX = /^[0-9a-f]{32}$/;

/** True for a well-formed id of that kind (`wrk_` and 32 hex digits, for example). */
export function isId<K extends IdKind>(kind: K, text: string): text is Id<K> {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return text.startsWith(prefix) && HEX.test(text.slice(prefix.length));
}

/**
 * A new id. `nowMs` fills the first 48 bits; `random` must give at least 10 bytes, of which 74 bits are used.
 */
export function makeId<K extends IdKind>(kind: K, nowMs: number, random: Uint8Array): Id<K> {
  const bytes = new Uint8Array(16);
  let rest = Math.floor(nowMs);
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${ID_PREFIXES[kind]}_${hex}` as Id<K>;
}

/** A zod schema for ids of that kind. */
export function idSchema<K extends IdKind>(kind: K) {
  return z
    .string()
    .refine((text) => isId(kind, text), `must be a ${kind} id (${ID_PREFIXES[kind]}_…)`)
    .transform((text) => text as Id<K>);
}
