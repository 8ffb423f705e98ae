// The public documents in the format of Statuspage v2, field by field, so that its clients read them.
// Strict: a field too many or too few does not pass.
import * as z from "zod";
import { IMPACTS, INCIDENT_STATUSES, MAINTENANCE_STATUSES } from "./status-page.ts";

const time = z.iso.datetime({ precision: 3 });

export const COMPONENT_STATUSES = [
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
] as const;

const Page = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.url(),
  time_zone: z.literal("Etc/UTC"),
  updated_at: time,
});
const Status = z.strictObject({ indicator: z.enum(IMPACTS), description: z.string() });

export const StatuspageComponent = z.strictObject({
  id: z.string(),
  name: z.string(),
  status: z.enum(COMPONENT_STATUSES),
  created_at: time,
  updated_at: time,
  position: z.int().min(1),
  description: z.string().nullable(),
  showcase: z.boolean(),
  start_date: z.string().nullable(),
  group_id: z.string().nullable(),
  page_id: z.string(),
  group: z.boolean(),
  only_show_if_degraded: z.boolean(),
  /** Of a group alone: the ids of those in it. */
  components: z.array(z.string()).optional(),
});
export type StatuspageComponent = z.infer<typeof StatuspageComponent>;

const updateOf = <S extends readonly [string, ...string[]]>(statuses: S) =>
  z.strictObject({
    id: z.string(),
    status: z.enum(statuses),
    body: z.string(),
    incident_id: z.string(),
    created_at: time,
    updated_at: time,
    display_at: time,
    affected_components: z.array(
      z.strictObject({
        code: z.string(),
        name: z.string(),
        old_status: z.enum(COMPONENT_STATUSES),
        new_status: z.enum(COMPONENT_STATUSES),
      }),
    ),
    deliver_notifications: z.boolean(),
    custom_tweet: z.null(),
    tweet_id: z.null(),
  });

const incidentFields = {
  id: z.string(),
  name: z.string(),
  created_at: time,
  updated_at: time,
  monitoring_at: time.nullable(),
  resolved_at: time.nullable(),
  shortlink: z.url(),
  started_at: time,
  page_id: z.string(),
  components: z.array(StatuspageComponent),
  reminder_intervals: z.null(),
};

export const StatuspageIncident = z.strictObject({
  ...incidentFields,
  status: z.enum(INCIDENT_STATUSES),
  impact: z.enum(IMPACTS),
  incident_updates: z.array(updateOf(INCIDENT_STATUSES)),
});
export type StatuspageIncident = z.infer<typeof StatuspageIncident>;

export const StatuspageMaintenance = z.strictObject({
  ...incidentFields,
  status: z.enum(MAINTENANCE_STATUSES),
  impact: z.literal("maintenance"),
  incident_updates: z.array(updateOf(MAINTENANCE_STATUSES)),
  scheduled_for: time,
  scheduled_until: time,
});
export type StatuspageMaintenance = z.infer<typeof StatuspageMaintenance>;

const incidents = z.array(StatuspageIncident);
const maintenances = z.array(StatuspageMaintenance);

/** By the last part of the address, without `.json`. */
export const STATUSPAGE_DOCUMENTS = {
  summary: z.strictObject({
    page: Page,
    components: z.array(StatuspageComponent),
    incidents,
    scheduled_maintenances: maintenances,
    status: Status,
  }),
  status: z.strictObject({ page: Page, status: Status }),
  components: z.strictObject({ page: Page, components: z.array(StatuspageComponent) }),
  incidents: z.strictObject({ page: Page, incidents }),
  "incidents/unresolved": z.strictObject({ page: Page, incidents }),
  "scheduled-maintenances": z.strictObject({ page: Page, scheduled_maintenances: maintenances }),
  "scheduled-maintenances/upcoming": z.strictObject({
    page: Page,
    scheduled_maintenances: maintenances,
  }),
  "scheduled-maintenances/active": z.strictObject({
    page: Page,
    scheduled_maintenances: maintenances,
  }),
} as const;
export type StatuspageDocument = keyof typeof STATUSPAGE_DOCUMENTS;

/** https://shields.io/badges/endpoint-badge */
export const ShieldsBadge = z.strictObject({
  schemaVersion: z.literal(1),
  label: z.string(),
  message: z.string(),
  color: z.string(),
  isError: z.boolean(),
  cacheSeconds: z.int().min(0),
});
export type ShieldsBadge = z.infer<typeof ShieldsBadge>;
