// Bundles agent and keeper into one file each, without dependencies: what a host gets.
// node scripts/bundle-agent.ts [DIR]      (default: dist)
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");

/** ws and other CommonJS packages call `require`, which an ES module has not. */
const BANNER =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

export interface AgentBundles {
  readonly agent: string;
  readonly keeper: string;
}

/** Writes agent.mjs and keeper.mjs into `directory`; gives their paths. */
export async function bundleAgent(directory: string): Promise<AgentBundles> {
  const out = resolve(directory);
  await build({
    absWorkingDir: root,
    entryPoints: { agent: "agent/main.ts", keeper: "agent/keeper/main.ts" },
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    banner: { js: BANNER },
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "silent",
  });
  return { agent: join(out, "agent.mjs"), keeper: join(out, "keeper.mjs") };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { agent, keeper } = await bundleAgent(process.argv[2] ?? join(root, "dist"));
  console.log(`${agent}\n${keeper}`);
}
