// The workers of a project, as the projections know them: no object is woken.

import type { PageQuery, WorkerView } from "../../../protocol/rest.ts";
import { listWorkers as query } from "../../db/workers.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { workerView } from "../views.ts";

export async function listWorkers(
  admitted: Admitted<"workers.list">,
  page: PageQuery,
): Promise<Page<WorkerView>> {
  const { call, project } = admitted;
  const found = await query(call.db, {
    projectId: project.id,
    after: decodeCursor("worker", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (worker) => worker.row.id);
  return { items: rows.map((worker) => workerView(worker, worker.projection)), next };
}
