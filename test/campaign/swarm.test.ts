// Hundreds of hosts that lose the control plane at once: all are back within a minute, and nothing was replaced that
// nobody lost. The numbers of the policy are those of production.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JoinTokenView } from "../../protocol/rest.ts";
import { signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { SwarmHost } from "../support/swarm.ts";

const HOSTS = Number(process.env.COPPICE_SWARM ?? 500);
const INSTANCES = Math.min(HOSTS, 200);
const AT_ONCE = 16;
const BACK_MS = 60_000;

let cluster: Cluster;
let directory: string;
const swarm: SwarmHost[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coppice-swarm-"));
  cluster = await Cluster.start({ hosts: 0, policy: {} });
  const joinToken = async () => {
    const path = `${cluster.projectPath}/join-tokens`;
    return (
      await cluster.api.json<JoinTokenView>(path, { method: "POST", body: {}, timeoutMs: 60_000 })
    ).token;
  };
  const options = { url: cluster.api.url, directory, policy: {}, joinToken };
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < HOSTS; i = next++)
      swarm.push(await SwarmHost.join(`swarm-${i}`, options));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  for (const host of swarm) host.start();
  await waitUntil({ what: `${HOSTS} hosts to connect`, withinMs: 120_000 }, () => {
    return swarm.every((host) => host.isBack);
  });
}, 400_000);
afterAll(async () => {
  for (const host of swarm) host.stop();
  await cluster?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe(`${HOSTS} hosts`, () => {
  test(`dropped at once are back within ${BACK_MS / 1_000} s, and nothing is replaced`, async () => {
    const worker = await cluster.createWorker({
      name: "wide",
      repo: "/srv/nothing",
      startCommand: "true",
      instances: INSTANCES,
    });
    await worker.deployEnded(1, 120_000);
    await worker.up(INSTANCES, 60_000);
    const before = new Map(swarm.map((host) => [host.name, host.epoch]));
    // As when the platform falls: no goodbye, and it is started again.
    signal(cluster.workerdPid ?? 0, "SIGKILL");
    const cutAt = performance.now();
    const back = () =>
      swarm.filter((host) => host.epoch > before.get(host.name)! && host.isBack).length;
    await waitUntil(
      { what: "all to be back", withinMs: 2 * BACK_MS, everyMs: 50 },
      () => back() === HOSTS,
    ).catch((error) => {
      throw new Error(`${error}; ${back()} of ${HOSTS} were`);
    });
    const tookMs = performance.now() - cutAt;
    console.log(`${HOSTS} hosts dropped at once: all back after ${(tookMs / 1_000).toFixed(1)} s`);
    expect(tookMs).toBeLessThan(BACK_MS);
    // Long enough for every alarm that the fall delayed.
    await new Promise((later) => setTimeout(later, 70_000));
    const after = await worker.up(INSTANCES, 30_000);
    expect(Math.max(...after.map((one) => one.generation))).toBe(INSTANCES);
    expect((await worker.events()).some((one) => one.kind === "instance_moved")).toBe(false);
  });
});
