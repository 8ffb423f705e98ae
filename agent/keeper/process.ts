// One process of an instance: spawned in its own session with its own environment and files, seen to its end.
//
// 1. It inherits nothing: environment exactly as given, stdin /dev/null, stdout and stderr files of its own.
// 2. A spawn that fails is an end like any other; `onEnd` is called once, never before `spawnAttempt` returns.
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { constants as os } from "node:os";
import { join } from "node:path";
import type { AttemptKey } from "../../protocol/instance.ts";
import { type KeeperInstance, outputPath } from "../../protocol/keeper.ts";
import { launch } from "./launch.ts";
import { read, readStat } from "./procfs.ts";
import { codeOf, messageOf } from "./world.ts";

export interface End {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly detail: string | null;
}

export interface Spawned {
  /** Null where nothing could be started; `onEnd` says why. */
  readonly pid: number | null;
  readonly born: number | null;
}

export interface SpawnOptions {
  readonly stateDir: string;
  readonly instance: KeeperInstance;
  readonly key: AttemptKey;
  readonly setpriv: string | null;
  /** Given when the keeper protects itself from the OOM killer: its children get this back. */
  readonly oomScoreAdj: number | null;
  readonly onEnd: (end: End) => void;
}

export function spawnAttempt(options: SpawnOptions): Spawned {
  const { instance } = options;
  let outputs: Outputs | null = null;
  let child: ChildProcess;
  try {
    outputs = openOutputs(options);
    const { command, limits, user = null } = instance;
    const openFiles = limits?.openFiles ?? null;
    const { file, args, ...as } = launch({ command, user, openFiles, setpriv: options.setpriv });
    child = spawn(file, [...args], {
      ...as,
      cwd: instance.cwd,
      env: instance.env,
      detached: true,
      stdio: ["ignore", ...outputs.fds],
    });
  } catch (error) {
    queueMicrotask(() => options.onEnd(notStarted(error, instance)));
    return { pid: null, born: null };
  } finally {
    if (outputs !== null) for (const fd of new Set(outputs.fds)) closeSync(fd);
  }
  child.once("error", (error) => {
    if (child.pid === undefined) options.onEnd(notStarted(error, instance));
  });
  child.once("exit", (code, signal) => {
    const end = describeEnd(code, signal);
    options.onEnd({ ...end, detail: joinDetails(outputs?.lost ?? null, end.detail) });
  });
  if (child.pid === undefined) return { pid: null, born: null };
  if (options.oomScoreAdj !== null) setOomScore(child.pid, options.oomScoreAdj);
  return { pid: child.pid, born: readStat(child.pid)?.born ?? 0 };
}

/** A shell reports a signal of its child as 128 + n: the signal is named, the code kept. */
export function describeEnd(code: number | null, signal: string | null): End {
  if (signal !== null || code === null || code <= 128) {
    return { exitCode: code, signal, detail: null };
  }
  const named = Object.entries(os.signals).find(([, number]) => number === code - 128)?.[0];
  if (named === undefined) return { exitCode: code, signal, detail: null };
  return { exitCode: code, signal: named, detail: `The shell reported ${code}.` };
}

export function setOomScore(pid: number | "self", score: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(score));
    return true;
  } catch {
    return false;
  }
}

const O_CLOEXEC = 0o2000000;

/**
 * Closes what the keeper's own parent left open and marked to be inherited: every program would get it.
 * Node's own descriptors are all close-on-exec.
 */
export function closeInherited(): void {
  for (const fd of readdirSync("/proc/self/fd").map(Number)) {
    const flags = /^flags:\s+(\d+)$/m.exec(read(`/proc/self/fdinfo/${fd}`) ?? "")?.[1];
    if (fd > 2 && flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0) {
      closeSync(fd);
    }
  }
}

export function joinDetails(...details: (string | null)[]): string | null {
  const said = details.filter((detail) => detail !== null);
  return said.length === 0 ? null : said.join(" ");
}

function notStarted(error: unknown, instance: KeeperInstance): End {
  return { exitCode: null, signal: null, detail: `Not started: ${whyNot(error, instance)}.` };
}

function whyNot(error: unknown, { cwd }: KeeperInstance): string {
  const code = codeOf(error);
  if (code === "ENOENT" && !existsSync(cwd)) return `the directory ${cwd} does not exist`;
  if (code === "ENOTDIR" || (existsSync(cwd) && !statSync(cwd).isDirectory())) {
    return `${cwd} is not a directory`;
  }
  return messageOf(error);
}

const OUTPUT_FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

type OutputOptions = Pick<SpawnOptions, "stateDir" | "instance" | "key">;

/** Makes an attempt's output files ahead: creating them is the slowest part of a start. */
export function prepareOutputs(options: OutputOptions): void {
  for (const fd of new Set(openOutputs(options).fds)) closeSync(fd);
}

/** Removes the files of an attempt that never came. */
export function discardOutputs({ stateDir, key }: Omit<OutputOptions, "instance">): void {
  for (const stream of ["stdout", "stderr"] as const) {
    try {
      unlinkSync(join(stateDir, outputPath(key, stream)));
    } catch {}
  }
}

interface Outputs {
  /** stdout and stderr. */
  readonly fds: readonly [number, number];
  /** Says so where the output goes nowhere. */
  readonly lost: string | null;
}

/**
 * Where the output goes. A disk that has no room for the files doesn't keep the program from running:
 * its output is dropped, and its exit says so.
 */
function openOutputs({ stateDir, instance, key }: OutputOptions): Outputs {
  const open = (stream: "stdout" | "stderr") => {
    const fd = openSync(join(stateDir, outputPath(key, stream)), OUTPUT_FLAGS, 0o600);
    // Or a program that opens /dev/stderr anew, as shells do for `>/dev/stderr`, would be refused.
    if (instance.user) fchownSync(fd, instance.user.uid, instance.user.gid);
    return fd;
  };
  let stdout: number | null = null;
  try {
    stdout = open("stdout");
    return { fds: [stdout, open("stderr")], lost: null };
  } catch (error) {
    if (stdout !== null) closeSync(stdout);
    const nowhere = openSync("/dev/null", constants.O_WRONLY);
    return { fds: [nowhere, nowhere], lost: `Its output was lost: ${messageOf(error)}.` };
  }
}
