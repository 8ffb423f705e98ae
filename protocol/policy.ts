// Every duration and threshold of Coppice in one object, injected everywhere, so that tests
// scale it down and production runs the numbers below. No dependency: the keeper loads this file.

export interface RestartPolicy {
  /** First restart comes at once; the second waits this long, doubling from there. */
  readonly baseMs: number;
  readonly capMs: number;
  /** Share by which a delay is spread, e.g. 0.25 for ±25 %. */
  readonly jitter: number;
  /** An attempt that lived this long sets the delay back to 0. */
  readonly resetAfterMs: number;
}

export interface Policy {
  readonly restart: RestartPolicy;
  readonly heartbeat: {
    readonly hostPingMs: number;
    readonly workerPingMs: number;
    /** A ping unanswered for this long closes the channel. */
    readonly pongTimeoutMs: number;
    readonly suspectMs: number;
    readonly lostMs: number;
    /** An alarm that comes so much later tells of us: all stood still, or had more to do than they could. */
    readonly lateMs: number;
  };
  readonly reconnect: {
    /** First try after a cut: full jitter from 0 to this. */
    readonly firstMs: number;
    /** Cap of the jittered delay while the cut is younger than `eagerForMs`. */
    readonly eagerCapMs: number;
    readonly exclusiveCapMs: number;
    readonly eagerForMs: number;
    readonly capMs: number;
  };
  readonly rollout: {
    /** An instance is healthy once an attempt lived this long. */
    readonly soakMs: number;
    /** The deploy fails its soak at this many crashes. */
    readonly soakCrashes: number;
    /** … or when an instance had no full soak for this long after its first start. */
    readonly soakDeadlineMs: number;
    /** Fetching source or artifact and starting may take this long. */
    readonly startDeadlineMs: number;
    readonly noRoomMs: number;
    readonly buildDeadlineMs: number;
    /** A predeploy command is stopped after this long. */
    readonly predeployDeadlineMs: number;
  };
  readonly logs: {
    /** A dirty file is read at most this often; the block's lines carry the time of reading. */
    readonly readMs: number;
    /** Unread logs are shipped this long after they were written. */
    readonly flushMs: number;
    /**
     * A line without its newline (a prompt) leaves this long after it was read where somebody reads, each further
     * piece of it after twice the wait; else after `flushMs`.
     */
    readonly openLineMs: number;
    /** Raw bytes of a frame, at most; compressed it then stays under 256 KiB in practice. */
    readonly frameRawBytes: number;
    readonly frameBytes: number;
    readonly lineBytes: number;
    /** Frames on the way and not acknowledged, at most, per worker channel. */
    readonly windowFrames: number;
    /** Somebody who reads is remembered this long; frames leave at once. */
    readonly attendMs: number;
    /** Lines kept with a crash. */
    readonly tailLines: number;
    /** A worker's object keeps its logs so long … */
    readonly hotMs: number;
    /** … and at most so many compressed bytes and rows of them: the oldest go. */
    readonly hotBytes: number;
    readonly hotRows: number;
  };
  /** What a worker's object keeps of its past besides its logs: the newest so many of each. */
  readonly history: {
    readonly events: number;
    readonly crashes: number;
    /** Deploys, with the releases that these, the live one and what runs still need. */
    readonly deploys: number;
    /** What is old is dropped this often. */
    readonly trimMs: number;
  };
  /** Of exclusive instances. `replaceMs` counts from what the object heard last, the others from what the agent sent. */
  readonly lease: {
    readonly renewMs: number;
    /** The keeper sends TERM so long after the last answered renewal was sent … */
    readonly termMs: number;
    /** … and KILL so long after it, whatever the stop grace. */
    readonly killMs: number;
    readonly replaceMs: number;
  };
  /** Where many hosts of a project fall silent at once, it is more likely us than them. */
  readonly breaker: {
    /** Replacement freezes where this share of a project's hosts … */
    readonly share: number;
    /** … of which there are at least so many … */
    readonly hosts: number;
    /** … was lost within this time … */
    readonly windowMs: number;
    /** … and thaws by itself after this. */
    readonly thawMs: number;
    /** How often a frozen host looks whether it may thaw. */
    readonly lookMs: number;
  };
  readonly artifacts: {
    /** A larger one is uploaded in parts … */
    readonly multipartBytes: number;
    /** … of this size; the store takes none below 5 MiB but the last. */
    readonly partBytes: number;
    /** Packed, at most. */
    readonly mostBytes: number;
    /** Unpacked, at most: bytes, and files, directories and links. */
    readonly mostTreeBytes: number;
    readonly mostEntries: number;
    /** How often an upload or a download is taken up again where it was cut, before it counts as failed. */
    readonly tries: number;
    /** An upload that nobody goes on with is dropped after this. */
    readonly halfMs: number;
    /** An artifact that no release refers to is kept for this since it was last asked for. */
    readonly keepMs: number;
    /** How often it is looked whether a release still refers to it. */
    readonly lookMs: number;
    /** Releases of a worker whose artifacts are kept, and their trees on hosts, beside those in use. */
    readonly releases: number;
    /** A worker's build cache that grew beyond this begins anew. */
    readonly cacheBytes: number;
    /** What a host keeps of a worker that it has not run or built for this long is dropped, but for its HOME. */
    readonly idleMs: number;
  };
  /** Of a build command; its time is `rollout.buildDeadlineMs`. */
  readonly build: {
    /** Share of the host's memory that it may have. */
    readonly memoryShare: number;
    /** Processes and threads. */
    readonly pids: number;
    readonly nice: number;
  };
  readonly objects: {
    /** A projection is written to D1 at most this often. */
    readonly projectionMs: number;
    /** Reservations without a confirmed instance are audited after this long. */
    readonly auditMs: number;
    /** A failed effect (an unreachable HostObject, D1) is tried again after this long. */
    readonly retryMs: number;
  };
}

