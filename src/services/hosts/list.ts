// The hosts of a project, as the projections know them: no object is woken.

import type { HostView, PageQuery } from "../../../protocol/rest.ts";
import { listHosts as query } from "../../db/hosts.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { hostView } from "../views.ts";

export async function listHosts(
  { call, project }: Admitted<"hosts.read">,
  page: PageQuery,
): Promise<Page<HostView>> {
  const found = await query(call.db, {
    projectId: project.id,
    after: decodeCursor("host", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (host) => host.row.id);
  return { items: rows.map((host) => hostView(host, host.projection)), next };
}
