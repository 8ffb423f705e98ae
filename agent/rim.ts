// The real world, for main.ts alone: clock, processes, sockets.
import { spawn as spawnChild, spawnSync } from "node:child_process";
import { readlinkSync, realpathSync } from "node:fs";
import { connect } from "node:net";
import { setPriority } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { ask } from "./artifacts/http.ts";
import { makeClock, readUptimeMs } from "./keeper/clock.ts";
import { hasMarker, listPids, readBootId, readStat } from "./keeper/procfs.ts";
import type {
  ConnectKeeper,
  Dial,
  Ended,
  Leader,
  Log,
  LogFields,
  Running,
  Spawn,
  SpawnOptions,
  World,
} from "./world.ts";
import { logLine } from "./world.ts";

/** A network that heals is found by a new try: one whose first packets were lost waits ever longer for an answer. */
const DIAL_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1_048_576;
const MAX_TIMER_MS = 2 ** 31 - 1;

export function realWorld(state: string): World {
  const clock = makeClock(readUptimeMs);
  return {
    now: () => Date.now(),
    elapsed: clock.monotonicMs,
    sleptMs: clock.sleptMs,
    random: () => Math.random(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, Math.min(delayMs, MAX_TIMER_MS));
      return { cancel: () => clearTimeout(timer) };
    },
    spawn,
    dial,
    connectKeeper: keeperAt(join(state, "keeper.sock")),
    bornAt,
    ask,
    killLeftover,
    killMarked,
    killUser,
    runsBelow,
  };
}

export const stderrLog: Log = {
  info: (what, fields) => write("info", what, fields),
  warn: (what, fields) => write("warn", what, fields),
  error: (what, fields) => write("error", what, fields),
};

function write(level: keyof Log, what: string, fields?: LogFields): void {
  process.stderr.write(`${logLine(Date.now(), level, what, fields)}\n`);
}

export const spawn: Spawn = (options: SpawnOptions): Running => {
  const { admit, command, args, cwd, env, outputFd, nice, user } = options;
  const output = outputFd ?? "pipe";
  const child = spawnChild(command, [...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ["ignore", output, output, ...(admit ? (["pipe"] as const) : [])],
    ...user,
  });
  const { pid } = child;
  if (pid !== undefined) admit?.(pid);
  const gate = child.stdio[3];
  gate?.on("error", () => {});
  gate?.destroy();
  if (nice !== undefined && pid !== undefined) {
    try {
      setPriority(pid, nice);
    } catch {}
  }
  const capBytes = options.captureBytes ?? 65_536;
  const stdout = capture(child.stdout, capBytes);
  const stderr = capture(child.stderr, capBytes);
  const ended = new Promise<Ended>((resolve) => {
    const end = (end: Pick<Ended, "code" | "signal" | "error">) =>
      resolve({ ...end, stdout: stdout(), stderr: stderr() });
    child.once("error", (error) => end({ code: null, signal: null, error: error.message }));
    // With captured output, what the last descendant printed counts too.
    child.once(
      outputFd === undefined ? "close" : "exit",
      (code: number | null, signal: string | null) => end({ code, signal, error: null }),
    );
  });
  return {
    pid: pid ?? null,
    ended,
    killGroup: (signal) => {
      if (pid === undefined) return;
      try {
        process.kill(-pid, signal);
      } catch {}
    },
  };
};

/** Keeps the last bytes of a stream. */
function capture(stream: NodeJS.ReadableStream | null, capBytes: number): () => string {
  let chunks: Buffer[] = [];
  let held = 0;
  stream?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held <= 2 * capBytes) return;
    chunks = [Buffer.concat(chunks).subarray(-capBytes)];
    held = capBytes;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The boot is part of it: start times begin anew with each. */
function bornAt(pid: number): string | null {
  const stat = readStat(pid);
  return stat && `${readBootId()}/${stat.born}`;
}

function killLeftover({ pid, born }: Leader): void {
  const [boot] = born.split("/");
  const leader = bornAt(pid);
  // A number that leads another session by now is not ours any more.
  if (boot !== readBootId() || (leader !== null && leader !== born)) return;
  for (const member of listPids()) {
    if (readStat(member)?.session !== pid) continue;
    try {
      process.kill(member, "SIGKILL");
    } catch {}
  }
}

const MARK_PASSES = 20;

/** Again until a look finds none, for those that fork meanwhile. */
function killMarked(mark: string): void {
  for (let pass = 0; pass < MARK_PASSES; pass++) {
    const marked = listPids().filter((pid) => isMarked(pid, mark));
    if (marked.length === 0) return;
    for (const pid of marked) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
    }
  }
}

/** As that user, to all that it may signal: in one step, so that nothing can fork out of the way. */
function killUser(uid: number): void {
  spawnSync("/bin/sh", ["-c", "kill -9 -1"], { uid, gid: uid, stdio: "ignore" });
}

/** The kernel follows a directory that was renamed. */
function runsBelow(dir: string): boolean {
  const real = `${realpathSync(dir)}/`;
  return listPids().some((pid) =>
    ["cwd", "exe"].some((what) => linkOf(`/proc/${pid}/${what}`).startsWith(real)),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** A zombie's environment is empty. */
function isMarked(pid: number, mark: string): boolean {
  const [name = "", value = ""] = mark.split(/=(.*)/s);
  return pid !== process.pid && hasMarker(pid, name, value);
}

const dial: Dial = (url, headers, events) => {
  const socket = new WebSocket(url, {
    headers: { ...headers },
    handshakeTimeout: DIAL_TIMEOUT_MS,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
  let over = false;
  socket.on("open", () => events.opened());
  socket.on("message", (data, isBinary) => {
    if (!isBinary) events.text(data.toString());
  });
  socket.on("unexpected-response", (request, response) => {
    over = true;
    response.resume();
    request.destroy();
    events.refused(response.statusCode ?? 0, response.statusMessage ?? "");
  });
  socket.on("close", (code, reason) => {
    if (!over) events.closed(code, lastError ?? reason.toString());
  });
  let lastError: string | null = null;
  socket.on("error", (error) => {
    lastError = error.message;
  });
  return {
    send: (data) => socket.send(data, () => {}),
    close: (code, reason) => {
      socket.close(code, reason);
      // Who does not answer the goodbye is dropped; the process need not wait for that.
      setTimeout(() => socket.terminate(), 1_000).unref();
    },
    terminate: () => socket.terminate(),
  };
};

function keeperAt(path: string): ConnectKeeper {
  return (events) => {
    const socket = connect(path);
    let message = "the keeper closed the connection";
    socket.setEncoding("utf8");
    socket.on("connect", () => events.opened());
    socket.on("data", (chunk) => events.data(chunk.toString()));
    socket.on("error", (error) => {
      message = error.message;
    });
    socket.on("close", () => events.closed(message));
    return {
      write: (text) => void socket.write(text),
      destroy: () => socket.destroy(),
    };
  };
}
