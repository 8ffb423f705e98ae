// Planted bugs: each must be caught, or the simulation proves nothing. Written into the sources as they are loaded.
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** It shows only where these befall a world, and little else: then its worlds have these alone. */
  readonly provoke?: Provocation;
}

export interface Provocation {
  readonly faults: readonly string[];
  /** From one to the next, at most. */
  readonly eachMs: number;
  /** The same of what people do; the seed's own choice without it. */
  readonly wishMs?: number;
  /** How long the longest worlds are, where those of the others are too short. */
  readonly minutes?: number;
}

const one = (
  name: string,
  file: string,
  find: string,
  replace: string,
  provoke?: Provocation,
): Mutant => ({
  name,
  edits: [{ file, find, replace }],
  ...(provoke && { provoke }),
});

export const MUTANTS: readonly Mutant[] = [
  one(
    "hostLost sent once",
    "src/objects/host/tell.ts",
    "frozen: meta.frozen,\n    });",
    "frozen: meta.frozen,\n    }).catch(() => {});",
  ),
  one(
    "replacement of a slot that has a successor",
    "src/domain/slots.ts",
    "if (!keep && !mustWait(state, release, rest)) {",
    'if ((!keep || ours.some((one) => one.state === "lost")) && !mustWait(state, release, rest)) {',
  ),
  one(
    "reservation freed by a stale report",
    "src/domain/observe.ts",
    "const current = report.revision >= input.sentRevision;",
    "const current = true;",
  ),
  {
    name: "reservation expiring during a long download",
    edits: [
      {
        file: "src/objects/host/reservations.ts",
        find: "const open = store.reservations().filter((one) => !one.confirmed);",
        replace: "const open = store.reservations();",
      },
      {
        file: "src/objects/host/reservations.ts",
        find: "const forgotten = group.filter((one) => !held.includes(one.key));",
        replace: "const forgotten = group;",
      },
      {
        file: "src/objects/host/reservations.ts",
        find: "return now !== null && !now.confirmed && now.createdAt === createdAt;",
        replace: "return now !== null && now.createdAt === createdAt;",
      },
    ],
  },
  one(
    "exit keyed without boot id",
    "src/objects/worker/timeline.ts",
    "FROM exits WHERE generation = ? AND boot_id = ? AND attempt = ?",
    "FROM exits WHERE generation = ? AND ? <> '' AND attempt = ?",
  ),
  one(
    "ack before write",
    "src/objects/worker/report.ts",
    "return atomically(parts, () => takeIn(parts, ws, report, host, settle));",
    'sockets.send(ws, { type: "ack", exits: report.exits.map(({ instanceId, bootId, attempt }) => ({ instanceId, bootId, attempt })), builds: [], gone: [] });\n  return atomically(parts, () => takeIn(parts, ws, report, host, settle));',
  ),
  one(
    "frame borders not journaled",
    "agent/logs/shipper.ts",
    'this.#journal.append({ t: "border", key, border: frame.border });',
    "",
  ),
  one(
    "spool freed before ack",
    "agent/logs/stream.ts",
    "if (!this.ended || this.shipped.borders.length > 0) return false;",
    "if (this.ended) return true;",
  ),
  one(
    "older spec applied",
    "src/objects/worker/requests.ts",
    "before.specVersion < input.specVersion && before.deletedAt === null",
    "before.specVersion !== input.specVersion && before.deletedAt === null",
  ),
  one(
    "projection without version",
    "src/db/projections.ts",
    "target: workerProjections.workerId,\n      set,\n      setWhere: lt(workerProjections.version, sql`excluded.version`),",
    "target: workerProjections.workerId,\n      set,",
    { faults: ["slow D1", "D1 may commit and then fail", "object evicted"], eachMs: 5_000 },
  ),
  one(
    "finishing build overtakes what came after it",
    "src/objects/worker/builds.ts",
    'if (deploy?.status !== "building" || deploy.buildHostId !== hostId) continue;',
    "if (!deploy) continue;",
  ),
  one(
    "a revert leaves the poison as the base",
    "src/domain/reconcile.ts",
    'if (base?.live) return [{ op: "deploy", number: rollout.deploy, to: "reverted", reason }];',
    'if (base?.live) return [{ op: "base", base: { deploy: rollout.deploy, release: rollout.release, live: true } }, { op: "deploy", number: rollout.deploy, to: "reverted", reason }];',
  ),
  one(
    "a tombstone is taken in while the keeper is away",
    "agent/worker-link.ts",
    "const isWhole = session !== null && session === keeper.session;",
    "const isWhole = true;",
    {
      faults: ["keeper dies in the middle of its writes", "keeper killed"],
      eachMs: 4_000,
      wishMs: 2_500,
    },
  ),
  one(
    "stop racing a restart",
    "agent/keeper/recovery.ts",
    "if (stop !== null) return of(stopping(stop, false), null);",
    "if (stop !== null && dueMs === null) return of(stopping(stop, false), null);",
  ),
  {
    name: "tombstone forgotten while the host is offline",
    edits: [
      {
        file: "src/objects/worker/loss.ts",
        find: 'if (mayMove(one.state, "lost"))\n        instances.write',
        replace:
          'if (one.stop) forgetInstance(parts, one);\n      else if (mayMove(one.state, "lost"))\n        instances.write',
      },
      {
        file: "src/objects/worker/report.ts",
        find: '...ended.filter((one) => one.state !== "stopped").map((one) => one.instanceId),',
        replace: "",
      },
    ],
  },
  {
    name: "soak failed by host loss",
    edits: [
      {
        file: "src/domain/rollout.ts",
        find: '|| instance.state === "lost") return null;',
        replace: ") return null;",
      },
      {
        file: "src/domain/rollout.ts",
        find: "if (hostId !== null && state.silentHosts.has(hostId)) return null;",
        replace: "",
      },
    ],
  },
  one(
    "epoch taken over by a clone",
    "src/domain/epoch.ts",
    ': { kind: "cloned" };',
    ': { kind: "granted", epoch: Math.max(stored.epoch, hello.epoch) + 1, repeated: false };',
  ),
  one(
    "an empty desired set stops what it does not name",
    "agent/reconcile.ts",
    "return (desired?.stop ?? []).flatMap((tombstone): Operation[] => {",
    'const named = new Set(desired?.run.map((one) => one.instanceId));\n  const absent = desired === null ? [] : [...instances.keys()].filter((id) => !named.has(id)).map((instanceId) => ({ instanceId, reason: "stopped" as const, graceMs: 1_000 }));\n  return [...(desired?.stop ?? []), ...absent].flatMap((tombstone): Operation[] => {',
  ),
  one(
    "a new attempt beside what the old one left",
    "agent/keeper/occupant.ts",
    "if (fence.isEmpty(id, this.#leader())) {",
    "if (true) {",
  ),
  one(
    "a pushed set starts an exclusive instance",
    "agent/execute.ts",
    "mode: release.mode,",
    'mode: "available",',
  ),
  one(
    "fence counted from the answer instead of the request",
    "agent/leases.ts",
    "const leases = leasesOf(asked, instances, policy());",
    "const leases = leasesOf({ ...asked, sentMs: this.#options.world.elapsed() }, instances, policy());",
  ),
  one(
    "grace longer than the fence",
    "agent/keeper/policy.ts",
    ": Math.min(phase.killAtMs, leaseOf(life).killAtMs);",
    ": phase.killAtMs;",
  ),
  one(
    "lease from the object's old clock after a restart",
    "src/objects/worker/leases.ts",
    "hosts.update(host.hostId, { connected: false, heardAt: rim.now() });",
    "hosts.update(host.hostId, { connected: false });",
    { faults: ["host channel silent, then cut off"], eachMs: 20_000, minutes: 3 },
  ),
  one(
    "a lease is granted beside the one that holds the slot",
    "src/domain/lease.ts",
    "if (holder) return holder === one;",
    "",
  ),
  one(
    "an exclusive instance is replaced at once where its host is lost",
    "src/objects/worker/loss.ts",
    'if (due > rim.now()) agenda.set("silence", hostId, due);\n  else declareLost',
    "declareLost",
  ),
  one(
    "a breaker that never thaws",
    "src/domain/breaker.ts",
    "if (thawedByHand || now - lostAt >= policy.thawMs) return null;",
    "",
  ),
  one(
    "the output gate is left open: room is promised before it is written",
    "src/objects/host/reservations.ts",
    "else store.addReservation(one, rim.now());",
    "else if (all.length % 3 !== 1) store.addReservation(one, rim.now());",
  ),
];
