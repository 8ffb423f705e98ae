// `coppice hosts drain` over two hosts: what is available starts elsewhere before it stops, what is exclusive stops first,
// and the command ends when the host is empty.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../../cli/bundle.mjs";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import { FLEET_POLICY } from "../support/fleet-policy.ts";
import { overlaps, runsOf, TICKER } from "../support/ticks.ts";

let cluster: Cluster;
let repo: TestRepo;
let directory: string;
let bundle: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coppice-drain-"));
  repo = new TestRepo({ "tick.mjs": TICKER });
  bundle = await bundleCli(join(directory, "coppice.mjs"));
  cluster = await Cluster.start({ hosts: 2, policy: FLEET_POLICY });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
  rmSync(directory, { recursive: true, force: true });
});

function coppice(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const { url, token } = cluster.api;
  const env = { PATH: process.env.PATH, HOME: directory, COPPICE_URL: url, COPPICE_TOKEN: token };
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle, ...args], { env, timeout: 90_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: `${out}${err}` });
    });
  });
}

describe("a host that is drained", () => {
  test("is empty at the end; nothing was missing meanwhile, and nothing ran twice", async () => {
    const ticks = join(directory, "ticks");
    const make = async (name: string, more: object) => {
      const worker = await cluster.createWorker({
        ...{ name, repo: repo.path, startCommand: "exec sleep 1000", instances: 2 },
        ...more,
      });
      await worker.deployEnded(1, 60_000);
      return worker;
    };
    const env = { TICKS: ticks };
    const command = { startCommand: "exec node tick.mjs", env };
    const free = await make("free", {});
    const only = await make("only", { mode: "exclusive", ...command });
    const standing = [...(await free.up(2, 30_000)), ...(await only.up(2, 30_000))];
    const there = standing.filter((one) => one.hostName === "web-1");
    expect(there.map((one) => one.mode).sort()).toEqual(["available", "exclusive"]);

    let fewest = Number.POSITIVE_INFINITY;
    const watching = setInterval(() => {
      fewest = Math.min(fewest, cluster.programs("free").length);
    }, 20);
    const begun = performance.now();
    const drained = await coppice("hosts", "drain", "web-1", "--deadline", "60s");
    const tookMs = Math.round(performance.now() - begun);
    clearInterval(watching);
    expect(drained).toMatchObject({ code: 0 });
    expect(drained.said).toMatch(/web-1 +drained +2 moved/);

    await waitUntil({ what: "nothing to be left there", withinMs: 10_000 }, () => {
      return cluster.host("web-1").programs().length === 0;
    });
    const after = [...(await free.up(2, 30_000)), ...(await only.up(2, 30_000))];
    expect(after.every((one) => one.hostName === "web-2")).toBe(true);
    expect(fewest).toBeGreaterThanOrEqual(2);
    const runs = runsOf(ticks);
    expect(overlaps(runs)).toEqual([]);
    console.log(
      `drained in ${tookMs} ms: never fewer than ${fewest} of 2 available ran, ${runs.length} processes of exclusive ones without an overlap`,
    );
    // It takes nothing until it is told to, and then it does.
    await free.patch({ instances: 4 });
    expect((await free.up(4, 30_000)).every((one) => one.hostName === "web-2")).toBe(true);
    expect(await coppice("hosts", "undrain", "web-1")).toMatchObject({ code: 0 });
    await free.patch({ instances: 6 });
    await free.up(6, 30_000);
    expect(cluster.host("web-1").programs().length).toBeGreaterThan(0);
  });
});
