#!/usr/bin/env node
// The `coppice` command: loads the bundle. In a checkout it makes the bundle first where a source is newer, so that
// what runs is what stands there.
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const bundle = join(root, "dist", "coppice.mjs");

/** @param {string} folder @returns {number} */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    const at = entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    return Math.max(latest, at);
  }, 0);
}

function isStale() {
  if (!existsSync(join(here, "main.ts"))) return false;
  if (!existsSync(bundle)) return true;
  const made = statSync(bundle).mtimeMs;
  return ["cli", "client", "protocol"].some((folder) => newest(join(root, folder)) > made);
}

if (isStale()) {
  try {
    const { bundleCli } = await import("./bundle.mjs");
    await bundleCli(bundle);
  } catch (error) {
    if (!existsSync(bundle)) {
      console.error(`coppice is not built yet: run \`npm ci\` and \`npm run build\` in ${root}`);
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    }
  }
}
// What V8 compiled is kept between runs, where this Node can do that.
const { enableCompileCache } = await import("node:module");
enableCompileCache?.();
await import(pathToFileURL(bundle).href);
