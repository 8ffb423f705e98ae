// Bundles the control plane into one module for the embedded workerd, as wrangler would for a deployment.
import { join } from "node:path";
import { build } from "esbuild";

/** The bundle's text. `root` is the checkout. */
export async function bundleControlPlane(root: string, main: string): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [main],
    outfile: join(root, "dist", "control-plane.mjs"),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".sql": "text", ".sh": "text" },
    define: { "process.env.NODE_ENV": '"production"' },
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild gave no output");
  return output.text;
}
