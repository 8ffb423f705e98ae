// Carries the operations of a plan out, in order; gives the deploys that it began.
import { ok } from "../../client/index.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type { WantedWorker } from "../file/wanted.ts";
import type { Session } from "../session.ts";
import type { Operation } from "./plan.ts";

export interface Begun {
  readonly worker: string;
  readonly number: number;
}

/** Makes the worker; without `deploy` it waits for its first one. */
export async function createWorker(
  session: Session,
  wanted: WantedWorker,
  options: {
    readonly instances: number;
    readonly deploy: boolean;
    readonly env?: Record<string, string>;
  },
): Promise<void> {
  const { secrets: _, ...fields } = wanted;
  await ok(
    session.client.POST("/v1/projects/{project}/workers", {
      params: { path: { project: await session.project() } },
      body: {
        ...fields,
        env: { ...wanted.env, ...options.env },
        instances: options.instances,
        deploy: options.deploy,
      },
    }),
  );
}

async function run(session: Session, operation: Operation): Promise<Begun | null> {
  const { client } = session;
  switch (operation.type) {
    case "create":
      await createWorker(session, operation.worker, {
        instances: operation.instances,
        deploy: true,
      });
      return { worker: operation.worker.name, number: 1 };
    case "change":
      await ok(
        client.PATCH("/v1/projects/{project}/workers/{worker}", {
          params: {
            path: await session.at(operation.name),
            header: { "if-match": `"${operation.specVersion}"` },
          },
          body: operation.patch,
        }),
      );
      return null;
    case "env":
      await ok(
        client.PUT("/v1/projects/{project}/workers/{worker}/env", {
          params: { path: await session.at(operation.name) },
          body: { set: { ...operation.set } },
        }),
      );
      return null;
    case "deploy": {
      const { number } = await ok(
        client.POST("/v1/projects/{project}/workers/{worker}/deploys", {
          params: { path: await session.at(operation.name) },
          body: {},
        }),
      );
      return { worker: operation.name, number };
    }
    case "leave":
      return null;
    default:
      return unreachable(operation);
  }
}

export async function applyPlan(
  session: Session,
  operations: readonly Operation[],
): Promise<Begun[]> {
  const begun: Begun[] = [];
  for (const operation of operations) {
    const deploy = await run(session, operation);
    if (deploy) begun.push(deploy);
  }
  return begun;
}
