// Bundles agent and keeper into one file each, without dependencies: what a host gets.
// node scripts/bundle-agent.ts [DIR]      (default: dist)
//
// 1. Equal sources give equal bytes, and so the same version: it names the package's version and the content.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { AGENT_ENV, AGENT_NODE_FLAGS } from "../agent/flags.ts";
import { KEEPER_ENV, KEEPER_NODE_FLAGS } from "../agent/keeper/flags.ts";
import type { AgentManifest } from "../protocol/agent-bundle.ts";
import { CHANNEL_PROTOCOL } from "../protocol/channel.ts";

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

/** What lies beside the bundles as it is in the checkout. */
const SERVICE_FILES = ["start.sh", "coppice-keeper.service", "coppice-agent.service"];

/** Two lines for start.sh: environment and flags of the Node that runs it. */
function startFile(env: Readonly<Record<string, string>>, flags: readonly string[]): string {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `${assignments.join(" ")}\n${flags.join(" ")}\n`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Writes what a control plane serves to hosts: `manifest.json`, `manifest.txt` (the same for a shell: the version,
 * then lines as `sha256sum -c` takes them), and the files of the version in a directory of its name.
 */
export async function packAgent(directory: string): Promise<AgentManifest> {
  const work = join(directory, ".bundle");
  const { agent, keeper } = await bundleAgent(work);
  const contents: Record<string, Buffer> = {
    "agent.mjs": readFileSync(agent),
    "keeper.mjs": readFileSync(keeper),
    "agent.start": Buffer.from(startFile(AGENT_ENV, AGENT_NODE_FLAGS)),
    "keeper.start": Buffer.from(startFile(KEEPER_ENV, KEEPER_NODE_FLAGS)),
  };
  for (const name of SERVICE_FILES)
    contents[name] = readFileSync(join(root, "agent/service", name));
  rmSync(work, { recursive: true });
  return writePack(directory, contents);
}

/** The version is made of the contents. */
export function writePack(
  directory: string,
  contents: Readonly<Record<string, Buffer>>,
): AgentManifest {
  const files = Object.entries(contents)
    .map(([name, bytes]) => ({ name, sha256: sha256(bytes), bytes: bytes.length }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const sums = files.map((file) => `${file.sha256}  ${file.name}\n`).join("");
  const { version: released } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  const version = `${released}-${sha256(Buffer.from(sums)).slice(0, 12)}`;
  const manifest: AgentManifest = { version, protocol: CHANNEL_PROTOCOL, files };
  const text = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const target = join(directory, version);
  mkdirSync(target, { recursive: true });
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(target, name), bytes);
  writeFileSync(join(target, "manifest.json"), text);
  writeFileSync(join(directory, "manifest.json"), text);
  writeFileSync(
    join(directory, "manifest.txt"),
    `coppice-agent 1 ${version}\n${sums}${sha256(text)}  manifest.json\n`,
  );
  return manifest;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { agent, keeper } = await bundleAgent(process.argv[2] ?? join(root, "dist"));
  console.log(`${agent}\n${keeper}`);
}
