// Keeps the last snapshot of the status page, so that it outlives D1, the edge's cache and this control plane's memory.
// Written once a minute by the cron; read only where nothing else is left.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../env.ts";
import type { StatusObjectRpc } from "../../rpc.ts";

const KEY = "snapshot";

export class StatusObject extends DurableObject<Env> implements StatusObjectRpc {
  async keep(snapshot: string): Promise<void> {
    await this.ctx.storage.put(KEY, snapshot);
  }

  async last(): Promise<string | null> {
    return (await this.ctx.storage.get<string>(KEY)) ?? null;
  }
}
