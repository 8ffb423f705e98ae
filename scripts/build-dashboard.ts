// Builds the static files beside the API into dist/dashboard, where wrangler and the local control plane take them from:
// the dashboard, and below agent/ what hosts download.
// node scripts/build-dashboard.ts
//
// 1. Nothing is built where the sources are those of the last build: their hash lies beside it.
// 2. A build is made aside and moved into place as a whole; of two at the same time the later one stays.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { packAgent } from "./bundle-agent.ts";

/** All that the files are made of. */
const SOURCES = [
  "dashboard",
  "client",
  "agent",
  "protocol",
  "scripts/bundle-agent.ts",
  "package.json",
  "package-lock.json",
];

function filesOf(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries
    .flatMap((entry) =>
      entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)],
    )
    .sort();
}

function hashOf(root: string): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    const path = join(root, source);
    const files = /\.(ts|json)$/.test(source) ? [path] : filesOf(path);
    for (const file of files) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** True where it was built anew. */
export async function buildDashboard(root: string): Promise<boolean> {
  const target = join(root, "dist", "dashboard");
  const stamp = join(root, "dist", "dashboard.sha256");
  const hash = hashOf(root);
  const known = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  if (known === hash && existsSync(join(target, "index.html"))) return false;
  const { build } = await import("vite");
  const fresh = `${target}.${process.pid}`;
  const old = `${fresh}.old`;
  await build({
    configFile: join(root, "dashboard", "vite.config.ts"),
    root: join(root, "dashboard"),
    build: { outDir: fresh },
  });
  await packAgent(join(fresh, "agent"));
  if (existsSync(target)) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch {
    // Another build was moved into place in this very moment; it is as good.
    rmSync(fresh, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
  writeFileSync(stamp, hash);
  return true;
}

if (import.meta.main) {
  const built = await buildDashboard(resolve(import.meta.dirname, ".."));
  console.log(built ? "dist/dashboard is built" : "dist/dashboard is up to date");
}
