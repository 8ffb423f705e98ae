// Durations for several hosts that a test can wait for: a tenth of production's, in the same proportions.
import type { PolicyOverrides } from "../../protocol/policy.ts";
import { QUICK_POLICY } from "./cluster.ts";

export const LOST_MS = 6_000;

export const FLEET_POLICY: PolicyOverrides = {
  ...QUICK_POLICY,
  heartbeat: {
    hostPingMs: 1_000,
    workerPingMs: 3_000,
    pongTimeoutMs: 1_500,
    suspectMs: 2_500,
    lostMs: LOST_MS,
  },
  lease: { renewMs: 1_000, termMs: 4_000, killMs: 5_000, replaceMs: LOST_MS },
  breaker: { share: 0.5, hosts: 3, windowMs: 12_000, thawMs: 90_000, lookMs: 1_500 },
};
