// A page for people from the OpenAPI document: every operation with its role, input, answers and a curl line.
import type { OpenApiDocument } from "./document.ts";
import { STYLE } from "./style.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly "x-coppice-role"?: string | null;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<
    string,
    {
      readonly description: string;
      readonly content?: Record<string, { readonly schema?: Schema }>;
    }
  >;
}

const html = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** Text with `code` in back-ticks. */
const prose = (text: string) => html(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

/** What a value may be, in a few words; a named schema is a link. */
function typeOf(schema: Schema | undefined): string {
  if (!schema) return "";
  if (schema.$ref) {
    const name = html(schema.$ref.split("/").at(-1) ?? "");
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.enum) return schema.enum.map((one) => `<code>${html(String(one))}</code>`).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  const { additionalProperties: values } = schema;
  if (values && typeof values === "object") return `map of ${typeOf(values)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : String(schema.type ?? "any");
  const limits = [
    schema.format,
    schema.minimum === undefined ? "" : `≥ ${schema.minimum}`,
    schema.maximum === undefined || schema.maximum > 1e15 ? "" : `≤ ${schema.maximum}`,
    schema.maxLength === undefined ? "" : `at most ${schema.maxLength} characters`,
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  return html([type, ...limits].join(", "));
}

function fields(schema: Schema): string {
  if (!schema.properties) return `<p>${typeOf(schema)}</p>`;
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(
    ([name, field]) =>
      `<tr><th scope="row"><code>${html(name)}</code></th><td>${typeOf(field)}</td><td>${
        required.has(name) ? "always" : "optional"
      }</td><td>${prose(field.description ?? "")}</td></tr>`,
  );
  return `<table><thead><tr><th>field</th><th>value</th><th></th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function parameters(operation: Operation): string {
  if (!operation.parameters?.length) return "";
  const rows = operation.parameters.map(
    (one) =>
      `<tr><th scope="row"><code>${html(one.name)}</code></th><td>${html(one.in)}</td><td>${typeOf(one.schema)}</td><td>${prose(one.description ?? "")}</td></tr>`,
  );
  return `<table><thead><tr><th>name</th><th>in</th><th>value</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function answers(operation: Operation): string {
  const rows = Object.entries(operation.responses).map(([status, answer]) => {
    const bodies = Object.entries(answer.content ?? {}).map(
      ([type, { schema }]) => `${typeOf(schema)} <small>${html(type)}</small>`,
    );
    return `<tr><th scope="row">${status}</th><td>${prose(answer.description)}</td><td>${bodies.join("<br>")}</td></tr>`;
  });
  return `<table><thead><tr><th>answer</th><th></th><th>body</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function curl(method: string, path: string, operation: Operation): string {
  const role = operation["x-coppice-role"];
  const parts = [
    "curl",
    method === "GET" ? "" : `-X ${method}`,
    role ? `-H "Authorization: Bearer $COPPICE_TOKEN"` : "",
    operation.requestBody ? "--json @body.json" : "",
    `"$COPPICE_URL${path}"`,
  ];
  return `<pre><code>${html(parts.filter(Boolean).join(" "))}</code></pre>`;
}

function section(method: string, path: string, operation: Operation): string {
  const role = operation["x-coppice-role"];
  const body = operation.requestBody?.content["application/json"]?.schema;
  return `<section id="${html(operation.operationId)}">
<h3><a href="#${html(operation.operationId)}">${html(operation.summary ?? operation.operationId)}</a></h3>
<p class="address"><b>${method}</b> <code>${html(path)}</code> <small>${role ? `role ${html(role)}` : "no token"}</small></p>
${operation.description ? `<p>${prose(operation.description)}</p>` : ""}
${curl(method, path, operation)}
${parameters(operation)}
${body ? `<p>Body: ${typeOf(body)}</p>` : ""}
${answers(operation)}
</section>`;
}

export function renderDocs(document: OpenApiDocument): string {
  const all = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  const tags = [...new Set(all.map(({ operation }) => operation.tags?.[0] ?? "Other"))];
  const ofTag = (tag: string) => all.filter(({ operation }) => operation.tags?.[0] === tag);
  const menu = tags.map(
    (tag) =>
      `<li>${html(tag)}<ul>${ofTag(tag)
        .map(
          ({ operation: { operationId } }) =>
            `<li><a href="#${operationId}">${operationId}</a></li>`,
        )
        .join("")}</ul></li>`,
  );
  const schemas = Object.entries(
    (document.components?.schemas ?? {}) as Record<string, Schema>,
  ).map(
    ([name, schema]) =>
      `<section id="schema-${html(name)}"><h3>${html(name)}</h3>${schema.description ? `<p>${prose(schema.description)}</p>` : ""}${fields(schema)}</section>`,
  );
  const groups = tags.map(
    (tag) =>
      `<h2>${html(tag)}</h2>${ofTag(tag)
        .map(({ method, path, operation }) => section(method, path, operation))
        .join("")}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Coppice API</title><style>${STYLE}</style></head><body>
<nav aria-label="Operations"><ul>${menu.join("")}<li><a href="#schemas">Schemas</a></li></ul></nav>
<main><h1>Coppice API <small>${html(document.info.version)}</small></h1><p>${prose(document.info.description ?? "").replaceAll("\n\n", "</p><p>")}</p><p>For machines: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${groups.join("")}<h2 id="schemas">Schemas</h2>${schemas.join("")}</main></body></html>`;
}
