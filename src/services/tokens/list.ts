// The tokens of a project that were not revoked; never their text.

import type { PageQuery, TokenView } from "../../../protocol/rest.ts";
import { listTokens as query } from "../../db/tokens.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { cutPage, decodeCursor } from "../cursor.ts";
import { tokenView } from "../views.ts";

export async function listTokens(
  { call, project }: Admitted<"tokens.list">,
  page: PageQuery,
): Promise<Page<TokenView>> {
  const found = await query(call.db, {
    projectId: project.id,
    after: decodeCursor("token", page.cursor),
    limit: page.limit + 1,
  });
  const { rows, next } = cutPage(found, page.limit, (row) => row.id);
  return { items: rows.map(tokenView), next };
}
