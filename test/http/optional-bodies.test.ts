// A body that may be left out: without one a call means what `{}` means, with every default of its schema.
import { beforeAll, describe, expect, it } from "vitest";
import type { HostView, JoinAnswer, JoinTokenView, NewHookView } from "../../protocol/rest.ts";
import { app } from "../../src/http/app.ts";
import { type Ask, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
let worker: Awaited<ReturnType<typeof makeWorker>>;
let host: string;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
  worker = await makeWorker(world, project, { deploy: false });
  const { body } = await world.ask<JoinTokenView>(`${project.path}/join-tokens`, {
    method: "POST",
  });
  const joined = await world.ask<JoinAnswer>("/v1/agent/join", {
    token: null,
    body: {
      ...{ token: body.token, name: "web-1", publicKey: "A".repeat(43) },
      capacity: { slots: 10, memoryBytes: 8e9, cpus: 4 },
      facts: { agentVersion: "1", os: "linux", arch: "x64", containment: "cgroup" },
    },
  });
  host = joined.body.hostId;
});

const ABSENT: readonly [string, Ask][] = [
  ["nothing", {}],
  ["an empty body of JSON", { headers: { "content-type": "application/json" } }],
  ["an empty body of something else", { headers: { "content-type": "text/plain" } }],
];

/** What a call comes to; the same for each way to leave the body out, and for `{}`. */
const ROUTES: Record<string, (ask: Ask) => Promise<unknown>> = {
  createDeploy: async (ask) => {
    const { status } = await world.ask(`${worker.path}/deploys`, ask);
    return { status, input: world.worker(worker.id).inputs.at(-1)?.ref };
  },
  rollBack: async (ask) => {
    const { status } = await world.ask(`${worker.path}/rollbacks`, ask);
    return { status, release: world.worker(worker.id).rollbacks.at(-1)?.release };
  },
  createHook: async (ask) => {
    const { body, status } = await world.ask<NewHookView>(`${worker.path}/hooks`, ask);
    return { status, kind: body.kind };
  },
  drainHost: async (ask) => {
    const { body, status } = await world.ask<HostView>(`${project.path}/hosts/${host}/drain`, ask);
    const minutes = Math.round((Date.parse(body.drainUntil ?? "") - Date.now()) / 60_000);
    return { status, minutes };
  },
  createSignInLink: async (ask) => ({ status: (await world.ask("/v1/sign-in-links", ask)).status }),
  approveDeviceCode: async (ask) => {
    const asked = { token: null, body: { clientName: "a laptop" } };
    const code = await world.ask<{ userCode: string }>("/v1/device-codes", asked);
    const path = `/v1/device-codes/${code.body.userCode}/approve`;
    return { status: (await world.ask(path, { ...ask, token: project.admin })).status };
  },
};
const MEANING: Record<string, unknown> = {
  createDeploy: { status: 201, input: null },
  rollBack: { status: 201, release: null },
  createHook: { status: 201, kind: "github" },
  drainHost: { status: 200, minutes: 10 },
  createSignInLink: { status: 201 },
  approveDeviceCode: { status: 204 },
};

describe.each(Object.entries(ROUTES))("%s", (name, call) => {
  it.each([...ABSENT, ["{}", { body: {} }] as [string, Ask]])("with %s", async (_what, ask) => {
    expect(await call({ method: "POST", ...ask })).toEqual(MEANING[name]);
  });
});

it("every route whose body may be left out is among them", () => {
  const optional = app.openAPIRegistry.definitions.flatMap((one) =>
    one.type === "route" && one.route.request?.body && !one.route.request.body.required
      ? [one.route.operationId]
      : [],
  );
  expect(optional.sort()).toEqual(Object.keys(ROUTES).sort());
});
