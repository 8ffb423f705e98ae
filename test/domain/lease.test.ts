// At most one instance of an exclusive slot holds a lease.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostId } from "../../protocol/ids.ts";
import { INSTANCE_STATES } from "../../protocol/instance.ts";
import { grantLeases } from "../../src/domain/lease.ts";
import type { Instance } from "../../src/domain/worker.ts";
import { World } from "./world.ts";

const A = "hst_a" as HostId;
const B = "hst_b" as HostId;

function instance(patch: Partial<Instance>): Instance {
  const world = new World();
  world.exclusive.add(1);
  world.apply({ op: "create", slot: 0, deploy: 1, release: 1, why: "" });
  return { ...world.instances[0]!, state: "starting", hostId: A, ...patch };
}

const stop = { reason: "replaced", why: "", at: 0 } as const;
const one = instance({});
const older = instance({ id: "ins_0" as Instance["id"], generation: 0, hostId: B });

describe("a lease", () => {
  const ask = (instances: Instance[], hostId = A) =>
    grantLeases({ hostId, asked: instances.map(({ id }) => id), instances }).map(({ id }) => id);

  test.each<[string, Instance[], boolean]>([
    ["is given to the only one in its slot", [one], true],
    ["is not given to what another host runs", [{ ...one, hostId: B }], false],
    ["is not given where none is needed", [{ ...one, mode: "available" }], false],
    ["is not given to one that is lost", [{ ...one, state: "lost" }], false],
    ["is not begun by one that was asked to stop", [{ ...one, stop }], false],
    ["goes on for a holder that was asked to stop", [{ ...one, stop, leased: true }], true],
    ["waits while a predecessor holds it", [one, { ...older, leased: true }], false],
    ["waits while a stopping predecessor holds it", [one, { ...older, leased: true, stop }], false],
    ["is taken over from a lost predecessor", [one, { ...older, state: "lost" }], true],
    ["passes over a predecessor that never had it", [one, older], true],
    [
      "is the holder's though a newer one waits",
      [
        { ...one, leased: true },
        { ...older, generation: 9 },
      ],
      true,
    ],
    ["waits for one without leases to end", [one, { ...older, mode: "available" }], false],
    ["is another slot's own", [one, { ...older, slot: 1, leased: true }], true],
  ])("%s", (_, instances, given) => {
    expect(ask(instances).includes(one.id)).toBe(given);
  });

  test("is given to nobody who did not ask", () => {
    expect(grantLeases({ hostId: A, asked: ["ins_7"], instances: [one] })).toEqual([]);
  });

  test("is held by one at a time, whoever asks in whatever order", () => {
    const any = fc.record({
      slot: fc.nat(1),
      hostId: fc.constantFrom(A, B, null),
      state: fc.constantFrom(...INSTANCE_STATES),
      mode: fc.constantFrom("available" as const, "exclusive" as const),
      stop: fc.constantFrom(null, stop),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 6 }),
        fc.array(fc.constantFrom(A, B)),
        (parts, asking) => {
          let instances = parts.map((part, i) =>
            instance({ ...part, id: `ins_${i}` as Instance["id"], generation: i }),
          );
          for (const hostId of asking) {
            const asked = instances.map(({ id }) => id);
            const granted = new Set(grantLeases({ hostId, asked, instances }));
            instances = instances.map((it) => (granted.has(it) ? { ...it, leased: true } : it));
            for (const slot of [0, 1]) {
              const holders = instances.filter((it) => it.slot === slot && it.leased);
              expect(holders.length).toBeLessThanOrEqual(1);
            }
          }
        },
      ),
    );
  });
});
