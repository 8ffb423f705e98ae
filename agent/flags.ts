// How the agent's Node is started. The launcher, the service unit and the bench all read these lists.
// Why so, stands in keeper/flags.ts. Without a compiler a loop over every byte or line of a log flood is dear:
// leave those to native code.
import { KEEPER_ENV } from "./keeper/flags.ts";

export const AGENT_NODE_FLAGS = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--optimize-for-size",
  "--max-semi-space-size=1",
  "--max-old-space-size=192",
  "--v8-pool-size=1",
] as const;

/** Environment of the agent's own process. The second thread: a name that is slow to resolve must not hold up files. */
export const AGENT_ENV = { ...KEEPER_ENV, UV_THREADPOOL_SIZE: "2" } as const;
