// How the keeper's Node is started. The launcher, the service unit and the bench all read this list.
//
// A bare Node maps about 38 MB of its own binary, which a second Node on the host shares. What is left
// to save is the heap: small young generation, few helper threads, no optimising compiler for code that
// runs a few times a second. None of it is on the path from an exit to the next spawn.

export const KEEPER_NODE_FLAGS = [
  "--max-semi-space-size=1",
  "--max-old-space-size=64",
  "--v8-pool-size=1",
] as const;

/** Environment of the keeper's own process: one thread for its fdatasync calls is enough. */
export const KEEPER_ENV = { UV_THREADPOOL_SIZE: "1" } as const;
