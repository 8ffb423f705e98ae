// Serves the OpenAPI document, and a page made from it that people can read: no script, nothing from elsewhere.
import type { Api } from "../app-types.ts";
import { makeDocument } from "./document.ts";
import { renderDocs } from "./page.ts";

export function docRoutes(api: Api): void {
  let text: string | null = null;
  let page: string | null = null;
  api.get("/openapi.json", (c) => {
    c.header("Cache-Control", "public, max-age=300");
    c.header("Content-Type", "application/json");
    text ??= JSON.stringify(makeDocument(api));
    return c.body(text);
  });
  api.get("/docs", (c) => {
    page ??= renderDocs(makeDocument(api));
    c.header("Cache-Control", "public, max-age=300");
    c.header(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    return c.html(page);
  });
}
