// Hooks: addresses that deploy a worker when something was pushed.
import * as z from "zod";
import { branchSchema } from "../spec.ts";
import { count, time } from "./common.ts";

export const HOOK_KINDS = ["github", "generic"] as const;
export type HookKind = (typeof HOOK_KINDS)[number];

export const HookView = z.object({
  id: z.string(),
  kind: z.enum(HOOK_KINDS),
  /** Where to send to. */
  url: z.string(),
  createdBy: z.string(),
  createdAt: time,
  /** The last call whose signature was right. */
  lastUsedAt: time.nullable(),
  /** What came of it, for people. */
  lastOutcome: z.string().nullable(),
});
export type HookView = z.infer<typeof HookView>;

/** The secret is shown once. */
export const NewHookView = HookView.extend({ secret: z.string() });
export type NewHookView = z.infer<typeof NewHookView>;

export const CreateHook = z.strictObject({ kind: z.enum(HOOK_KINDS).default("github") });
export type CreateHook = z.infer<typeof CreateHook>;

/** What a generic hook may be sent; an empty body is as good as `{}`. */
export const GenericPush = z.strictObject({
  /** Ignored where it is not the worker's. */
  branch: branchSchema.optional(),
  /** Exactly this one instead of the branch as it is when it is built; in full. */
  commit: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "must be a full commit id")
    .optional(),
  /** Who, for the timeline. */
  by: z.string().max(100).optional(),
});
export type GenericPush = z.infer<typeof GenericPush>;

export const HookAnswer = z.object({
  outcome: z.enum(["deploying", "ignored", "pong"]),
  /** Why, where it is not deployed. */
  reason: z.string().nullable(),
  worker: z.string(),
  /** Number of the deploy. */
  deploy: count.nullable(),
  /** The pushed commit, where the call names one. */
  commit: z.string().nullable(),
});
export type HookAnswer = z.infer<typeof HookAnswer>;
