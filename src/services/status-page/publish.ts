// Makes a worker public on the status page, or private again, and says under which name and heading it stands there.
import type { PublishWorker, StatusPageView } from "../../../protocol/status-page.ts";
import { componentOf, type StatusComponent, writeComponent } from "../../db/status-components.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";
import { iso } from "../views.ts";

function view(row: StatusComponent): StatusPageView {
  return {
    public: row.public,
    name: row.name,
    group: row.heading,
    updatedAt: iso(row.updatedAt),
  };
}

export async function publishWorker(
  admitted: Admitted<"status-page.publish">,
  input: PublishWorker,
): Promise<StatusPageView> {
  const { call, project, worker } = admitted;
  const row: StatusComponent = {
    workerId: worker.row.id,
    projectId: project.id,
    public: input.public,
    name: input.name ?? worker.row.name,
    heading: input.group ?? null,
    createdAt: call.now,
    updatedAt: call.now,
  };
  const detail = { public: row.public, name: row.name, group: row.heading };
  const audit = auditRow(admitted, { projectId: project.id, target: row.workerId, detail });
  await writeComponent(call.db, row, audit);
  return view(row);
}

export async function publishedWorker({
  call,
  worker,
}: Admitted<"status-page.read">): Promise<StatusPageView> {
  const row = await componentOf(call.db, worker.row.id);
  if (row) return view(row);
  return { public: false, name: worker.row.name, group: null, updatedAt: null };
}
