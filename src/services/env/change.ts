// Changes the variables of a worker: in force with its next release.
import type { ChangeEnv, EnvChangeView } from "../../../protocol/rest.ts";
import { workerById } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { describeChange, readWish, storeChange } from "./store.ts";
import { tellTimeline } from "./tell.ts";
import { envView, liveNow } from "./view.ts";

export async function changeEnv(
  admitted: Admitted<"env.change">,
  input: ChangeEnv,
): Promise<EnvChangeView> {
  const { call, project, worker } = admitted;
  const wish = readWish(input);
  const { envVersion: from, id } = worker.row;
  const owner = { kind: "worker", id } as const;
  const changed = await storeChange(call, { project, owner, from }, wish, {
    audit: (detail) => auditRow(admitted, { projectId: project.id, target: id, detail }),
    versionNow: async () => {
      const now = await workerById(call.db, id);
      if (!now || now.row.deletedAt !== null) throw absent("worker");
      return now.row.envVersion;
    },
  });
  const names = [...changed.set, ...changed.unset].sort();
  if (names.length > 0)
    call.later(tellTimeline(admitted, worker, `Variables ${describeChange(changed)}`));
  const live = await liveNow(call, worker);
  return {
    ...(await envView(call, worker, { vars: changed.vars, version: changed.version, live })),
    changed: names,
    warnings: [...wish.warnings],
  };
}
