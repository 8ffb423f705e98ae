// Git credentials: queries of sealed ones, and `openCredential`, for the object that sends one to its builder.
import { eq } from "drizzle-orm";
import { GitCredential } from "../../protocol/git-credential.ts";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { encryptVar, type KeyPlace, openDataKey, openVar } from "./envelope.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type GitCredentialRow, gitCredentials } from "./schema/git-credentials.ts";

/** In the place of a variable's name: no variable can be called that. */
const NAME = "git-credential";

export async function credentialOf(db: Db, workerId: WorkerId): Promise<GitCredentialRow | null> {
  const rows = await db.select().from(gitCredentials).where(eq(gitCredentials.workerId, workerId));
  return rows[0] ?? null;
}

/** Enough to open it with the master key, and nothing readable. */
export interface SealedCredential extends Pick<GitCredentialRow, "version" | "iv" | "ciphertext"> {
  readonly wrappedKey: string;
}

/** As a deploy carries it; null where none is set. */
export async function sealedCredentialOf(
  db: Db,
  { workerId, wrappedKey }: { readonly workerId: WorkerId; readonly wrappedKey: string },
): Promise<SealedCredential | null> {
  const row = await credentialOf(db, workerId);
  if (!row) return null;
  const { version, iv, ciphertext } = row;
  return { version, wrappedKey, iv, ciphertext };
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

/** In the clear. Throws an EnvelopeError where the keys do not fit. */
export async function openCredential(
  { version, wrappedKey, iv, ciphertext }: SealedCredential,
  place: KeyPlace & { readonly projectId: ProjectId; readonly workerId: WorkerId },
): Promise<GitCredential> {
  const dataKey = await openDataKey(wrappedKey, place);
  const sealed = { name: NAME, version, iv, ciphertext };
  const at = { projectId: place.projectId, ownerId: place.workerId, name: NAME, version };
  const text = await openVar(dataKey, at, sealed);
  return GitCredential.parse(JSON.parse(text));
}
