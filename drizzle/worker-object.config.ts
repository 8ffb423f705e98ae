// Migrations of the WorkerObject: npx drizzle-kit generate --config drizzle/worker-object.config.ts --name what_changes
// New tables with a composite or text key get `WITHOUT ROWID` by hand: one billed row per write instead of two.
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  driver: "durable-sqlite",
  schema: "./src/objects/worker/schema.ts",
  out: "./drizzle/worker-object",
});
