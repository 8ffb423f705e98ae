// `npm run e2e` runs some tests of `npm test` again, with everything that those few minutes have no room for.
export const THOROUGH = process.env.COPPICE_CAMPAIGN === "1";

/** All of them, or each fourth. */
export function some<T>(all: readonly T[]): T[] {
  return all.filter((_, at) => THOROUGH || at % 4 === 0);
}
