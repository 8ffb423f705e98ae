// Takes in what a host says of the builds it was given: steps, then a release or the reason why not.
//
// 1. Only the host that was given the build is heard, and only while the deploy still builds.
// 2. An ended build is acknowledged whether or not anybody still wants it: the host may let go of it.
import type { BuildReport, Source } from "../../../protocol/channel.ts";
import type { EnvSnapshot } from "../../rpc.ts";
import { changeDeploy } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { WorkerParts } from "./parts.ts";
import { boundedTail } from "./timeline.ts";
import { announceState } from "./watch.ts";

const NO_ENV: EnvSnapshot = { version: 0, wrappedKey: "", entries: [] };
const TAIL_LINES = 100;
const STEPS = 16;

export function takeBuilds(
  parts: WorkerParts,
  hostId: string,
  builds: readonly BuildReport[],
): { readonly acked: string[]; readonly news: boolean } {
  const acked: string[] = [];
  let news = false;
  for (const build of builds) {
    if (build.outcome.kind !== "running") acked.push(build.deployId);
    const deploy = parts.deploys.byId(build.deployId);
    if (deploy?.status !== "building" || deploy.buildHostId !== hostId) continue;
    news = takeBuild(parts, deploy, build) || news;
  }
  return { acked, news };
}

function takeBuild(parts: WorkerParts, deploy: StoredDeploy, build: BuildReport): boolean {
  const { outcome } = build;
  const steps = build.steps.slice(0, STEPS);
  switch (outcome.kind) {
    case "running":
      if (JSON.stringify(steps) === JSON.stringify(deploy.steps)) return false;
      parts.deploys.write({ ...deploy, steps });
      announceState(parts);
      return false;
    case "failed":
      changeDeploy(parts, deploy, "failed", {
        steps,
        reason: outcome.message,
        tail: boundedTail(outcome.tail, TAIL_LINES),
      });
      return true;
    case "succeeded": {
      const { commit, commitMessage } = outcome;
      const release = addRelease(parts, deploy, outcome);
      const next = deploy.recipe?.predeployCommand ? "predeploy" : "rolling_out";
      changeDeploy(parts, deploy, next, { steps, commit, commitMessage, release });
      return true;
    }
  }
}

function addRelease(
  parts: WorkerParts,
  deploy: StoredDeploy,
  built: Extract<BuildReport["outcome"], { kind: "succeeded" }>,
): number {
  const { recipe } = deploy;
  if (!recipe) throw new Error(`deploy ${deploy.number} was built without a recipe`);
  const { repo, rootDir, buildCommand, startCommand, stopSignal, stopGraceMs, mode } = recipe;
  // Of a build that began before there were such things.
  const { predeployCommand = null } = recipe;
  const { memoryBytes = null, cpus = null, pids = null, openFiles = null } = recipe;
  const source: Source = { repo, commit: built.commit, rootDir, buildCommand };
  const number = parts.releases.nextNumber();
  parts.releases.add({
    number,
    deploy: deploy.number,
    source,
    digest: built.digest,
    artifact: built.artifact ?? null,
    commitMessage: built.commitMessage,
    startCommand,
    stopSignal,
    stopGraceMs,
    mode,
    limits: { memoryBytes, cpus, pids, openFiles },
    createdAt: parts.rim.now(),
    env: deploy.env ?? NO_ENV,
    restores: null,
    predeployCommand,
  });
  return number;
}
