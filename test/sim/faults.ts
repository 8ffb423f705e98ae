// What goes wrong: each kind by name, so that one that never fired is seen. A seed has some of the kinds, not all.
import type { Random } from "./kernel/random.ts";
import { type Handle, sim } from "./kernel/sim.ts";
import { buildMood } from "./machine/build-job.ts";
import type { Host } from "./machine/host.ts";
import { endProgram, running } from "./machine/processes.ts";
import type { World } from "./world.ts";

export interface FaultKind {
  readonly name: string;
  readonly weight: number;
  /** False where there was nothing to break. */
  readonly strike: (world: World, random: Random) => boolean;
}

/** What is to be undone by itself; all of it is forgotten once the faults have ended. */
const undoings = new WeakMap<object, Handle[]>();

function later(afterMs: number, undo: () => void): void {
  const mine = undoings.get(sim()) ?? [];
  mine.push(sim().after(afterMs, sim().nature, undo));
  undoings.set(sim(), mine);
}

function onHost(
  name: string,
  weight: number,
  strike: (host: Host, random: Random, world: World) => unknown,
): FaultKind {
  return {
    name,
    weight,
    strike: (world, random) => {
      const up = world.hosts.filter((one) => one.machine.powered && !one.destroyed);
      if (up.length === 0) return false;
      const host = random.pick(up);
      if (strike(host, random, world) === false) return false;
      sim().trace(`    on ${host.name}:`);
      return true;
    },
  };
}

/** Changes a number of the world for a while. */
function during<T extends object>(
  name: string,
  options: {
    readonly weight: number;
    readonly mood: (world: World) => T;
    readonly change: Partial<T>;
    readonly forMs: [number, number];
  },
): FaultKind {
  return {
    name,
    weight: options.weight,
    strike: (world, random) => {
      const mood = options.mood(world);
      const keys = Object.keys(options.change) as (keyof T)[];
      const before = Object.fromEntries(keys.map((key) => [key, mood[key]])) as Partial<T>;
      if (keys.every((key) => before[key] === options.change[key])) return false;
      Object.assign(mood, options.change);
      later(random.skewed(...options.forMs), () => Object.assign(mood, before));
      return true;
    },
  };
}

const SHORT: [number, number] = [500, 30_000];
const LONG: [number, number] = [2_000, 150_000];

const TO_ITS_END: [number, number] = [60_000, 100_000];

function block(up: boolean, down: boolean, forMs = LONG) {
  return (host: Host, random: Random, world: World) => {
    if (host.line.upBlocked || host.line.downBlocked) return false;
    host.line.upBlocked = up;
    host.line.downBlocked = down;
    later(random.skewed(...forMs), () => {
      host.line.upBlocked = false;
      host.line.downBlocked = false;
      world.connections.unblock(host.line);
    });
  };
}

const network: FaultKind[] = [
  onHost("partition", 5, block(true, true)),
  onHost("partition, one way up", 2, block(true, false)),
  onHost("partition, one way down", 2, block(false, true)),
  onHost("connections reset", 4, (host) => {
    const links = host.links();
    for (const link of links) link.reset();
    return links.length > 0;
  }),
  onHost("connection half-open", 5, (host, random) => {
    const links = host.links().filter((one) => !one.silent);
    if (links.length === 0) return false;
    random.pick(links).silent = true;
  }),
  onHost("slow line", 4, (host, random) => {
    const before = host.line.mood.delayMs;
    if (before[0] >= 50) return false;
    host.line.mood.delayMs = [50, random.pick([1_000, 6_000, 20_000])];
    later(random.skewed(...LONG), () => {
      host.line.mood.delayMs = before;
    });
  }),
  ...[401, 404, 503].map((status) =>
    onHost(`answers ${status} to every connection`, 1, (host, random) => {
      if (host.line.mood.refusing !== null) return false;
      host.line.mood.refusing = status;
      for (const link of host.links()) link.reset();
      later(random.skewed(...LONG), () => {
        host.line.mood.refusing = null;
      });
    }),
  ),
];

/**
 * The host channel falls silent, a little later the whole line, and the objects of its workers lose their memory: the
 * one that judges heard the host long before those that gave it leases.
 */
