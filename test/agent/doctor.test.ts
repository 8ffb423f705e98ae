// What the doctor says of what it finds: every failure comes with its fix, and what is merely poor does not fail.
import { describe, expect, test } from "vitest";
import { type Finding, verdict } from "../../agent/doctor/verdicts.ts";
import { CLOSE_CODES } from "../../protocol/channel.ts";
import type { InForce, NoNewPrivs } from "../../protocol/keeper.ts";

const closed = (reason: keyof typeof CLOSE_CODES) =>
  ({ kind: "closed", code: CLOSE_CODES[reason].code, reason: "no" }) as const;
const GIB = 1_073_741_824;

const house = (change: Partial<InForce> = {}, noNewPrivs: NoNewPrivs = "setpriv") => ({
  limits: {
    ...{ memory: "cgroup2", cpus: "cgroup2", pids: "cgroup2", openFiles: "rlimit" },
    ...change,
  } as InForce,
  noNewPrivs,
  cgroups: { cgroup2: null, memory: null, cpu: null, pids: null },
});

const CASES: readonly (readonly [Finding, "ok" | "warn" | "fail", RegExp])[] = [
  [{ what: "user", uid: 0 }, "ok", /root/],
  [{ what: "user", uid: 1000 }, "fail", /sudo/],
  [{ what: "limits", house: house() }, "ok", /memory cgroup2/],
  [{ what: "limits", house: house({ memory: "cgroup1", cpus: "cgroup1" }) }, "ok", /cgroup1/],
  [{ what: "limits", house: house({ memory: "sampled" }) }, "warn", /Delegate=yes/],
  [{ what: "limits", house: house({ cpus: "none" }) }, "warn", /cores are not limited/],
  [{ what: "limits", house: null }, "warn", /upgrade/],
  [{ what: "users", why: null, house: house() }, "ok", /of their own/],
  [{ what: "users", why: "/root is closed", house: house() }, "warn", /o\+x/],
  [{ what: "users", why: null, house: house({}, "none") }, "warn", /setpriv/],
  [{ what: "node", version: "22.18.0" }, "ok", /22/],
  [{ what: "node", version: "22.17.9" }, "fail", /installer/],
  [{ what: "node", version: "20.20.2" }, "fail", /installer/],
  [{ what: "git", version: null }, "fail", /apt-get install git/],
  [{ what: "identity", error: "not joined" }, "fail", /coppice hosts add/],
  [{ what: "dns", host: "c.example", error: "ENOTFOUND" }, "fail", /resolv\.conf/],
  [{ what: "tls", secure: true, loopback: false, ms: 12 }, "ok", /12 ms/],
  [{ what: "tls", secure: false, loopback: true, ms: 1 }, "ok", /this very machine/],
  [{ what: "tls", secure: false, loopback: false, ms: 1 }, "warn", /https/],
  [{ what: "tls", url: "u", error: "expired", code: "CERT_HAS_EXPIRED" }, "fail", /clock/],
  [{ what: "tls", url: "u", error: "refused", code: "ECONNREFUSED" }, "fail", /firewall/],
  [{ what: "clock", aheadMs: -1_500 }, "ok", /right/],
  [{ what: "clock", aheadMs: 31_000 }, "warn", /NTP/],
  [{ what: "clock", aheadMs: -240_000 }, "fail", /NTP/],
  [{ what: "clock", aheadMs: null }, "warn", /date -u/],
  [{ what: "websocket", outcome: { kind: "answered", ms: 9 } }, "ok", /9 ms/],
  [{ what: "websocket", outcome: closed("unauthorized") }, "ok", /opened/],
  [{ what: "websocket", outcome: { kind: "status", status: 200 } }, "fail", /Upgrade/],
  [{ what: "websocket", outcome: { kind: "failed", message: "reset" } }, "fail", /firewall/],
  [{ what: "credential", outcome: { kind: "answered", ms: 9 } }, "ok", /accepted/],
  [{ what: "credential", outcome: closed("unauthorized") }, "fail", /set the clock/],
  [{ what: "credential", outcome: closed("host_removed") }, "fail", /join anew/],
  [{ what: "credential", outcome: closed("host_cloned") }, "fail", /on both/],
  [{ what: "credential", outcome: { kind: "status", status: 401 } }, "fail", /join anew/],
  [{ what: "credential", outcome: { kind: "status", status: 502 } }, "warn", /websocket first/],
  [{ what: "disk", path: "/s", freeBytes: 5 * GIB, freeFiles: 0 }, "ok", /5\.0 GiB/],
  [{ what: "disk", path: "/s", freeBytes: GIB, freeFiles: 1e6 }, "warn", /make room/],
  [{ what: "disk", path: "/s", freeBytes: 5 * GIB, freeFiles: 9 }, "warn", /more files/],
  [{ what: "disk", path: "/s", freeBytes: 1e6, freeFiles: 1e6 }, "fail", /make room/],
  [{ what: "fsync", path: "/s", worstMs: 3 }, "ok", /3\.0 ms/],
  [{ what: "fsync", path: "/s", worstMs: 900 }, "warn", /faster/],
  [{ what: "fsync", path: "/s", error: "EROFS" }, "fail", /writable/],
  [{ what: "cgroups", mounted: "v2", keeper: "cgroup" }, "ok", /one of its own/],
  [{ what: "cgroups", mounted: "v2", keeper: "best_effort" }, "warn", /Delegate=yes/],
  [{ what: "cgroups", mounted: "v1", keeper: "best_effort" }, "warn", /unified_cgroup/],
  [{ what: "cgroups", mounted: "none", keeper: null }, "warn", /best effort/],
  [{ what: "keeper", pid: 7, programs: 2 }, "ok", /2 programs/],
  [{ what: "keeper", error: "does not answer" }, "fail", /systemctl start coppice-keeper/],
  [{ what: "agent", channel: "open", reason: null }, "ok", /online/],
  [{ what: "agent", channel: "down", reason: "lost" }, "fail", /lost/],
  [{ what: "agent", channel: "refused", reason: "removed" }, "fail", /restart coppice-agent/],
  [{ what: "agent", channel: null, reason: null }, "fail", /systemctl start coppice-agent/],
];

describe("the doctor", () => {
  test.each(CASES)("%j", (finding, state, says) => {
    const check = verdict(finding);
    expect(check).toMatchObject({ what: finding.what, state });
    expect(`${check.found} ${check.fix ?? ""}`).toMatch(says);
    expect(check.fix === null).toBe(state === "ok");
  });

  test("every way in which a channel is closed has a fix", () => {
    for (const reason of Object.keys(CLOSE_CODES) as (keyof typeof CLOSE_CODES)[])
      expect(verdict({ what: "credential", outcome: closed(reason) }).fix).toBeTruthy();
  });
});
