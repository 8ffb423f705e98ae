// Agent and keeper as hosts get them, bundled once for all tests of a run: started from their sources each of many
// hundred starts would compile them anew.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleAgent } from "../../scripts/bundle-agent.ts";

const DIRECTORY = "COPPICE_TEST_BUNDLES";

/** Vitest runs it before the files of a project that names this one. */
export async function setup(): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "coppice-bundles-"));
  await bundleAgent(directory);
  process.env[DIRECTORY] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}

export function bundled(name: "agent" | "keeper"): string {
  const directory = process.env[DIRECTORY];
  if (!directory)
    throw new Error("the project of this test has no globalSetup test/support/bundles.ts");
  return join(directory, `${name}.mjs`);
}
