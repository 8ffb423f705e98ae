// The entry of the control plane: the HTTP API, the objects, the sweep of each minute.
import type { Env } from "./env.ts";
import { app } from "./http/app.ts";
import { makeCall } from "./services/call.ts";
import { sweep } from "./services/sweep.ts";

export { HostObject } from "./objects/host/object.ts";
export { WorkerObject } from "./objects/worker/object.ts";

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
  async scheduled(controller, env, ctx) {
    const call = makeCall(env, {
      requestId: `cron_${controller.scheduledTime}`,
      now: Date.now(),
      waitUntil: (work) => ctx.waitUntil(work),
    });
    await sweep(call);
  },
} satisfies ExportedHandler<Env>;
