// Does something for each of many, a few at a time: no list makes hundreds of requests at once, and none waits in single file.

const AT_ONCE = 8;

/** What came of each, in the order of the items. Where one throws, none is begun after it, and this throws the same. */
export async function fewAtATime<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const waiting = items.entries();
  let failed = false;
  const lane = async () => {
    for (const [at, item] of waiting) {
      if (failed) return;
      try {
        results[at] = await run(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