const slowDeath = onHost("host channel silent, then cut off", 2, (host, random, world) => {
  const links = host.links().filter((one) => !one.silent);
  const judge = links.find((one) => one.object?.kind === "host");
  const workers = links.flatMap((one) => (one.object?.kind === "worker" ? [one.object] : []));
  if (judge === undefined || workers.length === 0 || host.line.upBlocked) return false;
  judge.silent = true;
  later(random.int(10_000, 20_000), () => {
    if (block(true, true, TO_ITS_END)(host, random, world) === false) return;
    later(random.int(1_000, 25_000), () => {
      for (const one of workers) one.abort();
    });
  });
});

const calls = (world: World) => world.calls.mood;
const d1 = (world: World) => world.d1.mood;
const platform = (world: World) => world.platform;

const controlPlane: FaultKind[] = [
  {
    name: "object evicted",
    weight: 6,
    strike: (world, random) => {
      const idle = [...world.objects.values()].filter((one) => one.isAwake && one.isIdle);
      if (idle.length === 0) return false;
      random.pick(idle).evict();
      return true;
    },
  },
  {
    name: "object aborted",
    weight: 6,
    strike: (world, random) => {
      const awake = [...world.objects.values()].filter((one) => one.isAwake);
      if (awake.length === 0) return false;
      random.pick(awake).abort();
      return true;
    },
  },
  {
    name: "object aborted while it writes",
    weight: 5,
    strike: (world, random) => {
      const all = [...world.objects.values()];
      if (all.length === 0) return false;
      random.pick(all).breaksAtWrite = true;
      return true;
    },
  },
  {
    name: "all objects aborted",
    weight: 1,
    strike: (world) => {
      for (const one of world.objects.values()) one.abort();
      return true;
    },
  },
  {
    name: "object's clock jumps",
    weight: 2,
    strike: (world, random) => {
      const all = [...world.objects.values()];
      if (all.length === 0) return false;
      random.pick(all).clockOffset = random.int(-2_000, 2_000);
      return true;
    },
  },
  during("slow commits", {
    weight: 2,
    mood: platform,
    change: { commitMs: [20, 900] },
    forMs: SHORT,
  }),
  during("late alarms", {
    weight: 3,
    mood: platform,
    change: { alarmLateMs: [0, 20_000] },
    forMs: LONG,
  }),
  during("alarms that may come twice", {
    weight: 2,
    mood: platform,
    change: { alarmTwice: 0.5 },
    forMs: LONG,
  }),
  during("calls may fail before they are carried out", {
    weight: 3,
    mood: calls,
    change: { failBefore: 0.4 },
    forMs: SHORT,
  }),
  during("answers of calls may be lost", {
    weight: 4,
    mood: calls,
    change: { failAfter: 0.4 },
    forMs: SHORT,
  }),
  during("calls may be carried out twice", {
    weight: 3,
    mood: calls,
    change: { twice: 0.4 },
    forMs: SHORT,
  }),
  during("slow calls", { weight: 3, mood: calls, change: { slow: 0.4 }, forMs: SHORT }),
  during("D1 down for a while", { weight: 3, mood: d1, change: { down: true }, forMs: LONG }),
  during("D1 may commit and then fail", {
    weight: 4,
    mood: d1,
    change: { failAfter: 0.4 },
    forMs: SHORT,
  }),
  during("D1 may refuse", { weight: 3, mood: d1, change: { failBefore: 0.4 }, forMs: SHORT }),
  during("slow D1", { weight: 4, mood: d1, change: { slow: 0.5 }, forMs: SHORT }),
];

