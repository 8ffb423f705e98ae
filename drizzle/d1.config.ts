// Migrations of D1: npx drizzle-kit generate --config drizzle/d1.config.ts --name what_changes
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: "./src/db/schema/*.ts",
  out: "./drizzle/d1",
});
