// Deploys and releases, and looking into a repository before the first.
import * as z from "zod";
import { BUILD_STEPS } from "../channel.ts";
import { DEPLOY_STATUSES } from "../instance.ts";
import { branchSchema, repoSchema, rootDirSchema } from "../spec.ts";
import { count, time } from "./common.ts";

export const DEPLOY_STEPS = [...BUILD_STEPS, "predeploy"] as const;

export const DeployStep = z.object({
  name: z.enum(DEPLOY_STEPS),
  state: z.enum(["running", "done", "failed", "skipped"]),
  startedAt: time,
  durationMs: z.number().nullable(),
  detail: z.string().nullable(),
});
export type DeployStep = z.infer<typeof DeployStep>;

export const DeployView = z.object({
  id: z.string(),
  number: count,
  kind: z.enum(["deploy", "rollback", "restart"]),
  status: z.enum(DEPLOY_STATUSES),
  /** Why it ended so, for people; null while it goes well. */
  reason: z.string().nullable(),
  ref: z.string().nullable(),
  commit: z.string().nullable(),
  commitMessage: z.string().nullable(),
  release: count.nullable(),
  /** Of a rollback: the release whose content it brings back. */
  restores: count.nullable(),
  steps: z.array(DeployStep),
  /** Last lines of the step that failed. */
  tail: z.array(z.string()),
  actor: z.string(),
  createdAt: time,
  endedAt: time.nullable(),
});
export type DeployView = z.infer<typeof DeployView>;

export const CreateDeploy = z.strictObject({
  /** A branch or a full commit id; the worker's branch where left out. */
  ref: z.string().max(255).optional(),
});
export type CreateDeploy = z.infer<typeof CreateDeploy>;

export const ReleaseView = z.object({
  number: count,
  commit: z.string(),
  commitMessage: z.string().nullable(),
  digest: z.string(),
  startCommand: z.string(),
  buildCommand: z.string().nullable(),
  predeployCommand: z.string().nullable(),
  /** The release whose content it has, of a rollback; null where it was built. */
  restores: count.nullable(),
  envVersion: count,
  envNames: z.array(z.string()),
  live: z.boolean(),
  /** It is live, or was. */
  wasLive: z.boolean(),
  createdAt: time,
});
export type ReleaseView = z.infer<typeof ReleaseView>;

export const InspectRepo = z.strictObject({
  repo: repoSchema,
  branch: branchSchema.optional(),
  rootDir: rootDirSchema.default("."),
});
export type InspectRepo = z.infer<typeof InspectRepo>;

export const CommandSuggestion = z.object({
  /** The file that it was read from. */
  source: z.string(),
  startCommand: z.string(),
  buildCommand: z.string().nullable(),
});
export type CommandSuggestion = z.infer<typeof CommandSuggestion>;

export const RepoView = z.object({
  branches: z.array(z.string()),
  defaultBranch: z.string().nullable(),
  suggestions: z.array(CommandSuggestion),
  /** Somebody could read it: the control plane or a host. */
  readable: z.boolean(),
  /** Why not, or why there are no suggestions; for people. */
  reason: z.string().nullable(),
});
export type RepoView = z.infer<typeof RepoView>;
