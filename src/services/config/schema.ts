// The JSON Schema of coppice.toml, for editors; made by npm run schema:generate.
import schema from "./coppice.schema.json";

export function configSchema(): Record<string, unknown> {
  return schema;
}
