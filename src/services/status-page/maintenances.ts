// Scheduled maintenances: announce one, list them, cancel one. While one is under way, what it names opens no incident.
import { ProblemError } from "../../../protocol/problems.ts";
import type { PageQuery } from "../../../protocol/rest.ts";
import type { CreateMaintenance, MaintenanceView } from "../../../protocol/status-page.ts";
import {
  cancelMaintenance as cancel,
  insertMaintenance,
  type MaintenanceRow,
  listMaintenances as query,
} from "../../db/maintenances.ts";
import { publicWorkers } from "../../db/status-components.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { iso } from "../views.ts";

function view(row: MaintenanceRow, now: number): MaintenanceView {
  const isOver = now >= row.endsAt;
  return {
    id: row.id,
    name: row.name,
    message: row.message,
    status: isOver ? "completed" : now >= row.startsAt ? "in_progress" : "scheduled",
    startsAt: iso(row.startsAt),
    endsAt: iso(row.endsAt),
    createdAt: iso(row.createdAt),
    components: row.components.map(({ id, name }) => ({ id, name })),
  };
}

async function namedComponents(
  { call, project }: Admitted<"maintenances.create">,
  refs: readonly string[],
): Promise<MaintenanceRow["components"]> {
  const known = await publicWorkers(call.db, project.id);
  const found = refs.map((ref) => known.find((one) => one.id === ref || one.worker === ref));
  const errors = found.flatMap((one, index) =>
    one ? [] : [{ path: `workers.${index}`, message: "is no public worker of this project" }],
  );
  if (errors.length > 0) {
    const detail = "Name only workers that are public on the status page.";
    throw new ProblemError("invalid_request", detail, errors);
  }
  const byId = new Map(found.flatMap((one) => (one ? [[one.id, one.name] as const] : [])));
  return [...byId].map(([id, name]) => ({ id, name }));
}

export async function createMaintenance(
  admitted: Admitted<"maintenances.create">,
  input: CreateMaintenance,
  seed: Seed,
): Promise<MaintenanceView> {
  const { call, project } = admitted;
  const [startsAt, endsAt] = [Date.parse(input.startsAt), Date.parse(input.endsAt)];
  if (endsAt <= call.now) {
    throw new ProblemError("invalid_request", "A maintenance must end in the future.", [
      { path: "endsAt", message: "is over already" },
    ]);
  }
  const row: MaintenanceRow = {
    id: seededId(seed, "maintenance", 0),
    projectId: project.id,
    name: input.name,
    message: input.message,
    components: await namedComponents(admitted, input.workers),
    startsAt,
    endsAt,
    createdAt: seed.at,
    canceledAt: null,
  };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: row.id,
    detail: { name: row.name, startsAt: iso(startsAt), endsAt: iso(endsAt) },
    id: seededId(seed, "audit", 1),
  });
  await insertMaintenance(call.db, row, audit);
  return view(row, call.now);
}

export async function listMaintenances(
  { call, project }: Admitted<"maintenances.list">,
  page: PageQuery,
): Promise<Page<MaintenanceView>> {
  const found = await query(call.db, {
    projectId: project.id,
    before: decodeCursor("maintenance", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (row) => row.id);
  return { items: rows.map((row) => view(row, call.now)), next };
}

export async function cancelMaintenance(
  admitted: Admitted<"maintenances.cancel">,
  id: string,
): Promise<void> {
  const { call, project } = admitted;
  const audit = auditRow(admitted, { projectId: project.id, target: id });
  const done = await cancel(call.db, { projectId: project.id, id, at: call.now, audit });
  if (!done) throw absent("maintenance");
}
