// Lines of logs, of programs and of builds.
import * as z from "zod";
import { count, time } from "./common.ts";

export const LOG_STREAMS = ["stdout", "stderr", "system"] as const;

export const LogLine = z.object({
  at: time,
  stream: z.enum(LOG_STREAMS),
  slot: count.nullable(),
  instance: z.string().nullable(),
  release: count.nullable(),
  text: z.string(),
  /** Resume after this line with `?cursor=`. */
  cursor: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

export const LogQuery = z.object({
  /** What follows it, oldest first. */
  cursor: z.string().max(128).optional(),
  /** The newest of the lines that stand before it: the cursor of a line, or what `Coppice-Earlier` said. */
  before: z.string().max(128).optional(),
  /** Without either: the newest lines. */
  limit: z.coerce.number().int().min(1).max(5_000).default(100),
  slot: z.coerce.number().int().min(0).optional(),
  instance: z.string().max(64).optional(),
  release: z.coerce.number().int().min(1).optional(),
  stream: z.enum(LOG_STREAMS).optional(),
  /** Lines at or after this time. */
  since: z.iso.datetime().optional(),
  /** Plain text that a line must contain. */
  text: z.string().max(256).optional(),
  follow: z.enum(["0", "1"]).default("0"),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const BuildLogLine = z.object({
  at: time,
  text: z.string(),
  /** Resume after this line with `?cursor=`. */
  cursor: z.string(),
});
export type BuildLogLine = z.infer<typeof BuildLogLine>;

export const BuildLogQuery = z.object({
  /** Without one: from the beginning. */
  cursor: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  follow: z.enum(["0", "1"]).default("0"),
});
export type BuildLogQuery = z.infer<typeof BuildLogQuery>;
