// Brings a version's files to the host: download, verify, move into place as a whole.
//
// 1. A directory below `versions/` is complete and verified, or it is not there under its own name.
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { AGENT_MANIFEST_PATH, type AgentFile, AgentManifest } from "../../protocol/agent-bundle.ts";
import { messageOf } from "../world.ts";
import { versionDir } from "./layout.ts";

const WITHIN_MS = 120_000;

/** What a person has to read: one sentence with the next step. */
export class UpgradeError extends Error {}

async function get(url: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS), redirect: "follow" });
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new UpgradeError(
      `${url} cannot be reached (${messageOf(cause)}): coppice-agent doctor says why`,
    );
  }
  if (!response.ok) throw new UpgradeError(`${url} answered ${response.status}: try again`);
  return response;
}

/** What the control plane serves now. */
export async function readManifest(base: string): Promise<AgentManifest> {
  const response = await get(`${base}${AGENT_MANIFEST_PATH}`);
  const parsed = AgentManifest.safeParse(await response.json().catch(() => null));
  if (parsed.success) return parsed.data;
  throw new UpgradeError(
    `${base} serves no agent: is it a control plane of Coppice, and as new as this agent?`,
  );
}

function fits(file: AgentFile, bytes: Uint8Array): boolean {
  return createHash("sha256").update(bytes).digest("hex") === file.sha256;
}

/** Whether the version is there, whole and unchanged. */
export function isInstalled(prefix: string, { version, files }: AgentManifest): boolean {
  return files.every((file) => {
    try {
      return fits(file, readFileSync(join(versionDir(prefix, version), file.name)));
    } catch {
      return false;
    }
  });
}

/** Downloads what is not there yet. True where something was. */
export async function bringVersion(
  prefix: string,
  base: string,
  manifest: AgentManifest,
): Promise<boolean> {
  if (isInstalled(prefix, manifest)) return false;
  const { version, files } = manifest;
  const target = versionDir(prefix, version);
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o755 });
  try {
    for (const file of files) {
      const url = `${base}/agent/${version}/${file.name}`;
      const bytes = new Uint8Array(await (await get(url)).arrayBuffer());
      if (!fits(file, bytes))
        throw new UpgradeError(`${url} has the wrong checksum: nothing of it was used; try again`);
      write(join(fresh, file.name), bytes);
    }
    write(join(fresh, "manifest.json"), Buffer.from(`${JSON.stringify(manifest)}\n`));
    chmodSync(join(fresh, "start.sh"), 0o755);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return true;
}

function write(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "w", 0o644);
  try {
    writeFileSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
