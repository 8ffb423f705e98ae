// What the stub answers with when a page is looked at: a project in which something of everything happens.
import { cloudInit, installCommand } from "../../../protocol/install.ts";
import type { InstanceView } from "../../../protocol/rest.ts";
import * as sample from "./sample.ts";
import { events, failed, HELD, hostEvents, leased, logs, moving, P, W, workers } from "./scenes.ts";
import { type Answer, type Stub, stream } from "./stub.ts";

const { ago } = sample;

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
