// A release on a host is the one that was asked for: the same source built elsewhere, at another time, is another one.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesiredRelease } from "../../protocol/channel.ts";
import { ReleaseHost } from "../support/release-host.ts";

let here: ReleaseHost;
let elsewhere: ReleaseHost;
beforeEach(async () => {
  elsewhere = await ReleaseHost.open();
  here = await ReleaseHost.open(elsewhere);
});
afterEach(() => {
  here.close();
  elsewhere.close();
});

/** Builds it on both hosts; gives the release that the other one handed in. */
async function twice(buildCommand: string) {
  const made = elsewhere.repo({ "a.txt": "a" });
  const own = await here.built({ repo: made.repo, buildCommand });
  const theirs = await elsewhere.built({ repo: made.repo, buildCommand, pack: true });
  expect(own.digest).not.toBe(theirs.digest);
  const release: DesiredRelease = {
    number: 2,
    source: { ...made, rootDir: ".", buildCommand },
    ...{ digest: theirs.digest, artifact: theirs.artifact ?? null },
    ...{ startCommand: "true", stopSignal: "SIGTERM", stopGraceMs: 2_000, mode: "available" },
    ...{ env: {}, allowLocalRepo: true },
  };
  return { own, release };
}

/** Where it was found whole. */
async function prepared(release: DesiredRelease): Promise<string> {
  const outcome = await here.prepare(release);
  if (!outcome.ok) throw new Error(outcome.message);
  return here.store.runDir(outcome.place);
}

const stamp = (dir: string) => readFileSync(join(dir, "stamp"), "utf8");
const fetches = () => here.artifacts.asked.filter((one) => one.startsWith("GET")).length;

test("what another host built is fetched beside what this one built of the same source, once", async () => {
  const { own, release } = await twice("date +%s%N > stamp");
  const ours = here.store.runDir(release.source);
  const before = stamp(ours);
  const theirs = await prepared(release);
  expect(stamp(theirs)).toBe(stamp(elsewhere.store.runDir(release.source)));
  expect(stamp(ours)).toBe(before);
  expect(await prepared(release)).toBe(theirs);
  here.restart();
  expect(await prepared(release)).toBe(theirs);
  expect(fetches()).toBe(1);
  const first = { ...release, number: 1, digest: own.digest };
  expect(await prepared(first)).toBe(ours);
});

test("another build of the source that is damaged makes room for it", async () => {
  const { release } = await twice("date +%s%N > stamp");
  const ours = here.store.runDir(release.source);
  writeFileSync(join(ours, "stamp"), "damaged");
  expect(await prepared(release)).toBe(ours);
  expect(stamp(ours)).toBe(stamp(elsewhere.store.runDir(release.source)));
});

test("a host that has nothing of it puts it where it builds", async () => {
  const { release } = await twice("date +%s%N > stamp");
  await here.store.discard(release.source);
  const place = await prepared(release);
  expect(place).toBe(here.store.runDir(release.source));
  expect(await here.built({ ...release.source, ref: release.source.commit })).toMatchObject({
    ...{ cached: true, digest: release.digest },
  });
});

test("one whose files name where they were built is made here, and made once", async () => {
  const { release } = await twice("pwd > where; echo x >> stamp");
  expect(release.artifact?.root).toBe(elsewhere.store.treeDir(release.source));
  const place = await prepared(release);
  expect(readFileSync(join(place, "where"), "utf8")).toBe(`${place}\n`);
  expect(await prepared(release)).toBe(place);
  expect([fetches(), stamp(place)]).toEqual([0, "x\n"]);
});

test("one that the store let go of is made here", async () => {
  const { release } = await twice("date +%s%N > stamp");
  here.artifacts.held.clear();
  const place = await prepared(release);
  expect(place).toBe(here.store.runDir(release.source));
  expect(existsSync(join(place, "stamp"))).toBe(true);
});

test("one that is damaged here is looked at once, and fetched into the place of the damaged one", async () => {
  const { release } = await twice("date +%s%N > stamp");
  await here.store.discard(release.source);
  const place = await prepared(release);
  writeFileSync(join(place, "stamp"), "damaged");
  expect(await prepared(release)).toBe(place);
  expect(stamp(place)).toBe(stamp(elsewhere.store.runDir(release.source)));
  writeFileSync(join(place, "stamp"), "damaged");
  here.artifacts.held.clear();
  here.log.length = 0;
  expect(await prepared(release)).toBe(place);
  expect(stamp(place)).not.toBe("damaged");
  expect(here.log.filter((line) => line.includes("damaged"))).toHaveLength(1);
});
