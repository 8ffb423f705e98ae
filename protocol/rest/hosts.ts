// Hosts and how they join.
import * as z from "zod";
import { Capacity, HostFacts } from "../channel.ts";
import { nameSchema } from "../spec.ts";
import { count, time } from "./common.ts";

export const HOST_STATUSES = ["joining", "online", "suspect", "lost", "cloned", "removed"] as const;

export type HostStatus = (typeof HOST_STATUSES)[number];

export const HostView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(HOST_STATUSES),
  capacity: Capacity.nullable(),
  /** Slots taken by instances. */
  used: count,
  /** What its instances have set aside of its memory and cores. */
  heldMemoryBytes: count,
  heldCpus: z.number().min(0),
  region: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  /** Takes nothing new. */
  cordoned: z.boolean(),
  /** It is being emptied: whatever is still there by then is stopped. Null where it is not drained. */
  drainUntil: time.nullable(),
  lostAt: time.nullable(),
  /** So many hosts of the project were lost at once that what this one ran is not replaced for now. */
  frozen: z.object({ gone: count, of: count }).nullable(),
  facts: HostFacts.nullable(),
  epoch: count,
  lastHeardAt: time.nullable(),
  joinedAt: time,
});
export type HostView = z.infer<typeof HostView>;

/** How long the instances have to move; then whatever is left there is stopped. 10 min by default, a day at most. */
export const DrainHost = z.strictObject({
  deadlineMs: z.int().min(0).max(86_400_000).default(600_000),
});
export type DrainHost = z.infer<typeof DrainHost>;

/** Whose frozen replacement goes on. */
export const Thawed = z.object({ hosts: z.array(z.string()) });
export type Thawed = z.infer<typeof Thawed>;

export const JoinTokenView = z.object({
  id: z.string(),
  /** Shown once. */
  token: z.string(),
  expiresAt: time,
  /** For a shell on the machine: joins it, and keeps it running. */
  command: z.string(),
  /** The same as user data of a machine that is yet to be made. */
  cloudInit: z.string(),
});
export type JoinTokenView = z.infer<typeof JoinTokenView>;

/** What a host is chosen by: `disk=ssd`. At most 32 of them. */
export const HostLabels = z
  .record(
    z.string().regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, "is not a label's name"),
    z.string().regex(/^[A-Za-z0-9._-]{0,63}$/, "is not a label's value"),
  )
  .refine((labels) => Object.keys(labels).length <= 32, "are more than 32");
export type HostLabels = z.infer<typeof HostLabels>;

export const JoinRequest = z.strictObject({
  token: z.string().max(256),
  name: nameSchema,
  /** ed25519, raw 32 bytes, base64url. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url"),
  capacity: Capacity,
  facts: HostFacts,
  labels: HostLabels.optional(),
  /** Where the machine stands: `eu`. */
  region: nameSchema.optional(),
});
export type JoinRequest = z.infer<typeof JoinRequest>;

export const JoinAnswer = z.object({
  hostId: z.string(),
  projectId: z.string(),
  project: z.string(),
  name: z.string(),
});
export type JoinAnswer = z.infer<typeof JoinAnswer>;
