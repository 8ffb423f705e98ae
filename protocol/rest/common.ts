// What every noun of the API shares: lists, pages, times.
import * as z from "zod";

/** ISO 8601 in UTC, milliseconds. */
export const time = z.iso.datetime({ precision: 3 });
export const count = z.int().min(0);

export function listOf<T extends z.ZodType>(item: T) {
  /** `next` is the cursor of the following page, null on the last one. */
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

export const PageQuery = z.object({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type PageQuery = z.infer<typeof PageQuery>;
