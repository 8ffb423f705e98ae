// What a host says that it built is what it hands in, whatever became of the tree on its disk since.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { releaseKey } from "../../agent/artifacts/store.ts";
import { readTree } from "../../agent/artifacts/tree.ts";
import { unpackTree } from "../../agent/artifacts/unpack.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import { ReleaseHost } from "../support/release-host.ts";

let host: ReleaseHost;
beforeEach(async () => {
  host = await ReleaseHost.open();
});
afterEach(() => host.close());

const STEPS = ["resolve done", "fetch done", "build skipped", "pack done", "upload done"];

/** The digest of the files in an artifact that the store has. */
async function digestIn(artifact: Artifact | null | undefined): Promise<string> {
  if (!artifact) throw new Error("no artifact");
  const file = join(host.dir, "fetched");
  const bytes = host.artifacts.held.get(artifact.digest.replace("sha256:", ""));
  writeFileSync(file, bytes ?? "");
  const dir = join(host.dir, `out-${host.artifacts.asked.length}`);
  mkdirSync(dir);
  const { signal } = new AbortController();
  return (await unpackTree({ file, dir, home: dir, announced: artifact, signal })).digest;
}

function sourceOf({ repo, commit }: { readonly repo: string; readonly commit: string }) {
  return { repo, commit, rootDir: ".", buildCommand: null };
}

test("a tree that a program added to since is made anew before it is handed in", async () => {
  const made = host.repo({ "a.txt": "a" });
  const first = await host.built({ repo: made.repo });
  const tree = host.store.treeDir(sourceOf(made));
  writeFileSync(join(tree, "cache.pyc"), "compiled");
  host.inUse.add(tree);
  const { outcome, steps } = await host.build({ repo: made.repo, pack: true });
  expect(outcome).toMatchObject({ kind: "succeeded", digest: first.digest, cached: false });
  if (outcome.kind !== "succeeded") throw new Error("unreachable");
  expect(await digestIn(outcome.artifact)).toBe(outcome.digest);
  expect(steps).toEqual(STEPS);
  expect(await readTree(tree)).toMatchObject({ digest: outcome.digest });
  expect(host.store.find(sourceOf(made))).toMatchObject({ digest: outcome.digest });
});

test("a release whose digest an older agent counted otherwise gets one that holds", async () => {
  const made = host.repo({ "a.txt": "a" });
  const { digest } = await host.built({ repo: made.repo });
  const marker = join(host.state, "releases", releaseKey(sourceOf(made)), "release.json");
  const { sealed, ...old } = JSON.parse(readFileSync(marker, "utf8"));
  expect(sealed).toBe(true);
  writeFileSync(marker, JSON.stringify({ ...old, digest: "sha256:old" }));
  host.restart();
  const outcome = await host.built({ repo: made.repo, pack: true });
  expect(outcome).toMatchObject({ digest, cached: false });
  expect(await digestIn(outcome.artifact)).toBe(digest);
});

test("what the store let go of is packed again from the same tree, and handed in as it was", async () => {
  const { repo } = host.repo({ "a.txt": "a" });
  const first = await host.built({ repo, pack: true });
  host.artifacts.held.clear();
  const { outcome, steps } = await host.build({ repo, pack: true });
  expect(outcome).toEqual({ ...first, cached: true });
  expect(steps.slice(1, 4)).toEqual(["fetch skipped", "build skipped", "pack skipped"]);
  expect(host.artifacts.held.size).toBe(1);
});

test("a tree that was changed where it was sealed is made anew, too", async () => {
  const made = host.repo({ "a.txt": "a" });
  const first = await host.built({ repo: made.repo });
  appendFileSync(join(host.store.treeDir(sourceOf(made)), "a.txt"), "more");
  expect(await host.built({ repo: made.repo })).toEqual(first);
});
