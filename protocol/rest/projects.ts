// Projects, roles, tokens, and who asks.
import * as z from "zod";
import { nameSchema } from "../spec.ts";
import { time } from "./common.ts";

export const ROLES = ["viewer", "developer", "admin", "operator"] as const;

/** viewer reads; developer also deploys, scales, sets env; admin also hosts and tokens; operator all projects. */
export type Role = (typeof ROLES)[number];

export const ProjectView = z.object({ id: z.string(), name: z.string(), createdAt: time });
export type ProjectView = z.infer<typeof ProjectView>;

export const CreateProject = z.strictObject({ name: nameSchema });
export type CreateProject = z.infer<typeof CreateProject>;

export const CreateToken = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.enum(["viewer", "developer", "admin"]),
  /** Seconds until it expires; never where left out. */
  expiresInS: z.int().min(60).max(31_536_000).optional(),
});
export type CreateToken = z.infer<typeof CreateToken>;

export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

export const NewTokenView = TokenView.extend({
  /** Shown once. */
  token: z.string(),
});
export type NewTokenView = z.infer<typeof NewTokenView>;

/** Who the token belongs to and what it may do; `project` is null for the operator. */
export const WhoamiView = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export type WhoamiView = z.infer<typeof WhoamiView>;

export const HealthView = z.object({ ok: z.literal(true), version: z.string() });
export type HealthView = z.infer<typeof HealthView>;
