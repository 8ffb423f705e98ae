// Variables of workers and of groups: names and versions, never values.
import * as z from "zod";
import { nameSchema } from "../spec.ts";
import { count, time } from "./common.ts";

export const EnvVarView = z.object({
  name: z.string(),
  version: count,
  /** It is no secret: its value is not masked in logs. */
  plain: z.boolean(),
  updatedAt: time,
});

export const EnvView = z.object({
  version: count,
  /** Version that the live release runs with; null before the first. */
  liveVersion: count.nullable(),
  items: z.array(EnvVarView),
  /** The groups that the worker takes variables from, the weakest first. */
  groups: z.array(
    z.object({
      name: z.string(),
      version: count,
      /** Null where the live release was made without it. */
      liveVersion: count.nullable(),
      names: z.array(z.string()),
    }),
  ),
});
export type EnvView = z.infer<typeof EnvView>;

const outcome = {
  /** Names that have another value now, or none; empty where all was so already, which makes no new version. */
  changed: z.array(z.string()),
  warnings: z.array(z.string()),
};

/** What a change of variables answers: the set as it is now, and what in a `.env` text may not mean what it seems to. */
export const EnvChangeView = EnvView.extend(outcome);
export type EnvChangeView = z.infer<typeof EnvChangeView>;

/** Not secret: such values are not masked in logs. */
const plain = z.boolean().default(false);

/** Either single changes (null unsets) or a whole `.env` text; values are never given back. */
export const ChangeEnv = z.union([
  z.strictObject({ set: z.record(z.string(), z.string().nullable()), plain }),
  z.strictObject({ dotenv: z.string().max(1_000_000), replace: z.boolean().default(false), plain }),
]);
export type ChangeEnv = z.infer<typeof ChangeEnv>;

export const CreateGroup = z.strictObject({
  name: nameSchema,
  /** Its first variables; write-only. */
  env: z.record(z.string(), z.string()).default({}),
});
export type CreateGroup = z.infer<typeof CreateGroup>;

export const GroupView = z.object({
  id: z.string(),
  name: z.string(),
  version: count,
  items: z.array(EnvVarView),
  /** Who takes variables from it. */
  workers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Its variables are not those that its live release runs with: deploy to apply. */
      envChanged: z.boolean(),
    }),
  ),
  createdAt: time,
});
export type GroupView = z.infer<typeof GroupView>;

export const GroupChangeView = GroupView.extend({
  ...outcome,
  /** With `deploy=1`: what came of it for each of its workers. One that fails leaves the others alone. */
  deploys: z.array(
    z.object({
      worker: z.string(),
      /** Of the deploy; null where it could not be begun. */
      number: count.nullable(),
      /** Why not. */
      problem: z.string().nullable(),
    }),
  ),
});
export type GroupChangeView = z.infer<typeof GroupChangeView>;

export const ChangeGroupQuery = z.object({
  /** `1`: deploy its workers at once, so that the change is in force. */
  deploy: z.enum(["0", "1"]).default("0"),
});
export type ChangeGroupQuery = z.infer<typeof ChangeGroupQuery>;
