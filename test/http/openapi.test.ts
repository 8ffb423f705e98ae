// The document says all that the routes do, and the pages of it come from nowhere else.
import { describe, expect, it } from "vitest";
import type { ZodType } from "zod";
import { PROBLEMS } from "../../protocol/problems.ts";
import { ROUTES } from "../../src/http/api.ts";
import { app } from "../../src/http/app.ts";
import { makeWorld } from "./support.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly "x-coppice-role": string | null;
  readonly "x-codeSamples"?: { lang: string; source: string }[];
  readonly security?: unknown[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<
    string,
    { description: string; content?: Record<string, { schema: unknown }> }
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown> };
}

interface Bodied {
  readonly content?: Record<string, { readonly schema: ZodType; readonly example?: unknown }>;
}

const world = await makeWorld();
const { body: document, status } = await world.ask<Document>("/openapi.json", { token: null });

describe("/openapi.json", () => {
  it("is OpenAPI 3.1 and open to all", () => {
    expect(status).toBe(200);
    expect(document.openapi).toBe("3.1.0");
  });

  it.each(ROUTES)("$method $path is documented", ({ method, path, access }) => {
    const operation = document.paths[path]?.[method.toLowerCase()];
    expect(operation?.summary).toBeTruthy();
    expect(operation?.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    const [sample] = operation?.["x-codeSamples"] ?? [];
    expect(sample?.source).toMatch(/^curl .*"\$COPPICE_URL\/[^{}]*"$/);
    const statuses = Object.keys(operation?.responses ?? {}).map(Number);
    expect(statuses.some((one) => one < 300)).toBe(true);
    for (const [at, answer] of Object.entries(operation?.responses ?? {})) {
      if (Number(at) < 400) continue;
      expect(answer.content?.["application/problem+json"]?.schema).toEqual({
        $ref: "#/components/schemas/Problem",
      });
      expect(Object.values(PROBLEMS).map((one) => one.status)).toContain(Number(at));
    }
    if (access === "public") return;
    expect(operation?.security).toEqual([{ token: [] }, { session: [] }]);
    expect(operation?.["x-coppice-role"]).toBeTruthy();
    expect(statuses).toEqual(expect.arrayContaining([400, 401, 403, 500, 503]));
  });

  it.each(ROUTES)(
    "$method $path has an example of each body, and each fits",
    ({ method, path }) => {
      const route = app.openAPIRegistry.definitions.find(
        (one) =>
          one.type === "route" &&
          one.route.path === path &&
          one.route.method.toUpperCase() === method,
      );
      if (route?.type !== "route") throw new Error("no such route");
      const bodies = [
        ...Object.values(route.route.responses),
        ...(route.route.request?.body ? [route.route.request.body] : []),
      ].flatMap((one) => Object.values((one as Bodied).content ?? {}));
      for (const { example, schema } of bodies) {
        expect(example).toBeDefined();
        schema.parse(example);
      }
    },
  );

  it("every operation has a name of its own, and every reference leads somewhere", () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const text = JSON.stringify(document);
    const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(50);
    for (const name of named) expect(document.components.schemas[name]).toBeDefined();
  });

  it("has nothing that the table of routes has not", () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });
});

describe("/docs", () => {
  it("shows every operation, needs no script and nothing from elsewhere", async () => {
    const page = await world.ask("/docs", { token: null });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    for (const { path } of ROUTES) expect(page.text).toContain(`<code>${path}</code>`);
    expect(page.text).not.toMatch(/<script|src=|https?:\/\/(?!www\.w3\.org)/);
    const anchors = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const id of anchors) expect(page.text).toContain(`id="${id}"`);
  });
});
