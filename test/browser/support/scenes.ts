// Lists of what a project of the stub has, each to show one thing: failures, drains, leases, foreign text.
import type { EventView, LogLine } from "../../../protocol/rest.ts";
import * as sample from "./sample.ts";

const { ago } = sample;
export const P = "/v1/projects/shop";
export const W = `${P}/workers/mailer`;
const FAILED = { id: "dep_4", number: 4, status: "failed", release: null } as const;

export const workers = () => [
  sample.worker(),
  sample.worker({
    id: "wrk_2",
    name: "thumbnails",
    envChanged: true,
    status: "crashlooping",
    running: 0,
    instances: 4,
    release: 12,
    lastCrashAt: ago(2),
  }),
  sample.worker({
    id: "wrk_3",
    name: "search-indexer-for-the-catalogue",
    status: "deploying",
    running: 1,
    instances: 1,
    release: null,
    lastDeployAt: null,
    lastCrashAt: null,
  }),
  sample.worker({ id: "wrk_4", name: "import", status: "stopped", running: 0, instances: 1 }),
  sample.worker({
    id: "wrk_5",
    name: "webhooks",
    status: "degraded",
    statusReason: "no host has room for 2 instances",
    running: 6,
    instances: 8,
  }),
  sample.worker({
    id: "wrk_6",
    name: "billing",
    mode: "exclusive",
    status: "unknown",
    statusReason: "not heard of for 2 min",
    running: 2,
  }),
];

export const events = () => [
  sample.event(),
  sample.event({
    id: "evt_2",
    at: ago(241),
    kind: "instance_started",
    message: "Instance 1 started (release v3).",
    crash: null,
  }),
  sample.event({
    id: "evt_3",
    at: ago(3_600),
    kind: "deploy_live",
    message: "Deploy 3 is live (v3).",
    deploy: 3,
    crash: null,
  }),
  sample.event({
    id: "evt_4",
    at: ago(3_610),
    kind: "deploy_queued",
    actor: "ada",
    message: "Deploy 3 is queued.",
    deploy: 3,
    crash: null,
  }),
  sample.event({
    id: "evt_5",
    at: ago(4_000),
    kind: "scaled",
    actor: "ada",
    message: "Scaled from 1 to 2 instances.",
    crash: null,
  }),
  sample.event({
    id: "evt_6",
    at: ago(90_000),
    kind: "env_changed",
    actor: "deploys from CI",
    message: "Variables changed: set SMTP_URL; removed OLD_KEY.",
    crash: null,
  }),
  sample.event({
    id: "evt_7",
    at: ago(90_100),
    kind: "deploy_failed",
    message: "Deploy 2 failed: the build command ended with exit code 1.",
    deploy: 2,
    crash: null,
  }),
];

export const HELD = { heldMemoryBytes: 3_221_225_472, heldCpus: 2.5 };
const NOWHERE = { hostId: null, pid: null, startedAt: null, restarts: 0, attempt: 0 };

/** One on a host that is emptied, with its successor; and others. */
export const moving = () => [
  sample.instance({ id: "ins_m0", slot: 0, generation: 4, hostId: "hst_4" }),
  sample.instance({
    ...{ id: "ins_m1", slot: 0, generation: 6, state: "pending", ...NOWHERE },
    detail: "no host has region=eu-west, disk=ssd",
  }),
  sample.instance({ id: "ins_m2", slot: 1, generation: 5 }),
];

export const leased = () => [
  sample.instance({ id: "ins_b0", slot: 0, generation: 12, hostId: "hst_4", restarts: 0 }),
  sample.instance({
    ...{ id: "ins_b1", slot: 1, generation: 13, ...NOWHERE, hostId: "hst_1", state: "starting" },
    detail: "Waiting for its lease.",
  }),
];

export const hostEvents = () => {
  const one = (id: string, kind: EventView["kind"], message: string) =>
    sample.event({ id, kind, message, crash: null, slot: null });
  return [
    one("evt_d", "host_drained", "Host web-4 is drained; instances move to other hosts."),
    one("evt_c", "instance_moved", "Instance 0 moves: its host is drained."),
    one("evt_b", "replacement_thawed", "Instances of host web-2 are replaced again."),
    one(
      "evt_a",
      "replacement_frozen",
      "2 of 4 hosts were lost at once: instances of host web-2 are not replaced for now.",
    ),
  ];
};

export const failed = () =>
  sample.deploy({
    ...FAILED,
    reason: "the build command ended with exit code 1",
    createdAt: ago(60),
    endedAt: ago(50),
    tail: [
      "> tsc",
      "src/mailer.ts(14,3): error TS2322: Type 'string' is not assignable to type 'number'.",
    ],
    steps: [
      { name: "resolve", state: "done", startedAt: ago(59), durationMs: 420, detail: null },
      { name: "fetch", state: "done", startedAt: ago(58), durationMs: 1_830, detail: null },
      {
        name: "build",
        state: "failed",
        startedAt: ago(56),
        durationMs: 5_100,
        detail: "exit code 1",
      },
    ],
  });

export const logs = (): LogLine[] => {
  const text = [
    ["system", "deploy 3: rolling out v3"],
    ["system", "started · attempt 1 · pid 27301"],
    ["stdout", "queue: 14 waiting"],
    ["stdout", "job 1 sent a mail to 3 readers in 77 ms"],
    ["system", "deploy 3 is live (v3)"],
    [
      "stdout",
      "\u001b[32m✓\u001b[0m job 2 sent a mail to 12 readers in 102 ms, of which 40 ms were spent on waiting for the server of the other side to say that it is there",
    ],
    ["stderr", "TypeError: Cannot read properties of undefined (reading 'to')"],
    ["stderr", "    at send (/srv/releases/v3/mailer.js:41:18)"],
    ["system", "crashed with exit code 1 after 3 h 2 min · restarting at once"],
    ["system", "started · attempt 2 · pid 27310"],
    ["system", "… 4096 bytes of logs were dropped"],
    ["stdout", "queue: 15 waiting, 1 put back after a crash"],
  ] as const;
  return text.map(([stream, one], at) =>
    sample.line(at, { stream, text: one, slot: /^deploy/.test(one) ? null : 0 }),
  );
};
