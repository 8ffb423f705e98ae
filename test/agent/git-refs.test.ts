// The control plane's reader of refs understands what the real git says, by both protocols.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lsRefsRequest, readPackets, readRefs } from "../../src/services/repos/pkt-line.ts";

const dir = mkdtempSync(join(tmpdir(), "coppice-refs-"));

function git(args: readonly string[], input = "", env: Record<string, string> = {}): Buffer {
  return execFileSync("git", ["-C", dir, ...args], { input, env: { ...process.env, ...env } });
}

beforeAll(() => {
  git(["init", "--quiet", "--initial-branch=trunk"]);
  const who = ["-c", "user.name=A", "-c", "user.email=a@b.c"];
  git([...who, "commit", "--quiet", "--allow-empty", "-m", "x"]);
  for (const name of ["feature/a", "ünï"]) git(["branch", name]);
  git([...who, "tag", "-a", "-m", "t", "v1"]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const REFS = { branches: ["feature/a", "trunk", "ünï"], defaultBranch: "trunk" };

test("protocol 0: the list that comes first", () => {
  const said = git(["upload-pack", "--http-backend-info-refs", "."]);
  expect(readRefs(readPackets(said))).toEqual(REFS);
});

test("protocol 2: the answer to ls-refs", () => {
  const version2 = { GIT_PROTOCOL: "version=2" };
  const said = git(["upload-pack", "--stateless-rpc", "."], lsRefsRequest(), version2);
  expect(readRefs(readPackets(said))).toEqual(REFS);
});

test("cut off anywhere, it gives what was whole", () => {
  const said = git(["upload-pack", "--http-backend-info-refs", "."]);
  for (let length = 0; length < said.length; length++) {
    const { branches } = readRefs(readPackets(said.subarray(0, length)));
    for (const name of branches) expect(REFS.branches).toContain(name);
  }
});
