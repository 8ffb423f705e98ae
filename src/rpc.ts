// The two kinds of Durable Object as the rest of the control plane sees them: narrow, serialisable, idempotent.
//
// 1. Every mutation may be repeated: an id or a version made by the caller tells the repeat from a new wish.
// 2. Refusals are values, not exceptions; a thrown error means that the object could not be reached or broke.
import type { Capacity, HostFacts, Inspect, Inspected } from "../protocol/channel.ts";
import type { DeployId, HostId, InstanceId, JobId, ProjectId, WorkerId } from "../protocol/ids.ts";
import type { DeployStatus, WorkerStatus } from "../protocol/instance.ts";
import type { GroupVersion, LiveEnv } from "../protocol/live-env.ts";
import type {
  BuildLogLine,
  CrashGroupView,
  CrashView,
  DeployView,
  EventView,
  HostStatus,
  InstanceView,
  LogLine,
  ReleaseDiffView,
  ReleaseView,
} from "../protocol/rest.ts";
import type { WorkerSpec } from "../protocol/spec.ts";

/** An encrypted set of variables; what a release holds. Decrypted only while it is sent to a host. */
export interface EnvSnapshot {
  /** Of the worker's own variables. */
  readonly version: number;
  /** The groups that were taken in, the weakest first; none where it was made before there were any. */
  readonly groups?: readonly GroupVersion[];
  /** The project's data key, wrapped by the master key, base64. */
  readonly wrappedKey: string;
  readonly entries: readonly {
    /** The group that it comes from, unchanged; left out where it is sealed for the worker. */
    readonly owner?: string;
    /** It is no secret. */
    readonly plain?: boolean;
    /** Digest of the owners and versions that a value was made of; left out where it names no others. */
    readonly made?: string;
    readonly name: string;
    readonly version: number;
    readonly iv: string;
    readonly ciphertext: string;
  }[];
}

/** What opens a private repository, encrypted; opened only while its builder is sent the build. */
export interface SealedCredential {
  /** The server that it was set for, as `repoOrigin` gives it: it opens for no other. */
  readonly origin: string;
  readonly version: number;
  /** The project's data key, wrapped by the master key, base64. */
  readonly wrappedKey: string;
  readonly iv: string;
  readonly ciphertext: string;
}

export interface ApplyInput {
  readonly workerId: WorkerId;
  readonly projectId: ProjectId;
  readonly project: string;
  readonly specVersion: number;
  readonly spec: WorkerSpec;
  readonly actor: string;
  /** The deploy that creating the worker asked for. Repeated by every apply; known by its id. */
  readonly initialDeploy:
    | (Pick<DeployInput, "deployId" | "git"> & {
        readonly env: EnvSnapshot;
      })
    | null;
}

export interface DeployInput {
  readonly deployId: DeployId;
  readonly kind: "deploy" | "restart";
  /** For `deploy`: a branch or commit, null for the spec's branch. */
  readonly ref: string | null;
  /** The variables as they are now; not used by `restart`, which repeats the live release. */
  readonly env: EnvSnapshot | null;
  /** What opens the repository, as it is now; null where nothing has to, and for a `restart`. */
  readonly git: SealedCredential | null;
  readonly actor: string;
}

export type Refusal = {
  readonly ok: false;
  readonly code: "not_found" | "conflict";
  readonly message: string;
};

