// Writes the JSON Schema of coppice.toml, which the control plane serves as /coppice.schema.json for editors.
// node scripts/toml-schema.ts
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { CoppiceToml } from "../cli/file/toml.ts";

export const TOML_SCHEMA_FILE = resolve(
  import.meta.dirname,
  "../dashboard/public/coppice.schema.json",
);

/** What may stand in the file, before it is turned into what the API takes. */
export function tomlSchema(): string {
  const schema = z.toJSONSchema(CoppiceToml, { io: "input", target: "draft-07" });
  return `${JSON.stringify({ ...schema, title: "coppice.toml" }, null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(TOML_SCHEMA_FILE, tomlSchema());
  console.log("dashboard/public/coppice.schema.json is written");
}
