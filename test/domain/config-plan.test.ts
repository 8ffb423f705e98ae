// The plan of a coppice.toml: what it comes to, and what stands in the way.
import { describe, expect, test } from "vitest";
import type { WantedWorker } from "../../protocol/config.ts";
import { makePlan, type PlanInput, type Present } from "../../src/services/config/plan.ts";
import { SPEC } from "./world.ts";

const wanted = (over: Partial<WantedWorker> = {}): WantedWorker => ({
  ...{ name: "mailer", repo: "https://github.com/acme/shop", branch: "main", rootDir: "." },
  ...{ buildCommand: "npm ci", startCommand: "node mailer.js", instances: null, mode: "available" },
  ...{ stopSignal: "SIGTERM", stopGraceMs: 30_000, env: {}, secrets: [] },
  ...{
    memoryBytes: null,
    cpus: null,
    pids: null,
    openFiles: null,
    predeployCommand: null,
    hosts: {},
    groups: [],
    paths: [],
    rollout: "start-first",
  },
  ...over,
});
const present = (over: Partial<Present["spec"]> = {}, more: Partial<Present> = {}): Present => {
  const { secrets: _, env: __, ...asked } = wanted();
  const lists = { groups: [], paths: [], hosts: {} };
  const own = { ...asked, ...lists, instances: 2, wanted: "running" as const, ...over };
  return {
    ...{ name: own.name, spec: { ...SPEC, ...own }, specVersion: 3, envNames: [] },
    ...{ isNew: false, envChanged: false, newest: null },
    ...more,
  };
};
const plan = (over: Partial<PlanInput>) =>
  makePlan({ wanted: [wanted()], present: [], groups: new Map(), deploy: "always", ...over });
const types = (over: Partial<PlanInput>) => plan(over).operations.map(({ type }) => type);

describe("the plan", () => {
  test("a worker that is not there is made, which deploys it", () => {
    expect(types({})).toEqual(["create"]);
    expect(plan({ deploy: "never" }).operations[0]).toMatchObject({ deploy: false });
  });

  test("one that is as wanted is deployed where that is always asked for, and else left in peace", () => {
    expect(types({ present: [present()] })).toEqual(["deploy"]);
    expect(types({ present: [present()], deploy: "changed" })).toEqual([]);
    expect(types({ present: [present()], deploy: "never" })).toEqual([]);
  });

  test.each<[string, Partial<PlanInput>, unknown]>([
    ["never deployed", { present: [present({}, { isNew: true })] }, "now"],
    ["its variables wait", { present: [present({}, { envChanged: true })] }, "now"],
    ["another start command", { present: [present({ startCommand: "x" })] }, "now"],
    ["other groups", { present: [present({ groups: ["x"] })] }, "now"],
    ["another number", { wanted: [wanted({ instances: 9 })], present: [present()] }, undefined],
    ["memory", { wanted: [wanted({ memoryBytes: 2 ** 30 })], present: [present()] }, "now"],
    [
      "variables",
      { wanted: [wanted({ env: { A: "1" } })], present: [present()] },
      "if_env_differs",
    ],
  ])("with deploy=changed: %s", (_, over, when) => {
    const { operations } = plan({ ...over, deploy: "changed" });
    const deploy = operations.find(({ type }) => type === "deploy");
    expect(deploy && "when" in deploy ? deploy.when : undefined).toBe(when);
  });

  test("what differs is changed first, field by field, against the version that was seen", () => {
    const { operations, planned } = plan({
      wanted: [wanted({ startCommand: "node b.js", instances: 5 })],
      present: [present()],
    });
    expect(operations[0]).toEqual({
      ...{ type: "change", name: "mailer", specVersion: 3 },
      changes: [
        { field: "start", from: "node mailer.js", to: "node b.js" },
        { field: "instances", from: "2", to: "5" },
      ],
    });
    expect(planned[0]?.patch).toEqual({ startCommand: "node b.js", instances: 5 });
    expect(operations[1]?.type).toBe("deploy");
  });

  test("memory, cores, labels, groups and mode are compared, and shown as the file says them", () => {
    const hosts = { disk: "ssd", region: "eu" };
    const asked = { memoryBytes: 536_870_912, cpus: 0.5, hosts, mode: "exclusive" } as const;
    const wish = wanted({ ...asked, groups: ["a", "b"] });
    const { operations } = plan({ wanted: [wish], present: [present({ groups: ["b", "a"] })] });
    expect(operations[0]).toMatchObject({
      changes: [
        { field: "mode", from: "available", to: "exclusive" },
        { field: "memory", from: "none", to: "512M" },
        { field: "cpus", from: "none", to: "0.5" },
        { field: "hosts", from: "any", to: "disk=ssd, region=eu" },
        { field: "groups", from: "b, a", to: "a, b" },
      ],
    });
    const swapped = { ...asked, hosts: { region: "eu", disk: "ssd" }, groups: ["a", "b"] };
    expect(types({ wanted: [wish], present: [present(swapped)] })).toEqual(["deploy"]);
    // What the file leaves out is no longer asked for.
    expect(plan({ present: [present(swapped)] }).planned[0]?.patch).toEqual({
      ...{
        memoryBytes: null,
        cpus: null,
        hosts: {},
        mode: "available",
        groups: [],
      },
    });
  });

  test("scaling by hand stays where the file says no number", () => {
    expect(types({ present: [present({ instances: 7 })] })).toEqual(["deploy"]);
  });

  test("variables go in before the deploy; values are nowhere in the plan", () => {
    const made = plan({ wanted: [wanted({ env: { KEY: "very-secret" } })], present: [present()] });
    expect(made.operations.map(({ type }) => type)).toEqual(["env", "deploy"]);
    const created = plan({ wanted: [wanted({ env: { KEY: "very-secret" } })] });
    expect(JSON.stringify([made.operations, created.operations])).not.toContain("very-secret");
  });

  test("workers that the file does not name are left, and that is said", () => {
    const { operations } = plan({ present: [present(), present({ name: "old" })] });
    expect(operations.at(-1)).toEqual({ type: "leave", name: "old" });
  });

  test("secrets without a value and unknown groups stand in the way", () => {
    const made = plan({
      wanted: [
        wanted({
          ...{ secrets: ["A", "B", "C", "D"], env: { C: "1" }, groups: ["g", "gone"] },
        }),
      ],
      present: [present({}, { envNames: ["A"] })],
      groups: new Map([["g", ["D"]]]),
    });
    expect(made.missing).toEqual([{ worker: "mailer", name: "B" }]);
    expect(made.obstacles.map(({ path }) => path)).toEqual(["workers.mailer.groups"]);
  });
});
