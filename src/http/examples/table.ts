// Examples by schema, for the document; filled by the files beside this one.
import type { z } from "@hono/zod-openapi";

export const AT = "2026-08-15T09:30:00.000Z";
export const LATER = "2026-08-15T09:45:00.000Z";
export const WORKER_ID = "wrk_0198ad1c2f7e7a41b2c3d4e5f6071829";

const table = new Map<z.ZodType, unknown>();

export function example<T extends z.ZodType>(schema: T, value: z.input<T>): void {
  table.set(schema, value);
}

interface MaybeList {
  readonly shape?: { readonly items?: { readonly element?: z.ZodType } };
}

/** Of a schema, or of a page of one; undefined where there is none. */
export function exampleOf(schema: z.ZodType): unknown {
  const own = table.get(schema);
  if (own !== undefined) return own;
  const element = (schema as unknown as MaybeList).shape?.items?.element;
  const item = element && table.get(element);
  return item === undefined ? undefined : { items: [item], next: null };
}
