// A few at a time: how many at once, in which order, and where one fails.
import { expect, it } from "vitest";
import { fewAtATime } from "../../src/services/few.ts";

const items = Array.from({ length: 30 }, (_, at) => at);

/** Settles once every microtask that is due has run. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it("runs each once, never more than eight at once, and answers in their order", async () => {
  let now = 0;
  let most = 0;
  const doubled = await fewAtATime(items, async (item) => {
    most = Math.max(most, ++now);
    // The later ones of a handful are done first.
    for (let at = item % 8; at < 8; at++) await turn();
    now--;
    return item * 2;
  });
  expect(doubled).toEqual(items.map((item) => item * 2));
  expect(most).toBe(8);
  expect(await fewAtATime([], async () => 1)).toEqual([]);
});

it("begins none after one that failed", async () => {
  const begun: number[] = [];
  const all = fewAtATime(items, async (item) => {
    begun.push(item);
    await turn();
    if (item === 3) throw new Error("no");
  });
  await expect(all).rejects.toThrow("no");
  for (let at = 0; at < 5; at++) await turn();
  expect(begun.length).toBeLessThanOrEqual(16);
});
