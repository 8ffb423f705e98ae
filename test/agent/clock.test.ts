// The wall clock may jump by hours: what lasts or waits is measured by the steady one.
import { expect, test } from "vitest";
import { KeeperClient } from "../../agent/keeper-client.ts";
import { nextHealthyMs } from "../../agent/report.ts";
import type { KeeperPipeEvents, Log, World } from "../../agent/world.ts";

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };
const HOUR_MS = 3_600_000;

test("a jump of the wall clock makes no instance healthy early, and keeps none from it", () => {
  let elapsedMs = 5_000;
  let wallMs = 1_700_000_000_000;
  let pipe: KeeperPipeEvents | null = null;
  const world: Pick<World, "now" | "elapsed" | "after" | "connectKeeper"> = {
    now: () => wallMs,
    elapsed: () => elapsedMs,
    after: () => ({ cancel: () => {} }),
    connectKeeper: (events) => {
      pipe = events;
      return { write: () => {}, destroy: () => {} };
    },
  };
  const events = { synced: () => {}, instance: () => {}, removed: () => {}, exit: () => {} };
  const client = new KeeperClient({ world: world as World, log: quiet, events });
  client.start();
  const told = pipe as KeeperPipeEvents | null;
  const place = { instanceId: "i1", workerId: "w1", slot: 0, generation: 1, release: 1 };
  const running = {
    kind: "running",
    attempt: 1,
    pid: 7,
    startedAt: 0,
    uptimeMs: 0,
    adopted: false,
  };
  const instances = [{ ...place, attempt: 1, restarts: 0, state: running }];
  const host = { protocol: 1, bootId: "b", pid: 1, containment: "cgroup", exits: [] };
  told?.opened();
  told?.data(`${JSON.stringify({ type: "welcome", ...host, instances })}\n`);
  for (const jumpMs of [HOUR_MS, -2 * HOUR_MS]) {
    wallMs += jumpMs;
    elapsedMs += 3_000;
    const leftMs = nextHealthyMs([...client.instances.values()], world.elapsed(), 10_000);
    expect(leftMs).toBe(10_000 - (elapsedMs - 5_000));
  }
});
