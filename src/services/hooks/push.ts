// What a push means for a worker: a deploy, or why not. Pure.
//
// 1. What can't be known, such as the files of a push that was cut short, counts as a reason to deploy.
// 2. A payload says that something was pushed, never what to run: the branch is resolved when it is built. So neither an old
//    call sent again nor two that overtake each other bring an older commit back.
import * as z from "zod";
import type { WorkerSpec } from "../../../protocol/spec.ts";
import { matchesAny } from "./globs.ts";

const Files = z.array(z.string()).default([]);

/** Of a push event, what is looked at. */
const PushEvent = z.object({
  ref: z.string(),
  after: z.string().optional(),
  deleted: z.boolean().default(false),
  forced: z.boolean().default(false),
  pusher: z.object({ name: z.string().optional() }).optional(),
  sender: z.object({ login: z.string().optional() }).optional(),
  commits: z.array(z.object({ added: Files, removed: Files, modified: Files })).default([]),
});

export type Verdict =
  | {
      readonly kind: "deploy";
      /** Who pushed; null where it is not said. */
      readonly by: string | null;
      readonly commit: string | null;
    }
  | { readonly kind: "ignore"; readonly reason: string }
  | { readonly kind: "malformed"; readonly message: string };

type Asked = Pick<WorkerSpec, "branch" | "rootDir" | "paths">;

/** GitHub lists at most so many commits of a push. */
const MOST_COMMITS = 2_048;

/** The globs that count: the worker's own, else its folder. */
export function globsOf({ paths, rootDir }: Pick<Asked, "paths" | "rootDir">): readonly string[] {
  if (paths.length > 0) return paths;
  return rootDir === "." ? ["**"] : [`${rootDir}/**`];
}

const plainName = (name: string | undefined) =>
  name
    ?.replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim()
    .slice(0, 64) || null;

export function judgePush(payload: unknown, asked: Asked): Verdict {
  const parsed = PushEvent.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      kind: "malformed",
      message: `${issue?.path.join(".") || "the body"}: ${issue?.message}`,
    };
  }
  const { after, commits, deleted, forced, pusher, ref, sender } = parsed.data;
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch === undefined) return { kind: "ignore", reason: `${ref.slice(0, 100)} is no branch` };
  if (branch !== asked.branch)
    return {
      kind: "ignore",
      reason: `the worker follows ${asked.branch}, not ${branch.slice(0, 100)}`,
    };
  if (deleted) return { kind: "ignore", reason: `branch ${branch} was deleted` };
  const files = commits.flatMap(({ added, modified, removed }) => [
    ...added,
    ...removed,
    ...modified,
  ]);
  const isWhole =
    commits.length > 0 && commits.length < MOST_COMMITS && !forced && files.length > 0;
  const globs = globsOf(asked);
  if (isWhole && !files.some((file) => matchesAny(file, globs)))
    return { kind: "ignore", reason: `nothing of ${globs.join(", ")} was changed` };
  const commit = after && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(after) ? after : null;
  return { kind: "deploy", by: plainName(pusher?.name) ?? plainName(sender?.login), commit };
}

export function judgeGeneric(
  push: {
    readonly branch?: string | undefined;
    readonly by?: string | undefined;
    readonly commit?: string | undefined;
  },
  asked: Asked,
): Verdict {
  if (push.branch !== undefined && push.branch !== asked.branch)
    return { kind: "ignore", reason: `the worker follows ${asked.branch}, not ${push.branch}` };
  return { kind: "deploy", by: plainName(push.by), commit: push.commit ?? null };
}