export interface PageInput {
  readonly cursor: string | null;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** What a release is made of, as the spec said when its build began. */
export type Recipe = Pick<
  WorkerSpec,
  | "repo"
  | "rootDir"
  | "buildCommand"
  | "predeployCommand"
  | "startCommand"
  | "stopSignal"
  | "stopGraceMs"
  | "mode"
> &
  /** Absent from one that was stored before there were limits. */
  Partial<Pick<WorkerSpec, "memoryBytes" | "cpus" | "pids" | "openFiles">>;

/** The newest deploy that is under way or live. */
export interface NewestDeploy {
  readonly made: Recipe;
  /** The branch or commit that was asked for; null where that is not known any more, as after a rollback. */
  readonly ref: string | null;
  readonly env: LiveEnv;
}

export interface WorkerOverview {
  readonly status: WorkerStatus;
  readonly statusReason: string | null;
  readonly running: number;
  readonly release: number | null;
  /** What the live release runs with; null where there is none. */
  readonly liveEnv: LiveEnv | null;
  readonly lastDeployAt: number | null;
  readonly lastCrashAt: number | null;
  readonly appliedVersion: number;
  /** Null where there is none: nothing was deployed yet, or it failed. */
  readonly newest: NewestDeploy | null;
}

export interface LogInput {
  /** Opaque, from a line: what follows it. Null for the newest lines. */
  readonly cursor: string | null;
  /** As `cursor`, but for the newest of the lines before it; one of the two is null. */
  readonly before: string | null;
  readonly limit: number;
  readonly slot: number | null;
  readonly instance: string | null;
  readonly release: number | null;
  readonly stream: "stdout" | "stderr" | "system" | null;
  /** ms since the epoch. */
  readonly since: number | null;
  readonly text: string | null;
  /** The caller goes on reading: hosts ship at once for a while. */
  readonly attend: boolean;
}

export interface LogPage {
  readonly lines: LogLine[];
  /** Where the next page begins; the same as the one given where nothing came. */
  readonly cursor: string;
  /** More lines are stored behind this page. */
  readonly more: boolean;
  /** What to give as `before` for what stands before this page; null where nothing does. */
  readonly earlier: string | null;
}

export interface BuildLogInput {
  readonly number: number;
  /** Null for the beginning. */
  readonly cursor: string | null;
  readonly limit: number;
  /** The caller goes on reading: hosts ship at once for a while. */
  readonly attend: boolean;
}

export interface BuildLogPage {
  readonly lines: BuildLogLine[];
  readonly cursor: string;
  readonly more: boolean;
  readonly status: DeployStatus;
  /** It has yet to be built, or is being built. */
  readonly building: boolean;
  /** It was read to its end, and no line will follow. */
  readonly complete: boolean;
}

export interface SnapshotInput {
  /** The cursor behind which events are wanted; null for those from now on. */
  readonly after: string | null;
}

export interface WorkerSnapshot {
  /** Null before the first spec, and after the end. */
  readonly overview: WorkerOverview | null;
  readonly instances: InstanceView[];
  /** The newest five, and older ones that are under way; oldest first. */
  readonly deploys: DeployView[];
  readonly events: { readonly cursor: string; readonly view: EventView }[];
  readonly cursor: string;
  readonly more: boolean;
}

export interface WorkerObjectRpc {
  apply(input: ApplyInput): Promise<{ readonly ok: true; readonly appliedVersion: number }>;
  deploy(input: DeployInput): Promise<{ readonly ok: true; readonly deploy: DeployView } | Refusal>;
  /** `release` null: the one that was live before the present one. Cancels what is under way. */
  rollback(input: {
    readonly deployId: DeployId;
    readonly release: number | null;
    readonly actor: string;
  }): Promise<{ readonly ok: true; readonly deploy: DeployView } | Refusal>;
  /** `against` null: the live one. */
  releaseDiff(input: {
    readonly to: number;
    readonly against: number | null;
  }): Promise<{ readonly ok: true; readonly diff: ReleaseDiffView } | Refusal>;
  cancelDeploy(input: {
    readonly number: number;
    readonly actor: string;
  }): Promise<{ readonly ok: true; readonly deploy: DeployView } | Refusal>;
  /** Writes an event of the caller into the timeline, known by its id. */
  note(input: {
    readonly eventId: string;
    readonly kind: "env_changed";
    readonly actor: string;
    readonly message: string;
  }): Promise<void>;
  /** The project's data key is the same, wrapped by another master key: what is kept here opens with that one from now on. */
  rekey(input: { readonly wrappedKey: string }): Promise<void>;
  overview(): Promise<WorkerOverview | null>;
  instances(): Promise<InstanceView[]>;
  deploys(page: PageInput): Promise<Page<DeployView>>;
  deployByNumber(number: number): Promise<DeployView | null>;
  releases(page: PageInput): Promise<Page<ReleaseView>>;
  /** Digests of the artifacts that its newest releases refer to, and those in use. */
  artifacts(): Promise<readonly string[]>;
  /** Of one group, or of all. */
  crashes(page: PageInput & { readonly group?: number }): Promise<Page<CrashView>>;
  /** Seen last first; a crash group is a kind of crash. */
  crashGroups(limit: number): Promise<CrashGroupView[]>;
  events(page: PageInput): Promise<Page<EventView>>;
  /** Asks the hosts to ship what they have; answers when they did, or when none is connected. The caller bounds the wait. */
  flush(): Promise<void>;
  logs(input: LogInput): Promise<LogPage>;
  /** Null where there is no such deploy. */
  buildLog(input: BuildLogInput): Promise<BuildLogPage | null>;
  /** For watchers: who looked is told of what comes next. */
  snapshot(input: SnapshotInput): Promise<WorkerSnapshot>;
  /** From a HostObject: that host fell silent in that epoch. Repeated until answered. */
  hostLost(input: {
    readonly hostId: HostId;
    readonly epoch: number;
    readonly lastHeardAt: number;
    /** It will never come back: what it ran is gone, and nothing waits for its word. */
    readonly removed?: boolean;
    /** Too many hosts were lost at once: nothing there is replaced until this is told again without it. */
    readonly frozen?: Frozen | null;
  }): Promise<{ readonly answered: true }>;
  /** From a HostObject: it is being emptied, its deadline passed, or it stays after all (null). Older versions are ignored. */
  hostDraining(input: {
    readonly hostId: HostId;
    readonly version: number;
    readonly drain: "moving" | "overdue" | null;
  }): Promise<void>;
  /** From a HostObject: that host is back, or was never gone. */
  hostReturned(input: { readonly hostId: HostId; readonly epoch: number }): Promise<void>;
  /** From a HostObject's audit: which of these reservations does the worker still hold? */
  holds(input: {
    readonly hostId: HostId;
    readonly keys: readonly string[];
  }): Promise<readonly string[]>;
  /** A host joined or freed room: try what is pending again. */
  roomFreed(): Promise<void>;
  /** WebSocket upgrades: `/channel` (a host; Authorization: Bearer assertion), `/watch` (a reader of the log) and `/watch/state` (a watcher of the rest), who get `{"type":"news"}`. */
  fetch(request: Request): Promise<Response>;
}

export interface Reservation {
  /** The instance's, the deploy's or the job's id. */
  readonly key: InstanceId | DeployId | JobId;
  readonly workerId: WorkerId;
  /** A build takes no slot, nor does a job, which is reserved as one. */
  readonly kind: "instance" | "build";
  /** Set aside for it; 0 for nothing. */
  readonly memoryBytes: number;
  readonly cpus: number;
}

export type NoRoom = "full" | "memory" | "cpu" | "cordoned" | "offline" | "removed";

/** So many of a project's hosts were lost at once. */
export interface Frozen {
  readonly gone: number;
  readonly of: number;
}

/** What another host's object is told of this one when it takes a census. */
export interface HostSighting {
  readonly status: HostStatus;
  readonly lostAt: number | null;
}

/** What a host that admits something is known by. */
export interface AdmittingHost {
  readonly epoch: number;
  readonly publicKey: string;
  readonly name: string;
  /** Of its owner's wish, and what that makes of it: a worker that left may not have heard that a drain ended. */
  readonly intentVersion: number;
  readonly drain: "moving" | "overdue" | null;
}

export interface ReserveAnswer {
  /** Keys that have their room. */
  readonly admitted: readonly string[];
  /** Why the others have none; null where there are no others. */
  readonly refused: NoRoom | null;
  /** Null where nothing was admitted. */
  readonly host: AdmittingHost | null;
}

export interface HostOverview {
  readonly status: HostStatus;
  readonly capacity: Capacity | null;
  readonly facts: HostFacts | null;
  readonly used: number;
  readonly heldMemoryBytes: number;
  readonly heldCpus: number;
  readonly epoch: number;
  readonly lastHeardAt: number | null;
  /** When it was lost; null where it is not. */
  readonly lostAt: number | null;
  readonly frozen: Frozen | null;
}

export interface HostObjectRpc {
  register(input: {
    readonly hostId: HostId;
    readonly projectId: ProjectId;
    readonly name: string;
    readonly publicKey: string;
    readonly capacity: Capacity;
    readonly facts: HostFacts;
  }): Promise<void>;
  /** Admits as many as there is room for, in that order; idempotent by key. Only an online host admits. */
  reserve(wanted: readonly Reservation[]): Promise<ReserveAnswer>;
  /** After the worker's own commit; an unconfirmed reservation is audited. Answers which of them hold their room. */
  confirm(keys: readonly string[]): Promise<readonly string[]>;
  release(keys: readonly string[]): Promise<void>;
  overview(): Promise<HostOverview | null>;
  /** Those that hold room here. */
  workers(): Promise<readonly WorkerId[]>;
  /** What its owner wants of it; an older version is ignored. `drainUntil` is ms since the epoch, null for no drain. */
  setIntent(input: {
    readonly version: number;
    readonly cordoned: boolean;
    readonly drainUntil: number | null;
  }): Promise<void>;
  /** Somebody knows that it is dead: what it ran is replaced although many hosts were lost at once. */
  thaw(): Promise<void>;
  sighting(): Promise<HostSighting>;
  /** Asks the host to look into a repository; null where it is not connected. The caller bounds the wait. */
  inspect(input: Omit<Inspect, "type" | "id">): Promise<Inspected | null>;
  /** Whose project a request is made for: its assertion is checked against the host's key. Null where it is not valid. */
  identify(assertion: string): Promise<{ readonly projectId: ProjectId } | null>;
  /** Ends the host for good: its channel is closed as `host_removed`, its workers are told that it is lost. */
  remove(): Promise<void>;
  /** WebSocket upgrade `/channel` of the agent. */
  fetch(request: Request): Promise<Response>;
}

/** Keeps what the status page showed last, for when D1 cannot be read. */
export interface StatusObjectRpc {
  keep(snapshot: string): Promise<void>;
  last(): Promise<string | null>;
}
