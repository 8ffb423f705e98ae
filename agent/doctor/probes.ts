// What the doctor looks at, in the order in which one thing needs the other. Reads, asks and writes one file of its own.
import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { PING, PONG } from "../../protocol/channel.ts";
import { askKeeper, runningPids } from "../ask-keeper.ts";
import { IdentityFile, loadIdentity } from "../identity.ts";
import { readStanding } from "../standing.ts";
import { probeUsers } from "../users/users.ts";
import { codeOf, messageOf } from "../world.ts";
import type { Finding, SocketOutcome } from "./verdicts.ts";

const WITHIN_MS = 10_000;
const GOODBYE_MS = 200;
const FSYNCS = 8;
const LOOPBACK = /^(localhost|127\.|\[::1\])/;
const run = promisify(execFile);

export async function* examine(state: string): AsyncGenerator<Finding> {
  yield { what: "user", uid: process.getuid?.() ?? 0 };
  yield { what: "node", version: process.versions.node };
  yield await git();
  yield disk(state);
  yield fsync(state);
  const keeper = await askKeeper(join(state, "keeper.sock"), 2_000);
  yield { what: "cgroups", mounted: cgroups(), keeper: keeper?.containment ?? null };
  const house = keeper?.house ?? null;
  yield { what: "limits", house };
  yield { what: "users", why: probeUsers(state), house };
  yield keeper === null
    ? { what: "keeper", error: "does not answer" }
    : { what: "keeper", pid: keeper.pid, programs: runningPids(keeper).length };
  const loaded = loadIdentity(state);
  if (!loaded.ok) {
    yield { what: "identity", error: loaded.message };
    return;
  }
  const { name, project, url } = loaded.identity;
  yield { what: "identity", name, project, url };
  yield* network(url, new IdentityFile(state, loaded.identity));
  const standing = readStanding(state);
  yield { what: "agent", channel: standing?.channel ?? null, reason: standing?.reason ?? null };
}

/** The way to the control plane; the first step that fails ends it. */
async function* network(url: string, identity: IdentityFile): AsyncGenerator<Finding> {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    yield { what: "dns", host, addresses };
  } catch (error) {
    yield { what: "dns", host, error: codeOf(error) ?? messageOf(error) };
    return;
  }
  const startedAt = performance.now();
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(WITHIN_MS) });
    const ms = Math.round(performance.now() - startedAt);
    await response.body?.cancel();
    yield { what: "tls", secure: url.startsWith("https:"), loopback: LOOPBACK.test(hostname), ms };
    const date = Date.parse(response.headers.get("date") ?? "");
    yield { what: "clock", aheadMs: Number.isNaN(date) ? null : Date.now() - date };
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    yield { what: "tls", url, error: messageOf(cause), code: codeOf(cause) ?? null };
    return;
  }
  const outcome = await tryChannel(url, identity.assertion(Date.now()));
  yield { what: "websocket", outcome };
  yield { what: "credential", outcome };
}

/** Opens a host channel and pings, without a hello: the channel of the running agent stays as it is. */
function tryChannel(url: string, assertion: string): Promise<SocketOutcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/agent/host`, {
      headers: { authorization: `Bearer ${assertion}` },
      handshakeTimeout: WITHIN_MS,
      perMessageDeflate: false,
    });
    const finish = (outcome: SocketOutcome) => {
      clearTimeout(timer);
      resolve(outcome);
      socket.close();
      setTimeout(() => socket.terminate(), GOODBYE_MS);
    };
    const timer = setTimeout(
      () =>
        finish({
          kind: "failed",
          message: `a ping was not answered within ${WITHIN_MS / 1_000} s`,
        }),
      WITHIN_MS,
    );
    socket.on("open", () => socket.send(PING));
    socket.on("message", (data) => {
      if (data.toString() === PONG)
        finish({ kind: "answered", ms: Math.round(performance.now() - startedAt) });
    });
    socket.on("close", (code, reason) =>
      finish({ kind: "closed", code, reason: reason.toString() }),
    );
    socket.on("unexpected-response", (request, response) => {
      response.resume();
      request.destroy();
      finish({ kind: "status", status: response.statusCode ?? 0 });
    });
    socket.on("error", (error) => finish({ kind: "failed", message: error.message }));
  });
}

async function git(): Promise<Finding> {
  try {
    return { what: "git", version: (await run("git", ["--version"])).stdout.trim() };
  } catch {
    return { what: "git", version: null };
  }
}

function disk(state: string): Finding {
  try {
    const { bavail, bsize, ffree } = statfsSync(state);
    return { what: "disk", path: state, freeBytes: bavail * bsize, freeFiles: ffree };
  } catch (error) {
    return { what: "fsync", path: state, error: messageOf(error) };
  }
}

function fsync(state: string): Finding {
  const path = join(state, `doctor.${process.pid}`);
  try {
    const fd = openSync(path, "w", 0o600);
    try {
      let worstMs = 0;
      for (let round = 0; round < FSYNCS; round++) {
        const startedAt = performance.now();
        writeSync(fd, Buffer.alloc(4_096, round));
        fsyncSync(fd);
        worstMs = Math.max(worstMs, performance.now() - startedAt);
      }
      return { what: "fsync", path: state, worstMs };
    } finally {
      closeSync(fd);
      rmSync(path, { force: true });
    }
  } catch (error) {
    return { what: "fsync", path: state, error: messageOf(error) };
  }
}

function cgroups(): "v2" | "v1" | "none" {
  try {
    const mounts = readFileSync("/proc/mounts", "latin1");
    if (/^\S+ \S+ cgroup2 /m.test(mounts)) return "v2";
    return /^\S+ \S+ cgroup /m.test(mounts) ? "v1" : "none";
  } catch {
    return "none";
  }
}
