// The entry of the control plane: the HTTP API, the objects, the work of each minute: the sweep, and the status page.
import type { Env } from "./env.ts";
import { app } from "./http/app.ts";
import { collectArtifacts } from "./services/artifacts/collect.ts";
import { type Call, makeCall } from "./services/call.ts";
import { keepSnapshot } from "./services/status-page/shelf.ts";
import { sweep } from "./services/sweep.ts";
import { judgeMinute } from "./status/judge.ts";
import { packModel } from "./status/keeper.ts";

export { HostObject } from "./objects/host/object.ts";
export { StatusObject } from "./objects/status/object.ts";
export { WorkerObject } from "./objects/worker/object.ts";

async function judgeStatus(call: Call): Promise<void> {
  const model = await judgeMinute(call.db, call.now);
  if (model.components.length > 0) await keepSnapshot(call, packModel(model));
}

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
  async scheduled(controller, env, ctx) {
    const call = makeCall(env, {
      requestId: `cron_${controller.scheduledTime}`,
      now: Date.now(),
      waitUntil: (work) => ctx.waitUntil(work),
    });
    // Neither waits for the other, nor fails with it.
    const done = await Promise.allSettled([sweep(call), judgeStatus(call), collectArtifacts(call)]);
    for (const one of done) if (one.status === "rejected") throw one.reason;
  },
} satisfies ExportedHandler<Env>;
