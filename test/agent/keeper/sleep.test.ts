// A machine that was suspended: its monotonic clock stood still, its leases did not.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeClock } from "../../../agent/keeper/clock.ts";
import { handleOf, instanceOf, Keeper, nowMs, stateDirectory, until } from "./support.ts";

const exclusive = () =>
  instanceOf("trap '' TERM; while :; do sleep 0.02; done", { mode: "exclusive", graceMs: 600_000 });

/** A keeper on a machine that has slept for so long since its boot, and may sleep more. */
async function sleeper(sleptMs: number) {
  const dir = stateDirectory();
  const uptime = join(dir, "uptime");
  const slept = (ms: number) => {
    // As /proc has it, but for the time that passes until it is read: that only takes off.
    writeFileSync(`${uptime}.new`, `${((nowMs() + ms) / 1_000).toFixed(2)} 0.00\n`);
    renameSync(`${uptime}.new`, uptime);
  };
  slept(sleptMs);
  const keeper = await Keeper.start({ stateDir: join(dir, "state"), uptime });
  const client = await keeper.connect();
  return { client, slept };
}

test("the clock counts sleep, never goes back, and takes no rounding for sleep", () => {
  let awakeMs = 1_000;
  let sleptMs = 0;
  let readable = true;
  const clock = makeClock(
    () => (readable ? Math.floor((awakeMs + sleptMs) / 10) * 10 : null),
    () => awakeMs,
  );
  for (let n = 0; n < 100; n++, awakeMs += 37.3) expect(clock.nowMs()).toBe(awakeMs);
  sleptMs = 60_000;
  awakeMs += 100;
  const after = clock.nowMs();
  expect(after).toBeGreaterThan(awakeMs + 59_980);
  expect(after).toBeLessThanOrEqual(awakeMs + 60_000);
  readable = false;
  awakeMs += 500;
  expect(clock.nowMs()).toBe(after + 500);
  expect(clock.monotonicMs()).toBe(awakeMs);
});

test("a lease that ran out in its sleep ends the program within moments of its waking", async () => {
  const { client, slept } = await sleeper(0);
  await client.ensure(exclusive());
  const lease = { instanceId: "i1", termAtMs: nowMs() + 40_000, killAtMs: nowMs() + 50_000 };
  await client.ask({ type: "lease", leases: [{ ...lease, sleptMs: 0 }] });
  const { pid } = await client.running();
  const program = handleOf(pid);
  slept(120_000);
  const wokeMs = nowMs();
  await until("its end", () => !program.alive());
  expect(nowMs() - wokeMs).toBeLessThan(5_000);
  expect(await client.exit(1)).toMatchObject({ reason: "fenced", signal: "SIGKILL" });
});

test("what is asked for before a sleep is worth nothing after it; what is asked for afterwards is", async () => {
  const { client } = await sleeper(90_000);
  await client.ensure(exclusive());
  const lease = () => ({
    instanceId: "i1",
    termAtMs: nowMs() + 40_000,
    killAtMs: nowMs() + 50_000,
  });
  await client.ask({ type: "lease", leases: [{ ...lease(), sleptMs: 30_000 }] });
  expect(client.state()).toEqual({ kind: "starting" });
  await client.ask({ type: "lease", leases: [{ ...lease(), sleptMs: 90_000 }] });
  await client.running();
});

test("an agent that says nothing of sleep is understood on a machine that slept long ago", async () => {
  const { client } = await sleeper(3_600_000);
  await client.ensure(exclusive());
  await client.lease({ termMs: 40_000 });
  expect(await client.running()).toMatchObject({ attempt: 1 });
});
