// From an OpenAPI 3.1 document to the types that openapi-fetch reads: `paths`, `components`, and which operations
// may be repeated under an Idempotency-Key.
//
// It knows the few features that our document uses, and throws on any other: a type that is silently
// `unknown` would be found by nobody.

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly description?: string;
  readonly [other: string]: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: "query" | "header" | "path" | "cookie";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly "x-coppice-role"?: string | null;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const KNOWN = new Set(
  ["$ref", "type", "enum", "const", "items", "properties", "additionalProperties", "required"]
    .concat(["anyOf", "oneOf", "allOf", "description", "title", "default", "format", "pattern"])
    .concat(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
    .concat(["minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "propertyNames"])
    .concat(["example", "examples", "deprecated", "readOnly", "writeOnly", "contentEncoding"]),
);

const key = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const note = (text: string | undefined) =>
  text ? `/** ${text.replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ").trim()} */\n` : "";

function plainType(type: string, schema: Schema): string {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `(${schema.items ? typeOf(schema.items) : "unknown"})[]`;
    case "object":
      return objectType(schema);
    default:
      throw new Error(`the type ${type} is not known to the generator`);
  }
}

function objectType(schema: Schema): string {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) =>
      `${note(field.description)}${key(name)}${required.has(name) ? "" : "?"}: ${typeOf(field)};\n`,
  );
  const { additionalProperties: more } = schema;
  if (fields.length > 0) return `{\n${fields.join("")}}`;
  if (more && typeof more === "object") return `{ [name: string]: ${typeOf(more)} }`;
  return more === false ? "Record<string, never>" : "{ [name: string]: unknown }";
}

/** A schema as TypeScript. */
export function typeOf(schema: Schema): string {
  const strange = Object.keys(schema).find((name) => !KNOWN.has(name) && !name.startsWith("x-"));
  if (strange) throw new Error(`the generator does not know \`${strange}\` in a schema`);
  if (schema.$ref) {
    const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref)?.[1];
    if (!name) throw new Error(`the generator does not follow ${schema.$ref}`);
    return `components["schemas"][${JSON.stringify(name)}]`;
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((one) => `(${typeOf(one)})`).join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(" & ");
  if (schema.type === undefined) return "unknown";
  return [schema.type]
    .flat()
    .map((type) => plainType(type, schema))
    .join(" | ");
}

function parametersType(all: readonly Parameter[]): string {
  const places = (["query", "header", "path", "cookie"] as const).map((place) => {
    const here = all.filter((one) => one.in === place);
    if (here.length === 0) return `${place}?: never;\n`;
    const fields = here.map(
      ({ name, required, schema, description }) =>
        `${note(description)}${key(name)}${required ? "" : "?"}: ${typeOf(schema ?? {})}${required ? "" : " | undefined"};\n`,
    );
    return `${place}${here.some((one) => one.required) ? "" : "?"}: {\n${fields.join("")}};\n`;
  });
  return `parameters: {\n${places.join("")}};\n`;
}

function contentType(content: Content | undefined): string {
  if (!content) return "content?: never;\n";
  const kinds = Object.entries(content).map(
    ([media, { schema }]) => `${key(media)}: ${schema ? typeOf(schema) : "unknown"};\n`,
  );
  return `content: {\n${kinds.join("")}};\n`;
}

function operationType(operation: Operation): string {
  const { requestBody: body } = operation;
  const answers = Object.entries(operation.responses).map(
    ([status, answer]) =>
      `${status}: {\nheaders: { [name: string]: unknown };\n${contentType(answer.content)}};\n`,
  );
  return [
    "{\n",
    parametersType(operation.parameters ?? []),
    body ? `requestBody${body.required ? "" : "?"}: {\n${contentType(body.content)}};\n` : "",
    body ? "" : "requestBody?: never;\n",
    `responses: {\n${answers.join("")}};\n`,
    "}",
  ].join("");
}

const METHODS = new Set(["get", "put", "post", "delete", "patch", "head", "options"]);

/** The text of client/schema.ts, before the formatter. */
export function clientTypes(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({ path, method, operation })),
  );
  const paths = Object.keys(document.paths).map((path) => {
    const here = operations.filter((one) => one.path === path);
    const methods = here.map(({ method, operation }) => {
      const role = operation["x-coppice-role"];
      const text = `${operation.summary ?? ""} ${role ? `Role: ${role}.` : "No token needed."}`;
      return `${note(text)}${method}: operations[${JSON.stringify(operation.operationId)}];\n`;
    });
    return `${JSON.stringify(path)}: {\n${methods.join("")}};\n`;
  });
  const schemas = Object.entries(document.components.schemas ?? {}).map(
    ([name, schema]) => `${note(schema.description)}${key(name)}: ${typeOf(schema)};\n`,
  );
  const repeatable = operations
    .filter(({ operation }) => operation.parameters?.some(({ name }) => name === "idempotency-key"))
    .map(({ method, path }) => JSON.stringify(`${method.toUpperCase()} ${path}`));
  return [
    "// Made from /openapi.json by `npm run client:generate`; a test fails where it is out of date. Not edited by hand.\n\n",
    `export interface paths {\n${paths.join("")}}\n\n`,
    `export interface operations {\n${operations
      .map(({ operation }) => `${key(operation.operationId)}: ${operationType(operation)};\n`)
      .join("")}}\n\n`,
    `export interface components {\nschemas: {\n${schemas.join("")}};\n}\n\n`,
    "/** Operations that take an Idempotency-Key, so that repeating them is safe. */\n",
    `export const REPEATABLE: ReadonlySet<string> = new Set([\n${repeatable.join(",\n")},\n]);\n`,
  ].join("");
}
