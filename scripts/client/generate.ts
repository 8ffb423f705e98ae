// `npm run client:generate`: writes client/schema.ts from the OpenAPI document of this checkout.
// With --check it writes nothing and ends with 1 where the file is out of date.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { openApiDocument } from "./document.ts";
import { clientTypes, type OpenApi } from "./types.ts";

const root = resolve(import.meta.dirname, "../..");
export const SCHEMA_FILE = join(root, "client", "schema.ts");

/** What client/schema.ts should say, formatted as everything else. */
export async function generateSchema(): Promise<string> {
  const text = clientTypes((await openApiDocument()) as OpenApi);
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  return execFileSync(process.execPath, [biome, "format", "--stdin-file-path=client/schema.ts"], {
    cwd: root,
    input: text,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const wanted = await generateSchema();
  if (process.argv.includes("--check")) {
    const current = readFileSync(SCHEMA_FILE, "utf8");
    if (current !== wanted) {
      console.error("client/schema.ts is out of date: npm run client:generate");
      process.exit(1);
    }
  } else {
    writeFileSync(SCHEMA_FILE, wanted);
    console.log(SCHEMA_FILE);
  }
}