export const DEFAULT_POLICY = {
  restart: { baseMs: 1_000, capMs: 60_000, jitter: 0.25, resetAfterMs: 600_000 },
  heartbeat: {
    hostPingMs: 10_000,
    workerPingMs: 30_000,
    pongTimeoutMs: 15_000,
    suspectMs: 25_000,
    lostMs: 60_000,
    lateMs: 5_000,
  },
  reconnect: {
    firstMs: 5_000,
    eagerCapMs: 15_000,
    exclusiveCapMs: 5_000,
    eagerForMs: 120_000,
    capMs: 60_000,
  },
  rollout: {
    soakMs: 10_000,
    soakCrashes: 3,
    soakDeadlineMs: 60_000,
    startDeadlineMs: 600_000,
    noRoomMs: 600_000,
    buildDeadlineMs: 1_800_000,
    predeployDeadlineMs: 1_800_000,
  },
  logs: {
    readMs: 100,
    flushMs: 300_000,
    openLineMs: 1_000,
    frameRawBytes: 1_048_576,
    frameBytes: 262_144,
    lineBytes: 1_048_576,
    windowFrames: 8,
    attendMs: 60_000,
    tailLines: 100,
    hotMs: 604_800_000,
    hotBytes: 536_870_912,
    hotRows: 100_000,
  },
  history: { events: 5_000, crashes: 2_000, deploys: 200, trimMs: 21_600_000 },
  lease: { renewMs: 10_000, termMs: 40_000, killMs: 50_000, replaceMs: 60_000 },
  breaker: { share: 0.5, hosts: 3, windowMs: 120_000, thawMs: 900_000, lookMs: 15_000 },
  artifacts: {
    multipartBytes: 52_428_800,
    partBytes: 16_777_216,
    mostBytes: 1_073_741_824,
    mostTreeBytes: 4_294_967_296,
    mostEntries: 500_000,
    tries: 5,
    halfMs: 86_400_000,
    keepMs: 86_400_000,
    lookMs: 21_600_000,
    releases: 10,
    cacheBytes: 2_147_483_648,
    idleMs: 2_592_000_000,
  },
  build: { memoryShare: 0.5, pids: 4_096, nice: 10 },
  objects: { projectionMs: 5_000, auditMs: 120_000, retryMs: 5_000 },
} as const satisfies Policy;

/** Overrides for some of the numbers; what is left out keeps its default. */
export type PolicyOverrides = { readonly [K in keyof Policy]?: Partial<Policy[K]> };

export function makePolicy(overrides: PolicyOverrides = {}): Policy {
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys(DEFAULT_POLICY) as (keyof Policy)[]) {
    merged[key] = { ...DEFAULT_POLICY[key], ...overrides[key] };
  }
  return merged as unknown as Policy;
}

/** What an operator gave as JSON; what is no section of a policy is left out. */
export function parseOverrides(json: string | undefined): PolicyOverrides {
  if (!json) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null) return {};
    const known = Object.keys(DEFAULT_POLICY);
    return Object.fromEntries(Object.entries(value).filter(([key]) => known.includes(key)));
  } catch {
    console.error("COPPICE_POLICY is not JSON; the default policy is in force");
    return {};
  }
}

/** Where an instance stands in its back-off: how many restarts in a row since it was last up long enough. */
export interface RestartCount {
  readonly restarts: number;
}

export interface RestartVerdict {
  readonly delayMs: number;
  readonly next: RestartCount;
}

/**
 * When to start again after an attempt ended. 0 at first, then base, 2·base … cap, each spread by ±jitter.
 * `random` is in [0, 1). Never gives up.
 */
export function nextRestart(
  policy: RestartPolicy,
  count: RestartCount,
  uptimeMs: number,
  random: number,
): RestartVerdict {
  const restarts = uptimeMs >= policy.resetAfterMs ? 0 : count.restarts;
  const next = { restarts: restarts + 1 };
  if (restarts === 0) return { delayMs: 0, next };
  const plain = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(restarts - 1, 30));
  const spread = 1 + policy.jitter * (2 * random - 1);
  return { delayMs: Math.round(plain * spread), next };
}

/** How long to wait before the next try to connect: full jitter, eager at first, calm later. */
export function nextReconnectMs(
  policy: Policy["reconnect"],
  state: { readonly attempt: number; readonly downMs: number; readonly exclusive: boolean },
  random: number,
): number {
  if (state.attempt === 0) return Math.round(policy.firstMs * random);
  if (state.downMs >= policy.eagerForMs) return Math.round(policy.capMs * (0.5 + random / 2));
  const cap = state.exclusive ? policy.exclusiveCapMs : policy.eagerCapMs;
  const ceiling = Math.min(cap, policy.firstMs * 2 ** Math.min(state.attempt, 20));
  return Math.round(ceiling * random);
}
