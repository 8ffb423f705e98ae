// The names of a worker's variables, and of those that its groups give it.
import type { EnvView } from "../../../protocol/rest.ts";
import { currentVars } from "../../db/env.ts";
import type { Admitted } from "../admit.ts";
import { envView, liveNow } from "./view.ts";

export async function getEnv({ call, worker }: Admitted<"env.read">): Promise<EnvView> {
  const { id, envVersion: version } = worker.row;
  const [vars, live] = await Promise.all([
    currentVars(call.db, { kind: "worker", id }),
    liveNow(call, worker),
  ]);
  return envView(call, worker, { vars, version, live });
}
