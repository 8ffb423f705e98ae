// What is kept of releases on a disk, and what a next agent makes of what it finds there.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { releaseKey } from "../../agent/artifacts/store.ts";
import type { Source } from "../../protocol/channel.ts";
import { ReleaseHost } from "../support/release-host.ts";

let host: ReleaseHost;
const children: ChildProcess[] = [];
beforeEach(async () => {
  host = await ReleaseHost.open();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  host.close();
});

const releases = () => readdirSync(join(host.state, "releases")).sort();

async function release(): Promise<{ source: Source; key: string; tree: string }> {
  const made = host.repo({ "a.txt": "a" });
  await host.built({ repo: made.repo });
  const source = { ...made, rootDir: ".", buildCommand: null };
  return { source, key: releaseKey(source), tree: host.store.treeDir(source) };
}

/** A program whose directory is there, as the keeper starts it. */
async function program(cwd: string): Promise<() => Promise<void>> {
  const child = spawn("/bin/sh", ["-c", "echo up; exec sleep 1000"], {
    ...{ cwd, stdio: ["ignore", "pipe", "ignore"] },
  });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return () =>
    new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
}

const collect = () => host.store.collect(() => true, new Set());

test("what programs run from is moved aside and kept until they end, also by the next agent", async () => {
  const { source, key, tree } = await release();
  host.inUse.add(tree);
  const ends = [await program(tree)];
  await host.store.discard(source);
  mkdirSync(tree, { recursive: true });
  // Its next attempt runs from the tree that took the place.
  ends.push(await program(tree));
  const aside = `${key}.old-1`;
  collect();
  expect(existsSync(join(host.state, "releases", aside, "tree/a.txt"))).toBe(true);
  host.store.commit(source, {
    ...{ digest: "d", commit: source.commit, message: "", workerId: "wrk_1", builtAt: 1 },
  });
  host.restart();
  await host.store.discard(source);
  expect(releases()).toEqual([aside, `${key}.old-2`]);
  collect();
  expect(releases()).toEqual([aside, `${key}.old-2`]);
  await ends[0]?.();
  collect();
  expect(releases()).toEqual([`${key}.old-2`]);
  await ends[1]?.();
  collect();
  expect(releases()).toEqual([]);
});

test("what was being brought when an agent ended is no release of the next one", async () => {
  const { key } = await release();
  const place = join(host.state, "releases", key);
  cpSync(place, `${place}.new`, { recursive: true });
  host.restart();
  expect(releases()).toEqual([key]);
});
