// The OpenAPI document as the control plane of this checkout serves it, without starting one: the app is
// bundled and asked for its own /openapi.json.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

export async function openApiDocument(): Promise<unknown> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/http/app.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node22",
    external: ["cloudflare:*"],
    loader: { ".sql": "text", ".sh": "text" },
    logLevel: "silent",
  });
  const directory = mkdtempSync(join(tmpdir(), "coppice-openapi-"));
  try {
    const file = join(directory, "app.mjs");
    writeFileSync(file, result.outputFiles[0]?.contents ?? "");
    const { app } = (await import(pathToFileURL(file).href)) as {
      app: { request(path: string, init: object, env: object): Promise<Response> | Response };
    };
    const response = await app.request("/openapi.json", {}, { DB: {} });
    if (!response.ok) throw new Error(`/openapi.json answered ${response.status}`);
    return await response.json();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
