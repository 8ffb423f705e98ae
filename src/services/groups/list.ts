// The groups of a project.
import type { GroupView, PageQuery } from "../../../protocol/rest.ts";
import { listGroups as query } from "../../db/groups.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { groupView } from "./view.ts";

export async function listGroups(
  { call, project }: Admitted<"groups.read">,
  page: PageQuery,
): Promise<Page<GroupView>> {
  const found = await query(call.db, {
    projectId: project.id,
    after: decodeCursor("group", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (row) => row.id);
  return { items: await Promise.all(rows.map((row) => groupView(call, row))), next };
}
