// One world: a control plane, a project with workers, some hosts, and everything between them.
import { readdirSync, readFileSync } from "node:fs";
import type { PolicyOverrides } from "../../protocol/policy.ts";
import { makePolicy, type Policy } from "../../protocol/policy.ts";
import type { Random } from "./kernel/random.ts";
import { type Actor, BEGINNING, makeActor, Sim, sim } from "./kernel/sim.ts";
import { buildMood, printedByBuilds, pushes } from "./machine/build-job.ts";
import { forgetPids } from "./machine/child-process.ts";
import { closeAll } from "./machine/fs.ts";
import { Host } from "./machine/host.ts";
import { forgetMachines } from "./machine/machine.ts";
import { forgetPrograms, type Program } from "./machine/processes.ts";
import { setCalm } from "./machine/programs.ts";
import { Connections, type DialTo } from "./network.ts";
import { Calls, type D1Mood, type NetworkMood, SimD1 } from "./platform/calls.ts";
import { type Database, DatabasePool } from "./platform/database.ts";
import { type PlatformMood, SimObject } from "./platform/object.ts";
import type { Product } from "./product.ts";

/** Real numbers but for the long deadlines, so that a world comes to its end. */
export const OVERRIDES: PolicyOverrides = {
  rollout: { startDeadlineMs: 240_000, noRoomMs: 150_000, buildDeadlineMs: 300_000 },
  breaker: { thawMs: 100_000 },
  logs: { flushMs: 60_000, attendMs: 20_000 },
};

const pools = { worker: new DatabasePool(), host: new DatabasePool(), d1: new DatabasePool() };

export interface World {
  readonly sim: Sim;
  readonly product: Product;
  readonly policy: Policy;
  readonly env: Record<string, unknown>;
  readonly d1: SimD1;
  readonly calls: Calls;
  readonly connections: Connections;
  readonly platform: PlatformMood;
  readonly objects: Map<string, SimObject>;
  readonly hosts: Host[];
  readonly projectId: string;
  /** Who speaks for the users: the stateless part of the control plane. */
  readonly api: Actor;
  readonly faults: Map<string, number>;
  readonly count: (what: string) => void;
  readonly random: Random;
  readonly object: (kind: "worker" | "host", id: string) => SimObject;
  readonly addHost: (slots: number) => Host;
  /** A second machine with a copy of its disk. */
  readonly copyHost: (host: Host) => void;
  readonly onFrame: { told: (object: SimObject, data: Uint8Array, client: Actor) => void };
  onSignal: (host: Host, program: Program, signal: string) => void;
  onCommit: (object: SimObject) => void;
  /** Some agents speak the version before, which knows no leases: then no worker is exclusive. */
  readonly hasOld: boolean;
}

const CALM_NETWORK: NetworkMood = {
  delayMs: [1, 8],
  failBefore: 0,
  failAfter: 0,
  twice: 0,
  slow: 0,
  slowMs: [500, 20_000],
};

