// Every page of the dashboard, over a stub that has something of everything; for axe and for screenshots.
import type { Page } from "playwright-core";
import { cloudInit, installCommand } from "../../../protocol/install.ts";
import type { EventView, InstanceView, LogLine } from "../../../protocol/rest.ts";
import * as sample from "./sample.ts";
import { type Answer, type Stub, stream } from "./stub.ts";

const { ago } = sample;
const P = "/v1/projects/shop";
const W = `${P}/workers/mailer`;
const FAILED = { id: "dep_4", number: 4, status: "failed", release: null } as const;

const workers = () => [
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

const events = () => [
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

const HELD = { heldMemoryBytes: 3_221_225_472, heldCpus: 2.5 };
const NOWHERE = { hostId: null, pid: null, startedAt: null, restarts: 0, attempt: 0 };

/** One on a host that is emptied, with its successor; and others. */
const moving = () => [
  sample.instance({ id: "ins_m0", slot: 0, generation: 4, hostId: "hst_4" }),
  sample.instance({
    ...{ id: "ins_m1", slot: 0, generation: 6, state: "pending", ...NOWHERE },
    detail: "no host has region=eu-west, disk=ssd",
  }),
  sample.instance({ id: "ins_m2", slot: 1, generation: 5 }),
];

const leased = () => [
  sample.instance({ id: "ins_b0", slot: 0, generation: 12, hostId: "hst_4", restarts: 0 }),
  sample.instance({
    ...{ id: "ins_b1", slot: 1, generation: 13, ...NOWHERE, hostId: "hst_1", state: "starting" },
    detail: "Waiting for its lease.",
  }),
];

const hostEvents = () => {
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

const failed = () =>
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

const logs = (): LogLine[] => {
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

const lines = (items: readonly { cursor: string }[], end = false): Answer =>
  stream([
    ...items.map((data) => ({ id: data.cursor, data })),
    ...(end ? [{ event: "end", data: {} }] : []),
  ]);

export function fillStub({ answers }: Stub): void {
  const list = (items: readonly unknown[]) => ({ items, next: null });
  const say = (path: string, answer: Answer) => answers.set(path, answer);
  say("GET /v1/whoami", sample.ADMIN);
  say("GET /v1/projects", list([{ id: "prj_1", name: "shop", createdAt: ago(9e5) }]));
  say("GET /v1/device-codes/BCDF-GHJK", {
    clientName: "ada's laptop",
    createdAt: ago(20),
    expiresAt: ago(-600),
  });
  const hosts = [
    sample.host({ region: "eu-central", labels: { disk: "ssd", build: "yes" }, ...HELD }),
    sample.host({ id: "hst_2", name: "web-2", status: "suspect", used: 14, lastHeardAt: ago(40) }),
    sample.host({ id: "hst_3", name: "web-3", used: 0, cordoned: true }),
    sample.host({ id: "hst_4", name: "web-4", cordoned: true, drainUntil: ago(-500) }),
  ];
  const lost = { status: "lost", lostAt: ago(90), frozen: { gone: 2, of: 4 } } as const;
  say(
    "GET /v1/projects/storm/stream",
    stream([
      { event: "workers", data: { items: [] } },
      {
        event: "hosts",
        data: {
          items: [
            sample.host(),
            sample.host({ id: "hst_2", name: "web-2", ...lost }),
            sample.host({ id: "hst_3", name: "web-3", ...lost }),
            sample.host({ id: "hst_4", name: "web-4", used: 0, drainUntil: ago(9) }),
          ],
        },
      },
    ]),
  );
  for (const { name } of workers()) say(`GET ${P}/workers/${name}/instances`, list([]));
  say(`GET ${W}/instances`, list(moving()));
  const there = (worker: string, instance: InstanceView, successor: InstanceView | null) => ({
    worker: { id: worker, name: worker },
    instance,
    successor,
  });
  const [left, next, stays] = moving();
  const [held, starts] = leased();
  say(
    `GET ${P}/hosts/hst_4/instances`,
    list([there("mailer", left!, next!), there("billing", held!, null)]),
  );
  say(
    `GET ${P}/hosts/hst_1/instances`,
    list([there("mailer", stays!, null), there("billing", starts!, null)]),
  );
  say(`GET ${P}/workers/billing/instances`, list(leased()));
  say(
    `GET ${P}/stream`,
    stream([
      { event: "workers", data: { items: workers() } },
      { event: "hosts", data: { items: hosts } },
    ]),
  );
  say(
    "GET /v1/projects/empty/stream",
    stream([
      { event: "workers", data: { items: [] } },
      { event: "hosts", data: { items: [] } },
    ]),
  );
  say(`GET ${P}/hosts`, list(hosts));
  say(
    `GET ${P}/tokens`,
    list([
      {
        id: "tok_1",
        name: "deploys from CI",
        role: "developer",
        createdAt: ago(9e5),
        expiresAt: ago(-9e6),
        lastUsedAt: ago(90_000),
      },
      {
        id: "tok_2",
        name: "ada",
        role: "admin",
        createdAt: ago(9e5),
        expiresAt: null,
        lastUsedAt: ago(3),
      },
    ]),
  );
  const invitation = {
    origin: "https://coppice.example",
    token: `cop_join_${"a1b2c3d4".repeat(6)}`,
  };
  say(`POST ${P}/join-tokens`, {
    id: "jt_1",
    token: invitation.token,
    expiresAt: ago(-890),
    command: installCommand(invitation),
    cloudInit: cloudInit(invitation),
  });
  say(`POST ${P}/inspect-repo`, {
    branches: ["main", "next"],
    defaultBranch: "main",
    readable: true,
    reason: null,
    suggestions: [
      { source: "Procfile", startCommand: "node mailer.js", buildCommand: "npm ci" },
      { source: "package.json", startCommand: "npm start", buildCommand: "npm ci" },
    ],
  });
  say(
    `GET ${W}/stream`,
    stream([
      { event: "worker", data: sample.worker() },
      {
        event: "instances",
        data: {
          items: [
            sample.instance(),
            sample.instance({
              id: "ins_2",
              slot: 1,
              state: "backoff",
              pid: null,
              attempt: 7,
              restarts: 6,
              restartAt: ago(-14),
            }),
          ],
        },
      },
      { event: "deploy", data: sample.deploy() },
      { event: "deploy", data: failed() },
    ]),
  );
  say(`GET ${W}/events`, { items: events(), next: "7" });
  const B = `${P}/workers/billing`;
  const billing = sample.worker({
    ...{ id: "wrk_6", name: "billing", mode: "exclusive", status: "degraded", running: 1 },
    ...{ memoryBytes: 536_870_912, cpus: 0.5, hosts: { region: "eu-central", disk: "ssd" } },
  });
  say(
    `GET ${B}/stream`,
    stream([
      { event: "worker", data: billing },
      { event: "instances", data: { items: leased() } },
    ]),
  );
  say(`GET ${B}/events`, { items: hostEvents(), next: null });
  say(`GET ${B}/deploys`, list([sample.deploy()]));
  say(`GET ${B}/crashes`, list([]));
  say(`GET ${B}/crash-groups`, list([]));
  say(`GET ${B}/status-page`, { public: false, name: null, group: null, updatedAt: null });
  say(`GET ${W}/crashes`, list([sample.crash()]));
  const oom = { id: 2, cause: "out of memory", title: "", isNew: false, firstRelease: 1, count: 1 };
  say(`GET ${W}/crash-groups`, list([sample.crashGroup(), sample.crashGroup(oom)]));
  say(
    `GET ${W}/deploys`,
    list([
      failed(),
      sample.deploy(),
      sample.deploy({
        id: "dep_2",
        number: 2,
        kind: "restart",
        release: 2,
        commitMessage: null,
        createdAt: ago(9_000),
        endedAt: ago(8_990),
        steps: [],
      }),
    ]),
  );
  say(
    `GET ${P}/groups`,
    list([
      {
        ...{ id: "grp_1", name: "shared", version: 7, createdAt: ago(9e5) },
        items: [{ name: "DATABASE_URL", version: 7, plain: false, updatedAt: ago(900) }],
        workers: [
          { id: "wrk_1", name: "mailer", envChanged: true },
          { id: "wrk_2", name: "thumbnails", envChanged: false },
        ],
      },
      { id: "grp_2", name: "flags", version: 0, items: [], workers: [], createdAt: ago(60) },
    ]),
  );
  say(`GET ${W}/env`, {
    groups: [
      { name: "flags", version: 2, liveVersion: 2, names: ["LOG_LEVEL", "NEW_FLOW"] },
      { name: "shared", version: 7, liveVersion: 6, names: ["DATABASE_URL"] },
    ],
    version: 4,
    liveVersion: 3,
    items: ["LOG_LEVEL", "SMTP_URL", "STRIPE_SECRET_KEY_OF_THE_SECOND_ACCOUNT"].map((name, at) => ({
      name,
      version: at + 1,
      plain: at === 0,
      updatedAt: ago(90_000 / (at + 1)),
    })),
  });
  const hook = {
    ...{ id: "hok_0198ad1c2f7e7a41b2c3d4e5f6071829", kind: "github", createdBy: "ada" },
    url: "https://coppice.example/hooks/github/hok_0198ad1c2f7e7a41b2c3d4e5f6071829",
    ...{ createdAt: ago(9e5), lastUsedAt: ago(120), lastOutcome: "ignored: branch next" },
  };
  for (const path of [W, B]) say(`GET ${path}/hooks`, list([hook]));
  say(`POST ${W}/hooks`, { ...hook, secret: `cop_hook_${"a1b2c3d4".repeat(7)}` });
  say(`GET ${W}/status-page`, { public: true, name: "Mail", group: "Shop", updatedAt: ago(9e4) });
  say(`GET ${W}/logs`, lines(logs()));
  const build = [
    "resolving main → 3f2a1bc",
    "fetching 1.2 MB",
    "$ npm ci",
    "added 214 packages in 4s",
    "$ tsc",
    "src/mailer.ts(14,3): error TS2322",
  ];
  say(
    `GET ${W}/deploys/4/log`,
    lines(
      build.map((text, at) => ({ at: ago(55 - at), text, cursor: `1.${at}` })),
      true,
    ),
  );
}

export interface Shown {
  readonly name: string;
  readonly path: string;
  /** What has to be there before it is looked at. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

export const PAGES: readonly Shown[] = [
  { name: "project", path: "/p/shop", ready: text("thumbnails") },
  { name: "project-empty", path: "/p/empty", ready: text("Over the API") },
  {
    name: "new-worker",
    path: "/p/shop/new",
    ready: async (page) => {
      await page.getByLabel("Repository").fill("https://github.com/acme/shop");
      await page.getByText("Found: 2 branches").waitFor();
      await page.getByText("Mode and hosts").click();
      await page.getByLabel("exclusive").check();
      await page.getByLabel("Memory").fill("half a gigabyte");
      await page.getByText("A size such as 512M").waitFor();
      await page.getByText("Environment").click();
    },
  },
  {
    name: "worker-events",
    path: "/p/shop/w/mailer",
    ready: async (page) => {
      await page.getByText("crashed with exit code 1").first().click();
      await page.getByText("Last lines").waitFor();
      await page.getByText("14 times since v3").waitFor();
    },
  },
  { name: "worker-logs", path: "/p/shop/w/mailer/logs", ready: text("put back after a crash") },
  {
    name: "worker-env",
    path: "/p/shop/w/mailer/env",
    ready: async (page) => {
      await page.getByLabel(".env text").fill("LOG_LEVEL=debug\nNEW_FLAG=1");
      await page.getByRole("button", { name: "Remove SMTP_URL" }).click();
      await page.getByText("removed", { exact: true }).waitFor();
    },
  },
  { name: "worker-deploys", path: "/p/shop/w/mailer/deploys", ready: text("Deploy 3") },
  { name: "worker-deploy", path: "/p/shop/w/mailer/deploys/4", ready: text("214 packages") },
  {
    name: "worker-settings",
    path: "/p/shop/w/mailer/settings",
    ready: async (page) => {
      const section = page.getByRole("region", { name: "Public status page" });
      await section.getByLabel("Group").fill("Mails");
    },
  },
  {
    name: "worker-hook",
    path: "/p/shop/w/mailer/settings",
    ready: async (page) => {
      await page.getByText("ignored: branch next").waitFor();
      await page.getByRole("button", { name: "New hook for GitHub" }).click();
      await page.getByText("shown this once").waitFor();
    },
  },
  {
    name: "worker-delete",
    path: "/p/shop/w/mailer/settings",
    ready: (page) => page.getByRole("button", { name: "Delete …" }).click(),
  },
  {
    name: "worker-exclusive",
    path: "/p/shop/w/billing",
    ready: text("waits for its lease"),
  },
  {
    name: "worker-exclusive-settings",
    path: "/p/shop/w/billing/settings",
    ready: text("Host labels"),
  },
  { name: "hosts", path: "/p/shop/hosts", ready: text("waits: no host has region=eu-west") },
  { name: "hosts-frozen", path: "/p/storm/hosts", ready: text("were lost at once") },
  {
    name: "hosts-thaw",
    path: "/p/storm/hosts",
    ready: (page) => page.getByRole("button", { name: "Replace now" }).click(),
  },
  {
    name: "hosts-drain",
    path: "/p/shop/hosts",
    ready: (page) => page.getByRole("button", { name: "Drain web-1" }).click(),
  },
  {
    name: "hosts-remove",
    path: "/p/shop/hosts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Remove web-4" }).click();
      await page.getByRole("dialog").getByText("mailer").waitFor();
    },
  },
  {
    name: "hosts-add",
    path: "/p/shop/hosts",
    ready: (page) => page.getByRole("button", { name: "Add host" }).click(),
  },
  { name: "groups", path: "/p/shop/groups", ready: text("thumbnails") },
  {
    name: "groups-one",
    path: "/p/shop/groups/shared",
    ready: async (page) => {
      await page.getByLabel(".env text").fill("DATABASE_URL=x\nNEW=1");
      await page.getByText("Deploy its workers").waitFor();
    },
  },
  {
    name: "groups-new",
    path: "/p/shop/groups",
    ready: (page) => page.getByRole("button", { name: "New group" }).click(),
  },
  { name: "tokens", path: "/p/shop/tokens", ready: text("deploys from CI") },
  {
    name: "tokens-new",
    path: "/p/shop/tokens",
    ready: (page) => page.getByRole("button", { name: "New token" }).click(),
  },
  { name: "device", path: "/device?code=BCDF-GHJK", ready: text("ada's laptop") },
  { name: "nowhere", path: "/p/shop/elsewhere/x", ready: text("Nothing here") },
  {
    name: "sign-in",
    path: "/sign-in#spent",
    ready: text("Or with a link"),
  },
];
