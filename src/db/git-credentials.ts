// Queries of git credentials. Sealed ones pass here; `openCredential` is for the object that sends one to its builder.
import { eq } from "drizzle-orm";
import { GitCredential } from "../../protocol/git-credential.ts";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { encryptVar, type KeyPlace, openDataKey, openVar } from "./envelope.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type GitCredentialRow, gitCredentials } from "./schema/git-credentials.ts";
import { projects } from "./schema/projects.ts";

/** In the place of a variable's name: no variable can be called that. */
const NAME = "git-credential";

export async function credentialOf(db: Db, workerId: WorkerId): Promise<GitCredentialRow | null> {
  const rows = await db.select().from(gitCredentials).where(eq(gitCredentials.workerId, workerId));
  return rows[0] ?? null;
}

export async function sealCredential(
  dataKey: CryptoKey,
  place: { readonly projectId: ProjectId; readonly workerId: WorkerId; readonly version: number },
  credential: GitCredential,
): Promise<Pick<GitCredentialRow, "iv" | "ciphertext">> {
  const text = JSON.stringify(credential);
  const at = { projectId: place.projectId, ownerId: place.workerId, version: place.version };
  const { iv, ciphertext } = await encryptVar(dataKey, { ...at, name: NAME }, text);
  return { iv, ciphertext };
}

export async function setCredential(db: Db, row: GitCredentialRow, audit: AuditRow): Promise<void> {
  await runBatch(db, [
    db
      .insert(gitCredentials)
      .values(row)
      .onConflictDoUpdate({ target: gitCredentials.workerId, set: row }),
    insertAudit(db, audit, always),
  ]);
}

export async function deleteCredential(
  db: Db,
  workerId: WorkerId,
  audit: AuditRow | null,
): Promise<void> {
  await runBatch(db, [
    db.delete(gitCredentials).where(eq(gitCredentials.workerId, workerId)),
    ...(audit === null ? [] : [insertAudit(db, audit, always)]),
  ]);
}

/** In the clear; null where none is set. Throws an EnvelopeError where the keys do not fit. */
export async function openCredential(
  db: Db,
  place: KeyPlace & { readonly projectId: ProjectId; readonly workerId: WorkerId },
): Promise<GitCredential | null> {
  const row = await credentialOf(db, place.workerId);
  if (!row) return null;
  const [project] = await db.select().from(projects).where(eq(projects.id, place.projectId));
  const dataKey = await openDataKey(project?.wrappedKey ?? "", place);
  const { version, iv, ciphertext } = row;
  const sealed = { name: NAME, version, iv, ciphertext };
  const at = { projectId: place.projectId, ownerId: place.workerId, name: NAME, version };
  const text = await openVar(dataKey, at, sealed);
  return GitCredential.parse(JSON.parse(text));
}
