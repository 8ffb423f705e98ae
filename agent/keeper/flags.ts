// How the keeper's Node is started. The launcher, the service unit and the bench all read these lists.
//
// Keeper and agent share one Node binary, so what counts is which of its pages they touch at all, and their heaps.
// No compiler runs: some 10 MB of them stay on the disk. What lies between an exit and the next spawn is the
// kernel's work, which interpreted code does not make slower. (`--lite-mode` says the same in a word, but takes
// WebAssembly away, and with it `fetch`.) `--optimize-for-size` lets an idle heap shrink, and
// the keeper collects what a change of its instances left (`--expose-gc`).

export const KEEPER_NODE_FLAGS = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--optimize-for-size",
  "--max-semi-space-size=1",
  "--max-old-space-size=64",
  "--v8-pool-size=1",
  "--expose-gc",
] as const;

/**
 * Environment of the keeper's own process, never of a program: one thread for its fdatasync calls is enough,
 * and glibc gives back what is freed instead of keeping it for later.
 */
export const KEEPER_ENV = {
  UV_THREADPOOL_SIZE: "1",
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "32768",
  MALLOC_TOP_PAD_: "0",
  MALLOC_TRIM_THRESHOLD_: "16384",
} as const;
