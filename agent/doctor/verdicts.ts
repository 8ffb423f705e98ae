// What each finding of the doctor means, and what to do about it. A table: facts in, verdicts out.
import { CLOSE_CODES, type CloseReason } from "../../protocol/channel.ts";
import type { KeeperHouse } from "../../protocol/keeper.ts";
import { unreachable } from "../world.ts";
import { limitsVerdict, usersVerdict } from "./holds.ts";

export interface Check {
  readonly what: string;
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  readonly fix: string | null;
}

/** One thing that was looked at, and what was seen. */
export type Finding =
  | { readonly what: "user"; readonly uid: number }
  | { readonly what: "node"; readonly version: string }
  | { readonly what: "git"; readonly version: string | null }
  | {
      readonly what: "identity";
      readonly name: string;
      readonly project: string;
      readonly url: string;
    }
  | { readonly what: "identity"; readonly error: string }
  | { readonly what: "dns"; readonly host: string; readonly addresses: readonly string[] }
  | { readonly what: "dns"; readonly host: string; readonly error: string }
  | {
      readonly what: "tls";
      readonly secure: boolean;
      readonly loopback: boolean;
      readonly ms: number;
    }
  | {
      readonly what: "tls";
      readonly url: string;
      readonly error: string;
      readonly code: string | null;
    }
  | { readonly what: "clock"; readonly aheadMs: number | null }
  | { readonly what: "websocket"; readonly outcome: SocketOutcome }
  | { readonly what: "credential"; readonly outcome: SocketOutcome }
  | {
      readonly what: "disk";
      readonly path: string;
      readonly freeBytes: number;
      readonly freeFiles: number;
    }
  | { readonly what: "fsync"; readonly path: string; readonly worstMs: number }
  | { readonly what: "fsync"; readonly path: string; readonly error: string }
  | {
      readonly what: "cgroups";
      readonly mounted: "v2" | "v1" | "none";
      readonly keeper: "cgroup" | "best_effort" | null;
    }
  | { readonly what: "limits"; readonly house: KeeperHouse | null }
  | { readonly what: "users"; readonly why: string | null; readonly house: KeeperHouse | null }
  | { readonly what: "keeper"; readonly pid: number; readonly programs: number }
  | { readonly what: "keeper"; readonly error: string }
  | {
      readonly what: "agent";
      readonly channel: "open" | "down" | "refused" | null;
      readonly reason: string | null;
    };

/** How a try to open the host channel ended. */
export type SocketOutcome =
  | { readonly kind: "answered"; readonly ms: number }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "failed"; readonly message: string };

/** Assertions are taken with five minutes' tolerance. */
const CLOCK_WARN_MS = 30_000;
const CLOCK_FAIL_MS = 240_000;
const DISK_WARN_BYTES = 2 * 1_073_741_824;
const DISK_FAIL_BYTES = 256 * 1_048_576;
const FREE_FILES = 10_000;
const FSYNC_WARN_MS = 200;
const OLDEST_NODE = [22, 18] as const;

const good = (what: string, found: string): Check => ({ what, state: "ok", found, fix: null });
const warn = (what: string, found: string, fix: string): Check => ({
  what,
  state: "warn",
  found,
  fix,
});
const bad = (what: string, found: string, fix: string): Check => ({
  what,
  state: "fail",
  found,
  fix,
});

export function verdict(finding: Finding): Check {
  const { what } = finding;
  switch (finding.what) {
    case "user":
      return finding.uid === 0
        ? good(what, "root")
        : bad(what, `user ${finding.uid}`, "run it with sudo: keeper and agent are root's");
    case "node":
      return node(finding.version);
    case "git":
      return finding.version === null
        ? bad(what, "missing", "install git (on Debian: apt-get install git)")
        : good(what, finding.version);
    case "identity":
      return "error" in finding
        ? bad(what, finding.error, "run the installer with a new token (coppice hosts add)")
        : good(what, `host ${finding.name} of project ${finding.project}, at ${finding.url}`);
    case "dns":
      return "error" in finding
        ? bad(
            what,
            `${finding.host}: ${finding.error}`,
            "check the address, /etc/resolv.conf and the network's name servers",
          )
        : good(what, `${finding.host} is ${finding.addresses.slice(0, 2).join(", ")}`);
    case "tls":
      return reach(finding);
    case "clock":
      return clock(finding.aheadMs);
    case "websocket":
      return webSocket(finding.outcome);
    case "credential":
      return credential(finding.outcome);
    case "disk":
      return disk(finding);
    case "fsync":
      return fsync(finding);
    case "cgroups":
      return cgroups(finding);
    case "limits":
      return limitsVerdict(finding.house);
    case "users":
      return usersVerdict(finding.why, finding.house);
    case "keeper":
      return "error" in finding
        ? bad(
            what,
            finding.error,
            "systemctl start coppice-keeper; then journalctl -u coppice-keeper",
          )
        : good(what, `pid ${finding.pid}, ${finding.programs} programs`);
    case "agent":
      return agent(finding);
    default:
      return unreachable(finding);
  }
}

function node(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  return major > oldest || (major === oldest && minor >= oldestMinor)
    ? good("node", version)
    : bad("node", `${version} is too old`, "run the installer again: it brings Node along");
}

