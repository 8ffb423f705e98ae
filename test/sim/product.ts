// The control plane's own sources, loaded into the world. They are typed for another runtime, so here they are known
// by the little that the world asks of them.
import type { ApplyInput } from "../../src/rpc.ts";
import type { InstanceClass } from "./platform/object.ts";

type Verb = (admitted: unknown, ...input: unknown[]) => Promise<unknown>;

export interface StoredWorker {
  readonly row: {
    readonly id: string;
    readonly name: string;
    readonly specVersion: number;
    readonly deletedAt: number | null;
  };
  readonly spec: ApplyInput["spec"];
}

export interface Product {
  readonly WorkerObject: InstanceClass;
  readonly HostObject: InstanceClass;
  readonly makeCall: (env: unknown, input: object) => { readonly db: unknown };
  readonly sweep: (call: unknown) => Promise<unknown>;
  readonly workerById: (db: unknown, id: string) => Promise<StoredWorker | null>;
  readonly createWorker: Verb;
  readonly patchWorker: Verb;
  readonly stopWorker: Verb;
  readonly startWorker: Verb;
  readonly deleteWorker: Verb;
  readonly createDeploy: Verb;
  readonly restartWorker: Verb;
  readonly rollBack: Verb;
  readonly cancelDeploy: Verb;
  readonly removeHost: Verb;
  readonly cordonHost: Verb;
  readonly uncordonHost: Verb;
  readonly drainHost: Verb;
  readonly undrainHost: Verb;
  readonly thawHosts: Verb;
}

const PLACES = {
  WorkerObject: "objects/worker/object",
  HostObject: "objects/host/object",
  makeCall: "services/call",
  sweep: "services/sweep",
  workerById: "db/workers",
  createWorker: "services/workers/create",
  patchWorker: "services/workers/patch",
  stopWorker: "services/workers/stop",
  startWorker: "services/workers/start",
  deleteWorker: "services/workers/delete",
  createDeploy: "services/deploys/create",
  restartWorker: "services/deploys/restart",
  rollBack: "services/deploys/rollback",
  cancelDeploy: "services/deploys/cancel",
  removeHost: "services/hosts/remove",
  cordonHost: "services/hosts/cordon",
  uncordonHost: "services/hosts/cordon",
  drainHost: "services/hosts/drain",
  undrainHost: "services/hosts/drain",
  thawHosts: "services/hosts/thaw",
} as const satisfies Record<keyof Product, string>;

export async function loadProduct(): Promise<Product> {
  const loaded = await Promise.all(
    Object.entries(PLACES).map(async ([name, place]) => {
      const module = (await import(`../../src/${place}.ts`)) as Record<string, unknown>;
      return [name, module[name]] as const;
    }),
  );
  return Object.fromEntries(loaded) as unknown as Product;
}
