// Variables: names and versions, never values.
import * as z from "zod";
import { count, time } from "./common.ts";

export const EnvVarView = z.object({ name: z.string(), version: count, updatedAt: time });

export const EnvView = z.object({
  version: count,
  /** Version that the live release runs with; null before the first. */
  liveVersion: count.nullable(),
  items: z.array(EnvVarView),
});
export type EnvView = z.infer<typeof EnvView>;

/** What a change of variables answers: the set as it is now, and what in a `.env` text may not mean what it seems to. */
export const EnvChangeView = EnvView.extend({
  /** Names that have another value now, or none; empty where all was so already, which makes no new version. */
  changed: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type EnvChangeView = z.infer<typeof EnvChangeView>;

/** Either single changes (null unsets) or a whole `.env` text; values are never given back. */
export const ChangeEnv = z.union([
  z.strictObject({ set: z.record(z.string(), z.string().nullable()) }),
  z.strictObject({ dotenv: z.string().max(1_000_000), replace: z.boolean().default(false) }),
]);
export type ChangeEnv = z.infer<typeof ChangeEnv>;
