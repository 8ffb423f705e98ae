// Going back: the wish, and what would be different. Names and versions of variables, never values.
import * as z from "zod";
import { count } from "./common.ts";

export const CreateRollback = z.strictObject({
  /** Number of the release to bring back; the one that was live before the present one where left out. */
  release: z.int().min(1).max(1e9).optional(),
});
export type CreateRollback = z.infer<typeof CreateRollback>;

export const RELEASE_FIELDS = [
  "repo",
  "rootDir",
  "buildCommand",
  "predeployCommand",
  "startCommand",
  "stopSignal",
  "stopGraceMs",
  "mode",
  "memoryBytes",
  "cpus",
  "pids",
  "openFiles",
] as const;
export type ReleaseField = (typeof RELEASE_FIELDS)[number];

const side = z.object({
  release: count,
  commit: z.string(),
  commitMessage: z.string().nullable(),
});

export const ReleaseDiffView = z.object({
  /** The release that is compared with; the live one where none was named. */
  from: side,
  to: side,
  /** Settings that differ; null where there is none. */
  fields: z.array(
    z.object({
      field: z.enum(RELEASE_FIELDS),
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
  env: z.object({
    added: z.array(z.object({ name: z.string(), version: count })),
    removed: z.array(z.object({ name: z.string(), version: count })),
    /** Of another version: a value that was set again counts as changed. */
    changed: z.array(z.object({ name: z.string(), from: count, to: count })),
  }),
});
export type ReleaseDiffView = z.infer<typeof ReleaseDiffView>;
