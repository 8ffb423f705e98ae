// How the agent's Node is started. The launcher, the service unit and the bench all read this list.

export const AGENT_NODE_FLAGS = [
  "--max-semi-space-size=1",
  "--max-old-space-size=192",
  "--v8-pool-size=1",
] as const;

/** Environment of the agent's own process: few helper threads are enough for its files and names. */
export const AGENT_ENV = { UV_THREADPOOL_SIZE: "2" } as const;
