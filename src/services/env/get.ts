// The names of a worker's variables.

import type { EnvView } from "../../../protocol/rest.ts";
import { currentVars } from "../../db/env.ts";
import type { Admitted } from "../admit.ts";
import { envView, liveEnvVersion } from "./view.ts";

export async function getEnv({ call, worker }: Admitted<"env.read">): Promise<EnvView> {
  const { id, envVersion } = worker.row;
  const [vars, liveVersion] = await Promise.all([
    currentVars(call.db, id),
    liveEnvVersion(call, id),
  ]);
  return envView(vars, { version: envVersion, liveVersion });
}
