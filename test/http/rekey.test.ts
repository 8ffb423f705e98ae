// A change of the master key: after it, everything opens with the new one alone.
import { describe, expect, it } from "vitest";
import type { EnvChangeView } from "../../protocol/rest.ts";
import { decryptSnapshot } from "../../src/db/envelope.ts";
import type { Env } from "../../src/env.ts";
import type { EnvSnapshot } from "../../src/rpc.ts";
import { makeCall } from "../../src/services/call.ts";
import { sweep } from "../../src/services/sweep.ts";
import { makeProject, makeWorker, makeWorld } from "./support.ts";

const [OLD, NEW] = [btoa("o".repeat(32)), btoa("n".repeat(32))];
const MINUTE = 60_000;

async function minute(env: Env, now: number) {
  const work: Promise<unknown>[] = [];
  const waitUntil = (one: Promise<unknown>) => void work.push(one);
  const swept = await sweep(makeCall(env, { requestId: "cron", now, waitUntil }));
  await Promise.all(work);
  return swept;
}

describe("a change of the master key", () => {
  it("wraps all keys anew, tells each object once, and then needs the old one no more", async () => {
    const before = await makeWorld({ COPPICE_MASTER_KEY: OLD });
    const project = await makeProject(before);
    const worker = await makeWorker(before, project, { env: { A: "1" } });
    await before.ask(`${project.path}/groups`, { body: { name: "shared", env: { B: "2" } } });
    const objects = {
      WORKER_OBJECT: before.env.WORKER_OBJECT,
      HOST_OBJECT: before.env.HOST_OBJECT,
    };
    const during = await makeWorld({
      ...objects,
      COPPICE_MASTER_KEY: NEW,
      COPPICE_MASTER_KEY_PREVIOUS: OLD,
    });
    const object = before.worker(worker.id);
    const now = Date.now();
    // Nothing waits for the cron: both keys open.
    const put = (world: typeof during, set: Record<string, string>) =>
      world.ask<EnvChangeView>(`${worker.path}/env`, { method: "PUT", body: { set } });
    expect((await put(during, { A: "1" })).body.changed).toEqual([]);
    await minute(during.env, now);
    await minute(during.env, now + MINUTE);
    // Whoever read the old wrapping may still be at work: objects are told later.
    expect(object.rekeyed).toEqual([]);
    object.failing = 9;
    expect((await minute(during.env, now + 6 * MINUTE)).failed).toBe(1);
    object.failing = 0;
    await minute(during.env, now + 7 * MINUTE);
    await minute(during.env, now + 8 * MINUTE);
    expect(object.rekeyed).toHaveLength(1);
    const after = await makeWorld({ ...objects, COPPICE_MASTER_KEY: NEW });
    expect((await put(after, { A: "1", C: "3" })).body.changed).toEqual(["C"]);
    await after.ask(worker.path, { method: "PATCH", body: { groups: ["shared"] } });
    await after.ask(`${worker.path}/deploys`, { method: "POST" });
    const snapshot = object.inputs.at(-1)?.env as EnvSnapshot;
    const place = { masterKey: NEW, projectId: project.id, workerId: worker.id };
    await expect(decryptSnapshot(snapshot, place)).resolves.toEqual({ A: "1", B: "2", C: "3" });
    expect(object.rekeyed[0]).toBe(snapshot.wrappedKey);
    const gone = await makeWorld({ ...objects, COPPICE_MASTER_KEY: OLD });
    const refused = await gone.problem(`${worker.path}/env`, {
      method: "PUT",
      body: { set: { A: "2" } },
    });
    expect(refused.status).toBe(500);
  });

  it("costs nothing while there is none", async () => {
    const world = await makeWorld();
    const project = await makeProject(world);
    const worker = await makeWorker(world, project);
    await minute(world.env, Date.now());
    await minute({ ...world.env, COPPICE_MASTER_KEY_PREVIOUS: "" }, Date.now());
    expect(world.worker(worker.id).rekeyed).toEqual([]);
  });
});
