// What the agent needs from outside itself: time, chance, processes and sockets.
// Everything below main.ts is handed these, so that tests decide what happens and when.

export interface Timer {
  cancel(): void;
}

export interface World {
  /** Wall clock, ms since the epoch: only for what is shown or signed. It may jump. */
  now(): number;
  /** Rises steadily, ms, the same for keeper and agent (CLOCK_MONOTONIC): whatever waits or lasts is measured with it. */
  elapsed(): number;
  /** What the machine slept since its boot, ms: CLOCK_MONOTONIC stood still meanwhile. */
  sleptMs(): number;
  /** In [0, 1). */
  random(): number;
  after(delayMs: number, run: () => void): Timer;
  spawn: Spawn;
  dial: Dial;
  connectKeeper: ConnectKeeper;
  ask: Ask;
  /** Tells one process from a later one with the same pid; null where there is none. */
  bornAt(pid: number): string | null;
  /** Kills what is left of the session that this process of an earlier agent led. */
  killLeftover(leader: Leader): void;
  /** Kills every process that was started with that entry (`NAME=value`) in its environment. */
  killMarked(mark: string): void;
  /** Kills every process of that user, also those that fork meanwhile. */
  killUser(uid: number): void;
  /** Whether a process has its working directory or its program below that directory, however it was called then. */
  runsBelow(dir: string): boolean;
}

export interface Leader {
  readonly pid: number;
  readonly born: string;
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Both streams go to this descriptor; without it they are captured, each up to `captureBytes`. */
  readonly outputFd?: number;
  readonly captureBytes?: number;
  /** Added to the process's niceness. */
  readonly nice?: number;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Called with its pid; the child has a descriptor 3 that ends once this is done. */
  readonly admit?: (pid: number) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started at all. */
  readonly error: string | null;
}

/** A child that leads its own process group. */
export interface Running {
  readonly pid: number | null;
  readonly ended: Promise<Ended>;
  killGroup(signal: "SIGTERM" | "SIGKILL"): void;
}

export type Spawn = (options: SpawnOptions) => Running;

export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  /** The server answered the upgrade with something else than 101. */
  refused(status: number, message: string): void;
  closed(code: number, reason: string): void;
}

export interface Socket {
  send(data: string | Uint8Array): void;
  /** Says goodbye. */
  close(code: number, reason: string): void;
  /** Drops the connection without waiting for the other side; `closed` still follows. */
  terminate(): void;
}

export type Dial = (
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
) => Socket;

export interface KeeperPipeEvents {
  opened(): void;
  data(chunk: string): void;
  closed(message: string): void;
}

export interface KeeperPipe {
  write(text: string): void;
  destroy(): void;
}

export type ConnectKeeper = (events: KeeperPipeEvents) => KeeperPipe;

/** One HTTP request, with streams for bodies. */
export interface AskOptions {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?:
    | { readonly kind: "json"; readonly text: string }
    | {
        readonly kind: "file";
        readonly path: string;
        readonly start: number;
        readonly bytes: number;
        /** Told of each chunk that was handed to the socket. */
        readonly onSent?: (bytes: number) => void;
      };
  readonly signal: AbortSignal;
  /** Ends it after so long a silence; 30 s unless said otherwise. */
  readonly idleMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Read it to its end, or destroy it. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(): unknown };
}

/** Rejects where no answer came. */
export type Ask = (options: AskOptions) => Promise<Answer>;

/** One line per operation; `fields` become k=v. */
export interface Log {
  info(what: string, fields?: LogFields): void;
  warn(what: string, fields?: LogFields): void;
  error(what: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `time level what k=v …`; values with spaces or quotes are JSON strings. */
export function logLine(
  at: number,
  level: keyof Log,
  what: string,
  fields: LogFields = {},
): string {
  const parts = [new Date(at).toISOString(), level, what];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = String(value);
    parts.push(`${key}=${/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)}`);
  }
  return parts.join(" ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
