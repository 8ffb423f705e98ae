// The hooks of a worker; never their secrets.
import type { HookView } from "../../../protocol/rest.ts";
import { listHooks as query } from "../../db/hooks.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { hookView } from "./view.ts";

export async function listHooks(
  { call, worker }: Admitted<"hooks.list">,
  origin: string,
): Promise<Page<HookView>> {
  const rows = await query(call.db, worker.row.id);
  return { items: rows.map((row) => hookView(row, origin)), next: null };
}
