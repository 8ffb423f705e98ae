// The incidents of a project, as its people see them.
import type { PageQuery } from "../../../protocol/rest.ts";
import type { IncidentView } from "../../../protocol/status-page.ts";
import {
  type IncidentRow,
  type IncidentUpdateRow,
  listIncidents as query,
  updatesOf,
} from "../../db/incidents.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { iso, isoOrNull } from "../views.ts";

export function incidentView(
  row: IncidentRow,
  updates: readonly IncidentUpdateRow[],
): IncidentView {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    impact: row.impact,
    startedAt: iso(row.startedAt),
    monitoringAt: isoOrNull(row.monitoringAt),
    resolvedAt: isoOrNull(row.resolvedAt),
    components: row.components.map(({ id, name }) => ({ id, name })),
    updates: updates
      .filter((one) => one.incidentId === row.id)
      .map(({ id, status, message, at, actor }) => ({ id, status, message, at: iso(at), actor })),
  };
}

export async function listIncidents(
  { call, project }: Admitted<"incidents.list">,
  page: PageQuery,
): Promise<Page<IncidentView>> {
  const found = await query(call.db, {
    projectId: project.id,
    before: decodeCursor("incident", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (row) => row.id);
  const updates = await updatesOf(
    call.db,
    rows.map(({ id }) => id),
  );
  return { items: rows.map((row) => incidentView(row, updates)), next };
}