function reach(finding: Extract<Finding, { what: "tls" }>): Check {
  if ("error" in finding) {
    const { code, error, url } = finding;
    if (code !== null && /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code))
      return bad(
        "tls",
        `${url}: ${error}`,
        "set the clock, install ca-certificates, or look for a proxy that opens TLS (NODE_EXTRA_CA_CERTS names its certificate)",
      );
    return bad(
      "tls",
      `${url}: ${error}`,
      "check the address, a firewall or a proxy in between; hosts need only a way out to it",
    );
  }
  if (finding.secure) return good("tls", `the certificate is good; answered in ${finding.ms} ms`);
  return finding.loopback
    ? good("tls", `plain http on this very machine; answered in ${finding.ms} ms`)
    : warn(
        "tls",
        "plain http: others on the way can read variables and logs",
        "give the control plane an https address and join again",
      );
}

function clock(aheadMs: number | null): Check {
  if (aheadMs === null)
    return warn("clock", "the control plane told no time", "look at the clock by hand: date -u");
  const off = Math.abs(aheadMs);
  const found =
    off < 2_000 ? "right" : `${Math.round(off / 1_000)} s ${aheadMs > 0 ? "ahead" : "behind"}`;
  const fix = "let NTP set the clock: timedatectl set-ntp true";
  if (off >= CLOCK_FAIL_MS)
    return bad("clock", `${found}: from 300 s on the credential is refused`, fix);
  return off >= CLOCK_WARN_MS ? warn("clock", found, fix) : good("clock", found);
}

function webSocket(outcome: SocketOutcome): Check {
  switch (outcome.kind) {
    case "answered":
      return good("websocket", `answered in ${outcome.ms} ms`);
    case "closed":
      return good("websocket", "opened");
    case "status":
      return outcome.status === 401
        ? good("websocket", "reached")
        : bad(
            "websocket",
            `refused with ${outcome.status}`,
            "a proxy in between may not let WebSockets through: allow Upgrade to this address",
          );
    case "failed":
      return bad(
        "websocket",
        outcome.message,
        "a firewall or proxy may cut WebSockets: allow them to this address",
      );
    default:
      return unreachable(outcome);
  }
}

const REJOIN =
  "join anew: coppice hosts rm NAME, remove agent.json from the state directory, run the installer with a new token";

const CLOSED: Partial<Record<CloseReason, string>> = {
  unauthorized: `set the clock; if it is right, ${REJOIN}`,
  host_removed: REJOIN,
  host_cloned: `another machine uses this host's credential: ${REJOIN}, on both`,
  not_here: REJOIN,
  protocol: "upgrade: coppice-agent upgrade",
};

function credential(outcome: SocketOutcome): Check {
  if (outcome.kind === "answered") return good("credential", "accepted");
  if (outcome.kind === "status" && outcome.status === 401)
    return bad("credential", "not understood", REJOIN);
  if (outcome.kind !== "closed")
    return warn("credential", "could not be tried", "mend the websocket first");
  const known = Object.entries(CLOSE_CODES).find(([, { code }]) => code === outcome.code)?.[0];
  const fix = (known && CLOSED[known as CloseReason]) ?? "see the control plane's log";
  return bad("credential", `${known ?? outcome.code}: ${outcome.reason}`, fix);
}

function disk({ path, freeBytes, freeFiles }: Extract<Finding, { what: "disk" }>): Check {
  const free = `${(freeBytes / 1_073_741_824).toFixed(1)} GiB free at ${path}`;
  const fix = `make room: releases and unsent logs are kept in ${path}`;
  if (freeBytes < DISK_FAIL_BYTES) return bad("disk", free, fix);
  // Some file systems have no fixed number of files, and say 0.
  if (freeFiles > 0 && freeFiles < FREE_FILES)
    return warn("disk", `only ${freeFiles} more files fit at ${path}`, fix);
  return freeBytes < DISK_WARN_BYTES ? warn("disk", free, fix) : good("disk", free);
}

function fsync(finding: Extract<Finding, { what: "fsync" }>): Check {
  if ("error" in finding)
    return bad(
      "fsync",
      `${finding.path}: ${finding.error}`,
      "the state directory must be writable, on a disk with room",
    );
  const found = `${finding.worstMs.toFixed(1)} ms at worst`;
  return finding.worstMs >= FSYNC_WARN_MS
    ? warn("fsync", found, "restarts wait for the disk: put the state directory on a faster one")
    : good("fsync", found);
}

function cgroups({ mounted, keeper }: Extract<Finding, { what: "cgroups" }>): Check {
  if (keeper === "cgroup")
    return good("cgroups", "each instance has one of its own: nothing of it outlives its stop");
  const meaning =
    "best effort: process groups and marked descendants are ended, a program that hides its children is not";
  if (mounted === "v2")
    return warn(
      "cgroups",
      keeper === null
        ? "v2 is there, but no keeper to use it"
        : `v2 is there, but the keeper may not use it. ${meaning}`,
      "run the keeper as the installer's service: it has Delegate=yes",
    );
  const fix =
    "boot with cgroups v2 (systemd.unified_cgroup_hierarchy=1), as all present distributions do; Coppice runs without them, too";
  return warn("cgroups", `${mounted === "v1" ? "v1 only" : "none"}. ${meaning}`, fix);
}

function agent({ channel, reason }: Extract<Finding, { what: "agent" }>): Check {
  switch (channel) {
    case "open":
      return good("agent", "online");
    case "down":
      return bad(
        "agent",
        `no channel: ${reason ?? "not yet"}`,
        "it tries again by itself; what stands in the way is above, or in journalctl -u coppice-agent",
      );
    case "refused":
      return bad(
        "agent",
        `sent away: ${reason ?? "for good"}`,
        "mend the credential, then: systemctl restart coppice-agent",
      );
    case null:
      return bad(
        "agent",
        "does not run",
        "systemctl start coppice-agent; then journalctl -u coppice-agent",
      );
    default:
      return unreachable(channel);
  }
}
