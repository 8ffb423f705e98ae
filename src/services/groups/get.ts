// One group.
import type { GroupView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { findGroup, groupView } from "./view.ts";

export async function getGroup(
  { call, project }: Admitted<"groups.read">,
  ref: string,
): Promise<GroupView> {
  return groupView(call, await findGroup(call, project, ref));
}
