// Runs wrangler from this checkout, quiet. node scripts/wrangler.ts ARGS…
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { WRANGLER_ENV } from "./wrangler-env.ts";

const root = resolve(import.meta.dirname, "..");
const child = spawn(join(root, "node_modules/.bin/wrangler"), process.argv.slice(2), {
  cwd: root,
  stdio: "inherit",
  env: { ...WRANGLER_ENV, ...process.env },
});
child.on("error", (error) => {
  console.error(`wrangler could not be started (run \`npm ci\` first): ${error.message}`);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));
