// Git credentials: queries of sealed ones, and `openCredential`, for the object that sends one to its builder.
//
// 1. A credential belongs to the server that it was set for: where the worker's repository moves to another one, there is none.
import { eq } from "drizzle-orm";
import { GitCredential, repoOrigin } from "../../protocol/git-credential.ts";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { encryptVar, type KeyPlace, openDataKey, openVar } from "./envelope.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type GitCredentialRow, gitCredentials } from "./schema/git-credentials.ts";

/** In the place of a variable's name, so that it opens for no other server: no variable can be called that. */
const nameFor = (origin: string) => `git-credential ${origin}`;

/** The worker's, whichever repository it was set for. */
export async function credentialOf(db: Db, workerId: WorkerId): Promise<GitCredentialRow | null> {
  const rows = await db.select().from(gitCredentials).where(eq(gitCredentials.workerId, workerId));
  return rows[0] ?? null;
}

/** The worker's where it was set for the server of that repository, else null. */
export async function credentialFor(
  db: Db,
  workerId: WorkerId,
  repo: string,
): Promise<GitCredentialRow | null> {
  const row = await credentialOf(db, workerId);
  return row && row.origin === repoOrigin(repo) ? row : null;
}

/** Enough to open it with the master key, and nothing readable. */
interface SealedCredential
  extends Pick<GitCredentialRow, "origin" | "version" | "iv" | "ciphertext"> {
  readonly wrappedKey: string;
}

/** As a deploy carries it; null where none is set for the server of that repository. */
export async function sealedCredentialFor(
  db: Db,
  from: { readonly workerId: WorkerId; readonly repo: string; readonly wrappedKey: string },
): Promise<SealedCredential | null> {
  const row = await credentialFor(db, from.workerId, from.repo);
  if (!row) return null;
  const { origin, version, iv, ciphertext } = row;
  return { origin, version, wrappedKey: from.wrappedKey, iv, ciphertext };
}

export async function sealCredential(
  dataKey: CryptoKey,
  place: {
    readonly projectId: ProjectId;
    readonly workerId: WorkerId;
    readonly version: number;
    readonly repo: string;
  },
  credential: GitCredential,
): Promise<Pick<GitCredentialRow, "origin" | "iv" | "ciphertext">> {
  const text = JSON.stringify(credential);
  const origin = repoOrigin(place.repo) ?? "";
  const at = { projectId: place.projectId, ownerId: place.workerId, version: place.version };
  const { iv, ciphertext } = await encryptVar(dataKey, { ...at, name: nameFor(origin) }, text);
  return { origin, iv, ciphertext };
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

/** In the clear. Throws an EnvelopeError where the keys do not fit, or another server is named. */
export async function openCredential(
  { origin, version, wrappedKey, iv, ciphertext }: SealedCredential,
  place: KeyPlace & { readonly projectId: ProjectId; readonly workerId: WorkerId },
): Promise<GitCredential> {
  const dataKey = await openDataKey(wrappedKey, place);
  const name = nameFor(origin);
  const sealed = { name, version, iv, ciphertext };
  const at = { projectId: place.projectId, ownerId: place.workerId, name, version };
  const text = await openVar(dataKey, at, sealed);
  return GitCredential.parse(JSON.parse(text));
}
