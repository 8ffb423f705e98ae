// Somebody knows that the lost hosts are dead indeed: what they ran is replaced although many were lost at once.
import type { Thawed } from "../../../protocol/rest.ts";
import { frozenHosts, recordThaw } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";
import { askHost } from "../reach.ts";

export async function thawHosts(admitted: Admitted<"hosts.thaw">): Promise<Thawed> {
  const { call, project } = admitted;
  const frozen = await frozenHosts(call.db, project.id);
  const told = await Promise.allSettled(
    frozen.map(({ id }) => askHost(call, id, (stub) => stub.thaw())),
  );
  const names = frozen.filter((_, i) => told[i]?.status === "fulfilled").map((one) => one.name);
  if (names.length > 0)
    await recordThaw(
      call.db,
      auditRow(admitted, { projectId: project.id, target: project.id, detail: { names } }),
    );
  // The others are asked again with the next try; what was done is written down.
  const failed = told.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return { hosts: names };
}
