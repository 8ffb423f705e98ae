// The lull on a clock of the test's own: what waits for quiet runs in the quiet, and not for ever later.
import { expect, test } from "vitest";
import { Lull } from "../../../agent/keeper/lull.ts";
import type { World } from "../../../agent/keeper/world.ts";

/** A clock that moves when told; `busy` moves it without letting any timer run, as long work does. */
function clock() {
  let now = 0;
  let timers: { due: number; run: () => void }[] = [];
  const after = (delayMs: number, run: () => void) => {
    const timer = { due: now + delayMs, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  };
  const pass = (ms: number) => {
    const until = now + ms;
    for (;;) {
      const next = timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      timers = timers.filter((one) => one !== next);
      now = Math.max(now, next.due);
      next.run();
    }
    now = until;
  };
  const busy = (ms: number) => {
    now += ms;
  };
  return { world: { nowMs: () => now, after } as unknown as World, pass, busy };
}

const OPTIONS = { quietMs: 10, latestMs: 50 };

test("runs once it was quiet, each addition once, in their order", () => {
  const { world, pass } = clock();
  const lull = new Lull(world, OPTIONS);
  const ran: number[] = [];
  lull.add(() => ran.push(1));
  pass(9);
  lull.add(() => ran.push(2));
  pass(9);
  expect(ran).toEqual([]);
  pass(1);
  expect(ran).toEqual([1, 2]);
  pass(100);
  expect(ran).toEqual([1, 2]);
});

test("a timer that long work made late is no sign of quiet", () => {
  const { world, pass, busy } = clock();
  const lull = new Lull(world, OPTIONS);
  let ran = 0;
  lull.add(() => ran++);
  busy(30);
  lull.add(() => ran++);
  pass(0);
  expect(ran).toBe(0);
  pass(10);
  expect(ran).toBe(2);
});

test("without any quiet it runs at the latest moment", () => {
  const { world, pass } = clock();
  const lull = new Lull(world, OPTIONS);
  let ran = 0;
  for (let ms = 0; ms < 60; ms += 5) {
    lull.add(() => ran++);
    pass(5);
  }
  expect(ran).toBeGreaterThan(8);
});

test("what is canceled does not run; a long queue lets others in between", () => {
  const { world, pass } = clock();
  const lull = new Lull(world, OPTIONS);
  const ran: number[] = [];
  lull.add(() => ran.push(-1))();
  for (let n = 0; n < 40; n++) {
    lull.add(() => {
      ran.push(n);
      if (n === 0) world.after(0, () => ran.push(1_000));
    });
  }
  pass(20);
  expect(ran.filter((n) => n !== 1_000)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(ran.indexOf(1_000)).toBeLessThan(20);
});
