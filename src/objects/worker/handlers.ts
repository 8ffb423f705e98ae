// What the object does when something falls due.
//
// 1. `wake`, `place` and `push` are cleared first and set anew by what they run: nothing that still waits is forgotten.
// 2. `confirm` and `release` stay until their HostObject has answered.
import type { Handler } from "../agenda.ts";
import type { Effects } from "./effects.ts";
import { ledgerHandler } from "./ledger.ts";
import { silenceHandler } from "./loss.ts";
import type { WorkerAgendaKind, WorkerParts } from "./parts.ts";
import { projectHandler } from "./projection.ts";
import { retentionHandler } from "./retention.ts";
import { settle } from "./settle.ts";

export function handlersOf(
  parts: WorkerParts,
  effects: Effects,
): Record<WorkerAgendaKind, Handler> {
  const { agenda, rim } = parts;
  const run = async () => {
    settle(parts);
    await effects.run();
  };
  const again = (kind: "wake" | "place" | "push"): Handler => {
    return async (key) => {
      agenda.clear(kind, key);
      await run();
      return null;
    };
  };
  const until: Handler = async (_key, now) => {
    await run();
    return now + rim.policy.objects.retryMs;
  };
  const silence = silenceHandler(parts);
  return {
    wake: again("wake"),
    place: again("place"),
    push: again("push"),
    confirm: until,
    release: until,
    silence: async (key, now) => {
      await silence(key, now);
      await run();
      return null;
    },
    project: projectHandler(parts),
    ledger: ledgerHandler(parts),
    retention: retentionHandler(parts),
  };
}