export function makeWorld(seed: number, product: Product, print: boolean): World {
  const simulation = new Sim(seed, print);
  const random = simulation.random.fork("world");
  const faults = new Map<string, number>();
  const count = (what: string) => void faults.set(what, (faults.get(what) ?? 0) + 1);
  const platform: PlatformMood = { commitMs: [1, 6], alarmLateMs: [0, 5], alarmTwice: 0 };
  const objects = new Map<string, SimObject>();
  const env: Record<string, unknown> = {
    COPPICE_MASTER_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    COPPICE_OPERATOR_TOKEN: "none",
    COPPICE_ALLOW_LOCAL_REPOS: "1",
    COPPICE_POLICY: JSON.stringify(OVERRIDES),
  };
  const object = (kind: "worker" | "host", id: string): SimObject => {
    let found = objects.get(id);
    if (found === undefined) {
      found = new SimObject({
        kind,
        id,
        db: pools[kind].take(),
        class: kind === "worker" ? product.WorkerObject : product.HostObject,
        env,
        mood: platform,
        random: simulation.random.fork(`object ${id}`),
        counts: count,
      });
      found.onCommit = (one) => world.onCommit(one);
      objects.set(id, found);
    }
    return found;
  };
  const calls = new Calls({
    find: object,
    mood: { ...CALM_NETWORK },
    random: random.fork("calls"),
    counts: count,
  });
  const d1Mood: D1Mood = { ...CALM_NETWORK, down: false };
  const d1 = new SimD1({
    db: d1Database(),
    mood: d1Mood,
    random: random.fork("d1"),
    counts: count,
  });
  env.DB = d1;
  env.WORKER_OBJECT = calls.namespace("worker");
  env.HOST_OBJECT = calls.namespace("host");
  const projectId = `prj_${"0".repeat(31)}1`;
  d1.db.run("INSERT INTO projects (id, name, wrapped_key, created_at) VALUES (?, 'shop', '', 0)", [
    projectId,
  ]);
  const hosts: Host[] = [];
  const olds = new Set<string>();
  const hasOld = random.chance(0.25);
  const world: World = {
    sim: simulation,
    product,
    policy: makePolicy(OVERRIDES),
    env,
    d1,
    calls,
    connections: new Connections(random.fork("connections"), (object, data, client) =>
      world.onFrame.told(object, data, client),
    ),
    platform,
    objects,
    hosts,
    projectId,
    api: makeActor("api"),
    faults,
    count,
    random,
    object,
    onSignal: () => {},
    onCommit: () => {},
    hasOld,
    onFrame: { told: () => {} },
    copyHost: (host) => {
      const copy = world.addHost(host.slots);
      copy.takeOverFrom(host);
      copy.isCopy = true;
      copy.copied = true;
      host.copied = true;
      copy.startKeeper();
      copy.startAgent();
    },
    addHost: (slots) => {
      const name = `h${hosts.length + 1}`;
      if (hasOld && random.chance(0.5)) olds.add(name);
      const host = new Host({
        name,
        random: simulation.random.fork(`machine ${name}`),
        slots,
        connections: world.connections,
        route: (url, headers) => routeOf(world, url, headers),
        signaled: (one, program, signal) => world.onSignal(one, program, signal),
        translate: (text) => (olds.has(name) ? asOldAgent(text, count) : text),
      });
      hosts.push(host);
      return host;
    },
  };
  return world;
}

/** As an agent of the version before would have said it. */
function asOldAgent(text: string, count: (what: string) => void): string {
  if (!text.startsWith('{"type":"hello"')) return text;
  count("agent of the version before");
  return text.replace(/"protocol":\d+/, '"protocol":1');
}

function routeOf(world: World, url: string, headers: Readonly<Record<string, string>>): DialTo {
  const [, kind, id] = /\/v1\/agent\/(host|workers)\/?(.*)$/.exec(url) ?? [];
  const token = (headers.authorization ?? "").slice("Bearer ".length);
  const given = new Map(Object.entries({ ...headers, upgrade: "websocket" }));
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
    iss: string;
  };
  return {
    request: {
      url: "https://object/channel",
      headers: { get: (name: string) => given.get(name) ?? null },
    },
    object: () =>
      kind === "host" ? world.object("host", claims.iss) : world.object("worker", id ?? ""),
  };
}

let migrations: string[] | null = null;

function d1Database(): Database {
  const db = pools.d1.take();
  if (db.first("SELECT 1 AS one FROM sqlite_master WHERE name = 'workers'") !== null) return db;
  const dir = new URL("../../drizzle/d1/", import.meta.url);
  migrations ??= readdirSync(dir)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => readFileSync(new URL(name, dir), "utf8"));
  for (const text of migrations) db.exec(text.replaceAll("--> statement-breakpoint", ""));
  return db;
}

/** Before a world is made, and after it ended. */
export function clearAll(): void {
  forgetMachines();
  forgetPrograms();
  forgetPids();
  closeAll();
  setCalm(false);
  pushes.clear();
  printedByBuilds.clear();
  buildMood.failing = 0;
  buildMood.slow = 0;
  for (const pool of Object.values(pools)) {
    pool.rollBack();
    pool.giveBack();
  }
}

export function trueWall(): number {
  return Math.floor(BEGINNING + sim().now);
}
