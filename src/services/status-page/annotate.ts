// Adds a person's update to an incident. Nothing that was said is changed or taken back.
//
// 1. Only what runs again can be called resolved; what is resolved stays so.
import { ProblemError } from "../../../protocol/problems.ts";
import type { AnnotateIncident, IncidentView } from "../../../protocol/status-page.ts";
import { annotate, type IncidentRow, incidentOf, updatesOf } from "../../db/incidents.ts";
import { kindsOf } from "../../db/status-components.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { incidentView } from "./incidents.ts";

const TRIES = 5;

type Annotating = Admitted<"incidents.annotate">;

async function checkStatus(
  { call }: Annotating,
  incident: IncidentRow,
  status: AnnotateIncident["status"],
): Promise<void> {
  const errors = [{ path: "status", message: "does not fit the incident" }];
  if (incident.status === "resolved" && status !== undefined && status !== "resolved") {
    const detail = "The incident is resolved; what fails from now on becomes a new one.";
    throw new ProblemError("conflict", detail, errors);
  }
  if (status !== "resolved" || incident.status === "resolved") return;
  const kinds = await kindsOf(
    call.db,
    incident.components.map(({ id }) => id),
  );
  if (kinds.some(({ kind }) => kind === "down" || kind === "degraded")) {
    const detail = "Something that it affects still fails; it resolves by itself when all has run.";
    throw new ProblemError("conflict", detail, errors);
  }
}

export async function annotateIncident(
  admitted: Annotating,
  input: { readonly id: string; readonly annotation: AnnotateIncident },
  seed: Seed,
): Promise<IncidentView> {
  const { call, project, actor } = admitted;
  const { id, annotation } = input;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const seen = await incidentOf(call.db, { projectId: project.id, id });
    if (!seen) throw absent("incident");
    await checkStatus(admitted, seen, annotation.status);
    const status = annotation.status ?? seen.status;
    const row: IncidentRow = {
      ...seen,
      status,
      monitoringAt: status === "monitoring" ? call.now : seen.monitoringAt,
      resolvedAt: status === "resolved" ? (seen.resolvedAt ?? call.now) : null,
      updatedAt: Math.max(call.now, seen.updatedAt + 1),
    };
    const update = {
      id: seededId(seed, "incidentUpdate", 0),
      incidentId: seen.id,
      status,
      message: annotation.message,
      actor: actor.name,
      at: row.updatedAt,
    };
    const audit = auditRow(admitted, {
      projectId: project.id,
      target: seen.id,
      detail: { status },
      id: seededId(seed, "audit", 1),
    });
    if (await annotate(call.db, { row, seenAt: seen.updatedAt, update, audit }))
      return incidentView(row, await updatesOf(call.db, [seen.id]));
  }
  throw new ProblemError("conflict", "The incident changes all the time; try again.");
}
