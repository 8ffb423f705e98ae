// The projects that the caller may see: all for the operator, its own for a token.

import type { PageQuery, ProjectView } from "../../../protocol/rest.ts";
import { listProjects as query } from "../../db/projects.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { projectView } from "../views.ts";

export async function listProjects(
  admitted: Admitted<"projects.list">,
  page: PageQuery,
): Promise<Page<ProjectView>> {
  const { call, actor } = admitted;
  const found = await query(call.db, {
    after: decodeCursor("project", page.cursor),
    limit: page.limit + 1,
    only: actor.kind === "token" ? actor.projectId : null,
  });
  const { rows, next } = cutPage(found, page.limit, (row) => row.id);
  return { items: rows.map(projectView), next };
}
