// The client's types are those of the API as it is now, and the generator says so where it does not understand something.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generateSchema, SCHEMA_FILE } from "../../scripts/client/generate.ts";
import { typeOf } from "../../scripts/client/types.ts";
import { TOML_SCHEMA_FILE, tomlSchema } from "../../scripts/toml-schema.ts";

test("client/schema.ts is what /openapi.json says now; if not: npm run client:generate", async () => {
  const current = readFileSync(SCHEMA_FILE, "utf8");
  expect(current === (await generateSchema()), "npm run client:generate").toBe(true);
});

test("coppice.schema.json is what the command line reads now; if not: npm run schema:generate", () => {
  const current = readFileSync(TOML_SCHEMA_FILE, "utf8");
  expect(current === tomlSchema(), "npm run schema:generate").toBe(true);
  const { properties } = JSON.parse(current);
  const keys = Object.keys(properties.workers.additionalProperties.properties);
  expect(keys).toEqual(expect.arrayContaining(["memory", "cpus", "mode", "hosts"]));
  expect(properties.workers.additionalProperties.additionalProperties).toBe(false);
});

test("schemas become types", () => {
  expect(typeOf({ type: ["string", "null"] })).toBe("string | null");
  expect(typeOf({ enum: ["a", "b"] })).toBe('"a" | "b"');
  expect(typeOf({ type: "array", items: { $ref: "#/components/schemas/Deploy" } })).toBe(
    '(components["schemas"]["Deploy"])[]',
  );
  expect(typeOf({ type: "object", additionalProperties: { type: "integer" } })).toBe(
    "{ [name: string]: number }",
  );
  expect(
    typeOf({
      type: "object",
      required: ["a"],
      properties: { a: { type: "boolean" }, "b-c": { type: "null" } },
    }),
  ).toBe('{\na: boolean;\n"b-c"?: null;\n}');
});

test("a feature that the generator does not know is refused, not guessed", () => {
  expect(() => typeOf({ type: "object", patternProperties: {} })).toThrow(/patternProperties/);
  expect(() => typeOf({ $ref: "#/elsewhere/x" })).toThrow(/elsewhere/);
});
