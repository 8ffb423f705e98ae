// The documents of Statuspage v2, made from the model. All arrays are always there.
import type { MaintenanceStatus } from "../../protocol/status-page.ts";
import type {
  StatuspageComponent,
  StatuspageDocument,
  StatuspageIncident,
  StatuspageMaintenance,
} from "../../protocol/statuspage.ts";
import { iso } from "./escape.ts";
import type { Component, Incident, Maintenance, Model, Named } from "./model.ts";
import { grouped, pathOf, type Where } from "./page.ts";
import { conditionSentence, headlineOf } from "./words.ts";

const INCIDENTS = 50;

/** Statuspage's ids are opaque; ours are derived, so that they stay the same. */
function groupId(title: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(title)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return `grp_${hash.toString(16).padStart(16, "0")}`;
}

const pageId = ({ project }: Where) => (project === null ? "coppice" : `coppice-${project}`);

function pageOf(asOf: number, where: Where) {
  const name = where.project === null ? "Coppice" : where.project;
  const url = `${where.origin}${pathOf(where)}`;
  return { id: pageId(where), name, url, time_zone: "Etc/UTC", updated_at: iso(asOf) };
}

function componentDoc(
  one: Component,
  where: Where,
  position: number,
  group: string | null,
): StatuspageComponent {
  return {
    id: one.id,
    name: one.name,
    status: one.condition,
    created_at: iso(one.createdAt),
    updated_at: iso(one.updatedAt),
    position,
    description: conditionSentence(one),
    showcase: true,
    start_date: iso(one.createdAt).slice(0, 10),
    group_id: group,
    page_id: pageId(where),
    group: false,
    only_show_if_degraded: false,
  };
}

const BADNESS = [
  "operational",
  "under_maintenance",
  "degraded_performance",
  "partial_outage",
  "major_outage",
] as const;

/** A group, and those in it behind it. */
export function componentDocs(model: Model, where: Where): StatuspageComponent[] {
  return grouped(model, where).flatMap(({ title, of }, index) => {
    if (title === null) return of.map((one, n) => componentDoc(one, where, n + 1, null));
    const id = groupId(title);
    const inside = of.map((one, n) => componentDoc(one, where, n + 1, id));
    const worst = Math.max(...inside.map((one) => BADNESS.indexOf(one.status)));
    const group: StatuspageComponent = {
      id,
      name: title,
      status: BADNESS[worst] ?? "operational",
      created_at: iso(Math.min(...of.map((one) => one.createdAt))),
      updated_at: iso(Math.max(...of.map((one) => one.updatedAt))),
      position: index + 1,
      description: null,
      showcase: false,
      start_date: null,
      group_id: null,
      page_id: pageId(where),
      group: true,
      only_show_if_degraded: false,
      components: inside.map((one) => one.id),
    };
    return [group, ...inside];
  });
}

function affected(named: readonly Named[], all: readonly StatuspageComponent[]) {
  const ids = new Set(named.map(({ id }) => id));
  return all.filter((one) => !one.group && ids.has(one.id));
}

function updateBase(id: string, incident: string, body: string, at: number) {
  return {
    id,
    body,
    incident_id: incident,
    created_at: iso(at),
    updated_at: iso(at),
    display_at: iso(at),
    affected_components: [],
    deliver_notifications: false,
    custom_tweet: null,
    tweet_id: null,
  };
}

const linkOf = (where: Where, one: { readonly project: string; readonly id: string }) =>
  `${where.origin}${pathOf({ ...where, project: one.project })}#${one.id}`;

function incidentDoc(
  one: Incident,
  where: Where,
  all: readonly StatuspageComponent[],
): StatuspageIncident {
  return {
    id: one.id,
    name: one.name,
    status: one.status,
    created_at: iso(one.startedAt),
    updated_at: iso(one.updatedAt),
    monitoring_at: one.monitoringAt === null ? null : iso(one.monitoringAt),
    resolved_at: one.resolvedAt === null ? null : iso(one.resolvedAt),
    impact: one.impact,
    shortlink: linkOf(where, one),
    started_at: iso(one.startedAt),
    page_id: pageId(where),
    incident_updates: one.updates.map((update) => ({
      ...updateBase(update.id, one.id, update.message, update.at),
      status: update.status,
    })),
    components: affected(one.components, all),
    reminder_intervals: null,
  };
}

export function maintenanceStatus(
  one: Pick<Maintenance, "startsAt" | "endsAt">,
  now: number,
): MaintenanceStatus {
  if (now < one.startsAt) return "scheduled";
  return now < one.endsAt ? "in_progress" : "completed";
}

function maintenanceDoc(
  one: Maintenance,
  where: Where,
  context: { readonly all: readonly StatuspageComponent[]; readonly now: number },
): StatuspageMaintenance {
  const status = maintenanceStatus(one, context.now);
  const steps = [
    { status: "completed" as const, at: one.endsAt, body: "The maintenance is over." },
    { status: "in_progress" as const, at: one.startsAt, body: "The maintenance is under way." },
    { status: "scheduled" as const, at: one.createdAt, body: one.message },
  ];
  const told = steps.filter((step) => step.status === "scheduled" || step.at <= context.now);
  return {
    id: one.id,
    name: one.name,
    status,
    created_at: iso(one.createdAt),
    updated_at: iso(told[0]?.at ?? one.createdAt),
    monitoring_at: null,
    resolved_at: status === "completed" ? iso(one.endsAt) : null,
    impact: "maintenance",
    shortlink: linkOf(where, one),
    started_at: iso(one.startsAt),
    page_id: pageId(where),
    incident_updates: told.map((step) => ({
      ...updateBase(`${one.id}-${step.status}`, one.id, step.body, step.at),
      status: step.status,
    })),
    components: affected(one.components, context.all),
    reminder_intervals: null,
    scheduled_for: iso(one.startsAt),
    scheduled_until: iso(one.endsAt),
  };
}

/** Where nothing is known, the model is null: all arrays are empty, and the indicator is not `none`. */
export function statuspageDocument(
  kind: StatuspageDocument,
  model: Model | null,
  where: Where,
  now: number,
): object {
  const page = pageOf(model?.asOf ?? now, where);
  const components = model ? componentDocs(model, where) : [];
  const incidents = (model?.incidents ?? []).map((one) => incidentDoc(one, where, components));
  const open = incidents.filter((one) => one.resolved_at === null);
  const planned = (model?.maintenances ?? []).map((one) =>
    maintenanceDoc(one, where, { all: components, now }),
  );
  const status = model
    ? headlineOf(model)
    : { indicator: "minor", description: "Nothing Is Known at Present" };
  const inState = (...states: MaintenanceStatus[]) =>
    planned.filter((one) => states.includes(one.status));
  switch (kind) {
    case "summary": {
      const scheduled_maintenances = inState("scheduled", "in_progress");
      return { page, components, incidents: open, scheduled_maintenances, status };
    }
    case "status":
      return { page, status };
    case "components":
      return { page, components };
    case "incidents":
      return { page, incidents: incidents.slice(0, INCIDENTS) };
    case "incidents/unresolved":
      return { page, incidents: open };
    case "scheduled-maintenances":
      return { page, scheduled_maintenances: planned };
    case "scheduled-maintenances/upcoming":
      return { page, scheduled_maintenances: inState("scheduled") };
    case "scheduled-maintenances/active":
      return { page, scheduled_maintenances: inState("in_progress") };
  }
}
