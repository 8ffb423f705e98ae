// Writes the JSON Schema of coppice.toml, which the control plane serves as /schema/coppice.json for editors.
// node scripts/toml-schema.ts
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { CoppiceToml } from "../protocol/config.ts";

const root = resolve(import.meta.dirname, "..");
export const TOML_SCHEMA_FILE = join(root, "src/services/config/coppice.schema.json");

/** What may stand in the file, before it is turned into what the API takes; formatted as everything else. */
export function tomlSchema(): string {
  const schema = z.toJSONSchema(CoppiceToml, { io: "input", target: "draft-07" });
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  return execFileSync(
    process.execPath,
    [biome, "format", "--stdin-file-path=coppice.schema.json"],
    {
      cwd: root,
      encoding: "utf8",
      input: JSON.stringify({ ...schema, title: "coppice.toml" }, null, 2),
    },
  );
}

if (import.meta.main) {
  writeFileSync(TOML_SCHEMA_FILE, tomlSchema());
  console.log("src/services/config/coppice.schema.json is written");
}
