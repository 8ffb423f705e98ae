// The bindings and secrets of the control plane, as wrangler.toml names them.
import type { HostObjectRpc, StatusObjectRpc, WorkerObjectRpc } from "./rpc.ts";

export interface Env {
  readonly DB: D1Database;
  readonly WORKER_OBJECT: DurableObjectNamespace;
  readonly HOST_OBJECT: DurableObjectNamespace;
  readonly STATUS_OBJECT: DurableObjectNamespace;
  readonly ARTIFACTS: R2Bucket;
  readonly ASSETS?: Fetcher;
  /** 32 bytes, base64: wraps the data keys of the projects. */
  readonly COPPICE_MASTER_KEY: string;
  /** The master key before that one, while its data keys are wrapped anew; see docs/operations.md. */
  readonly COPPICE_MASTER_KEY_PREVIOUS?: string;
  /** The first operator's token; may act in every project. */
  readonly COPPICE_OPERATOR_TOKEN: string;
  /** "1" only where the operator's own machine is meant: allows `file://` and absolute paths as repositories. */
  readonly COPPICE_ALLOW_LOCAL_REPOS?: string;
  /** Where people reach it, where that is not what its requests say: behind a proxy that ends TLS. Scheme and host. */
  readonly COPPICE_PUBLIC_URL?: string;
  /** JSON of PolicyOverrides; tests scale durations with it. */
  readonly COPPICE_POLICY?: string;
}

/** A stub is dead after its object was reset: take a fresh one for each attempt. */
export function workerObject(env: Env, workerId: string): WorkerObjectRpc {
  return env.WORKER_OBJECT.get(
    env.WORKER_OBJECT.idFromName(workerId),
  ) as unknown as WorkerObjectRpc;
}

export function hostObject(env: Env, hostId: string): HostObjectRpc {
  return env.HOST_OBJECT.get(env.HOST_OBJECT.idFromName(hostId)) as unknown as HostObjectRpc;
}

/** One for all: the last snapshot of the status page. */
export function statusObject(env: Env): StatusObjectRpc {
  return env.STATUS_OBJECT.get(
    env.STATUS_OBJECT.idFromName("last-snapshot"),
  ) as unknown as StatusObjectRpc;
}
