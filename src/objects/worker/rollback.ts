// Brings back what an older release was, as a release of its own: files, commands and variables, without a build.
//
// 1. What is under way is canceled at once: nothing that was asked for earlier comes after a rollback.
// 2. What was live before needs no soak. What never was has to show itself, and a predeploy command is never skipped
//    for it: whether that succeeded is not known of such a release.
import type { WorkerObjectRpc } from "../../rpc.ts";
import { changeDeploy, tellDeploy } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { WorkerParts } from "./parts.ts";
import type { Release } from "./releases.ts";
import { type DeployAnswer, GONE } from "./requests.ts";
import { deployView } from "./views.ts";

type Input = Parameters<WorkerObjectRpc["rollback"]>[0];

export function rollback(parts: WorkerParts, input: Input): DeployAnswer {
  const { deploys } = parts;
  const meta = parts.meta.get();
  if (!meta || meta.deletedAt !== null || meta.spec.wanted === "deleted") return GONE;
  const known = deploys.byId(input.deployId);
  if (known) return { ok: true, deploy: deployView(known) };
  const wereLive = deploys.liveReleases();
  const target = input.release ?? wereLive.find((one) => one !== meta.base?.release) ?? null;
  if (target === null) {
    const message = "No other release was live before: there is nothing to go back to.";
    return { ok: false, code: "conflict", message };
  }
  const release = parts.releases.get(target);
  if (!release) {
    const message = `There is no release v${target}, or it is not kept any more.`;
    return { ok: false, code: "not_found", message };
  }
  const proven = wereLive.some((one) => one === target || one === release.restores);
  if (!proven && release.predeployCommand !== null) {
    const message = `v${target} never went live, and a rollback runs no predeploy command: deploy its commit instead.`;
    return { ok: false, code: "conflict", message };
  }
  return { ok: true, deploy: deployView(begin(parts, { input, release, proven })) };
}

function begin(
  parts: WorkerParts,
  { input, release, proven }: { input: Input; release: Release; proven: boolean },
): StoredDeploy {
  const { deploys, haste, releases, rim } = parts;
  const { actor } = input;
  const number = deploys.nextNumber();
  const reason = `deploy ${number} goes back to v${release.number}`;
  for (const one of deploys.active()) changeDeploy(parts, one, "canceled", { reason }, actor);
  const now = rim.now();
  const made = releases.nextNumber();
  const restores = release.restores ?? release.number;
  releases.add({ ...release, number: made, deploy: number, createdAt: now, restores });
  const deploy: StoredDeploy = {
    id: input.deployId,
    number,
    kind: "rollback",
    status: "queued",
    reason: null,
    ref: null,
    commit: release.source.commit,
    commitMessage: release.commitMessage,
    release: made,
    proven,
    steps: [],
    tail: [],
    actor,
    createdAt: now,
    statusAt: now,
    endedAt: null,
    buildHostId: null,
    env: null,
    git: null,
    recipe: null,
    restores,
  };
  deploys.write(deploy);
  haste.begin(now);
  tellDeploy(parts, deploy, actor);
  return deploy;
}