const hosts: FaultKind[] = [
  onHost("power lost", 3, (host) => host.losePower()),
  onHost("power lost for long", 1, (host, random) => host.losePower(random.int(70_000, 200_000))),
  onHost("machine paused", 2, (host, random) => host.pause(random.int(100, 9_500))),
  onHost("machine paused for long", 1, (host, random) => host.pause(random.int(10_000, 120_000))),
  onHost("wall clock of a host jumps", 2, (host, random) => {
    host.machine.wallOffset = random.int(-200_000, 200_000);
  }),
  onHost("agent killed", 4, (host) => (host.agent ? host.killAgent() : false)),
  onHost("agent away for long", 1, (host, random) =>
    host.agent ? host.killAgent(random.int(20_000, 120_000)) : false,
  ),
  onHost("agent stopped by a signal", 3, (host, random) =>
    host.agent ? host.stopAgent(random.skewed(500, 100_000)) : false,
  ),
  onHost("agent dies in the middle of its writes", 4, (host, random) => {
    if (host.agent === null) return false;
    host.agent.task.diesInWrites = random.int(0, 12);
  }),
  onHost("keeper killed", 3, (host) => (host.keeper ? host.killKeeper() : false)),
  onHost("keeper dies in the middle of its writes", 3, (host, random) => {
    if (host.keeper === null) return false;
    host.keeper.task.diesInWrites = random.int(0, 8);
  }),
  onHost("agent and keeper killed", 1, (host) => {
    host.killAgent();
    host.killKeeper();
  }),
  onHost("disk full", 1, (host, random) => {
    host.machine.disk.full = true;
    later(random.skewed(...SHORT), () => {
      host.machine.disk.full = false;
    });
  }),
  onHost("program killed from outside", 4, (host, random) => {
    const all = running(host.machine);
    if (all.length === 0) return false;
    endProgram(random.pick(all), { code: null, signal: "SIGKILL", end: "itself" });
  }),
  {
    name: "host lost for good",
    weight: 1,
    strike: (world, random) => {
      const living = world.hosts.filter((one) => !one.isOut);
      if (living.length < 3) return false;
      random.pick(living).destroy();
      return true;
    },
  },
  {
    name: "half of the hosts lost for good",
    weight: 1,
    strike: (world, random) => {
      const living = world.hosts.filter((one) => !one.isOut);
      if (living.length < 4) return false;
      for (const host of living.slice(random.int(1, 2)).slice(0, living.length / 2)) host.destroy();
      return true;
    },
  },
  {
    name: "machine copied, identity and all",
    weight: 1,
    strike: (world, random) => {
      const living = world.hosts.filter((one) => !one.isOut && one.machine.powered);
      if (living.length < 3) return false;
      world.copyHost(random.pick(living));
      return true;
    },
  },
  {
    name: "all hosts cut off at once",
    weight: 1,
    strike: (world, random) => {
      for (const host of world.hosts) block(true, true)(host, random, world);
      return true;
    },
  },
  during("builds fail", {
    weight: 1,
    mood: () => buildMood,
    change: { failing: 0.5 },
    forMs: LONG,
  }),
  during("slow builds", { weight: 2, mood: () => buildMood, change: { slow: 0.7 }, forMs: LONG }),
];

export const FAULT_KINDS: readonly FaultKind[] = [...network, slowDeath, ...controlPlane, ...hosts];

/** All is well again: nothing more breaks, and what was away comes back. */
export function endFaults(world: World): void {
  for (const undoing of undoings.get(world.sim) ?? []) undoing.cancel();
  Object.assign(world.calls.mood, { failBefore: 0, failAfter: 0, twice: 0, slow: 0 });
  Object.assign(world.d1.mood, { down: false, failBefore: 0, failAfter: 0, slow: 0 });
  Object.assign(world.platform, { commitMs: [1, 6], alarmLateMs: [0, 5], alarmTwice: 0 });
  Object.assign(buildMood, { failing: 0, slow: 0 });
  for (const object of world.objects.values()) object.breaksAtWrite = false;
  for (const host of world.hosts) {
    const { line, machine } = host;
    line.mood.delayMs = [1, 30];
    line.mood.refusing = null;
    line.upBlocked = false;
    line.downBlocked = false;
    machine.disk.full = false;
    machine.wallOffset = 0;
    if (host.agent) {
      host.agent.task.diesInWrites = null;
      host.agent.task.stopped = false;
    }
    if (host.keeper) host.keeper.task.diesInWrites = null;
    machine.resume();
    machine.thaw();
    if (!machine.powered) host.bootUp();
    host.startKeeper();
    host.startAgent();
    world.connections.unblock(line);
  }
}
