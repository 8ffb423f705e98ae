// A page of lines as NDJSON; where the next one begins, and the one before it ends, stands in the headers.
import type { Context } from "hono";

export function ndjson(
  c: Context,
  page: {
    readonly lines: readonly unknown[];
    readonly cursor: string;
    readonly more: boolean;
    readonly earlier?: string | null;
  },
): Response {
  c.header("Content-Type", "application/x-ndjson");
  c.header("Coppice-Cursor", page.cursor);
  c.header("Coppice-More", page.more ? "1" : "0");
  if (page.earlier) c.header("Coppice-Earlier", page.earlier);
  return c.body(page.lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
