// Somebody knows that the lost hosts are dead indeed: what they ran is replaced although many were lost at once.
import type { Thawed } from "../../../protocol/rest.ts";
import { frozenHosts, recordThaw } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";
import { askHost } from "../reach.ts";

export async function thawHosts(admitted: Admitted<"hosts.thaw">): Promise<Thawed> {
  const { call, project } = admitted;
  const frozen = await frozenHosts(call.db, project.id);
  await Promise.all(frozen.map(({ id }) => askHost(call, id, (stub) => stub.thaw())));
  const names = frozen.map((one) => one.name);
  if (names.length > 0)
    await recordThaw(
      call.db,
      auditRow(admitted, { projectId: project.id, target: project.id, detail: { names } }),
    );
  return { hosts: names };
}
