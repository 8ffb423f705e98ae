// The public status page: what owners send and see, and the words for how a worker's time is counted.
import * as z from "zod";
import { nameSchema } from "./spec.ts";

/** How a worker is, as its ledger counts time. `stopped` (by its owner) and `pending` (nothing deployed) count nowhere. */
export const LEDGER_KINDS = ["up", "degraded", "down", "unknown", "stopped", "pending"] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** ms of one day (UTC). `idle` is what counts neither way: stopped by its owner, or nothing deployed yet. */
export interface DaySums {
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly unknown: number;
  readonly idle: number;
}

/** By days since the epoch. */
export type DayTable = Readonly<Record<number, DaySums>>;

export const INCIDENT_STATUSES = ["investigating", "identified", "monitoring", "resolved"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

export const IMPACTS = ["none", "minor", "major", "critical"] as const;
export type Impact = (typeof IMPACTS)[number];

export const MAINTENANCE_STATUSES = ["scheduled", "in_progress", "completed"] as const;
export type MaintenanceStatus = (typeof MAINTENANCE_STATUSES)[number];

const time = z.iso.datetime({ precision: 3 });

/** Text that strangers will read: printable, trimmed, without characters that turn the direction of what follows. */
const publicText = (chars: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(chars)
    .refine(
      (text) => !/[\p{Cs}\u202A-\u202E\u2066-\u2069]|(?![\n\t])\p{Cc}/u.test(text),
      "must not contain control characters",
    );
const publicName = publicText(80).refine((text) => !/[\n\t]/.test(text), "must be one line");

export const PublishWorker = z.strictObject({
  public: z.boolean(),
  /** As strangers see it; the worker's own name where left out. */
  name: publicName.optional(),
  /** A heading under which it stands; none where left out. */
  group: publicName.nullable().optional(),
});
export type PublishWorker = z.infer<typeof PublishWorker>;

export const StatusPageView = z.object({
  public: z.boolean(),
  name: z.string(),
  group: z.string().nullable(),
  /** Null where nobody ever chose. */
  updatedAt: time.nullable(),
});
export type StatusPageView = z.infer<typeof StatusPageView>;

const Named = z.object({ id: z.string(), name: z.string() });

export const IncidentUpdateView = z.object({
  id: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  message: z.string(),
  at: time,
  /** Who wrote it; `coppice` where it came by itself. Not shown to the public. */
  actor: z.string(),
});

export const IncidentView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  impact: z.enum(IMPACTS),
  startedAt: time,
  monitoringAt: time.nullable(),
  resolvedAt: time.nullable(),
  components: z.array(Named),
  /** Newest first. */
  updates: z.array(IncidentUpdateView),
});
export type IncidentView = z.infer<typeof IncidentView>;

export const AnnotateIncident = z.strictObject({
  message: publicText(4_000),
  /** Where left out it stays as it is. */
  status: z.enum(INCIDENT_STATUSES).optional(),
});
export type AnnotateIncident = z.infer<typeof AnnotateIncident>;

const LONGEST_MS = 30 * 86_400_000;

export const CreateMaintenance = z
  .strictObject({
    name: publicName,
    message: publicText(4_000),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    /** Names or ids of public workers. */
    workers: z
      .array(z.union([nameSchema, z.string().regex(/^wrk_[0-9a-f]{32}$/)]))
      .min(1)
      .max(200),
  })
  .refine(
    ({ startsAt, endsAt }) => {
      const long = Date.parse(endsAt) - Date.parse(startsAt);
      return long > 0 && long <= LONGEST_MS;
    },
    { path: ["endsAt"], message: "must be after startsAt, by 30 days at most" },
  );
export type CreateMaintenance = z.infer<typeof CreateMaintenance>;

export const MaintenanceView = z.object({
  id: z.string(),
  name: z.string(),
  message: z.string(),
  status: z.enum(MAINTENANCE_STATUSES),
  startsAt: time,
  endsAt: time,
  createdAt: time,
  components: z.array(Named),
});
export type MaintenanceView = z.infer<typeof MaintenanceView>;
