// Queries of artifacts: which are stored, which are on their way, which are to go.
//
// 1. An artifact counts from `markStored` on; of two uploads of one digest, one is stored.
// 2. What is doomed is never found again; its row goes after its bytes.
// 3. A change of one that was read holds only while it is in the state it was read in.
import { and, asc, eq, inArray, lt, sql } from "drizzle-orm";
import type { HostId, ProjectId } from "../../protocol/ids.ts";
import { type Db, isUniqueViolation } from "./client.ts";
import { type ArtifactRow, artifactParts, artifacts } from "./schema/artifacts.ts";

export type { ArtifactRow } from "./schema/artifacts.ts";

export interface ArtifactName {
  readonly projectId: ProjectId;
  readonly digest: string;
}

export async function storedArtifact(db: Db, name: ArtifactName): Promise<ArtifactRow | null> {
  const rows = await db
    .select()
    .from(artifacts)
    .where(
      and(
        eq(artifacts.projectId, name.projectId),
        eq(artifacts.digest, name.digest),
        eq(artifacts.state, "stored"),
      ),
    );
  return rows[0] ?? null;
}

/** The host's own upload of it that is under way. */
export async function uploadOf(
  db: Db,
  name: ArtifactName & { readonly hostId: HostId },
): Promise<ArtifactRow | null> {
  const rows = await db
    .select()
    .from(artifacts)
    .where(
      and(
        eq(artifacts.projectId, name.projectId),
        eq(artifacts.digest, name.digest),
        eq(artifacts.hostId, name.hostId),
        eq(artifacts.state, "uploading"),
      ),
    );
  return rows[0] ?? null;
}

/** False where the same host began one at the same time. */
export async function insertUpload(db: Db, row: ArtifactRow): Promise<boolean> {
  const made = await db.insert(artifacts).values(row).onConflictDoNothing().returning();
  return made.length === 1;
}

type Read = Pick<ArtifactRow, "key" | "state">;

const asRead = ({ key, state }: Read) => and(eq(artifacts.key, key), eq(artifacts.state, state));

/** False where it is not in that state any more. */
export async function touchArtifact(db: Db, row: Read, at: number): Promise<boolean> {
  const rows = await db
    .update(artifacts)
    .set({ touchedAt: at })
    .where(asRead(row))
    .returning({ key: artifacts.key });
  return rows.length === 1;
}

/** Null where it is gone. */
export async function artifactState(db: Db, key: string): Promise<ArtifactRow["state"] | null> {
  const rows = await db
    .select({ state: artifacts.state })
    .from(artifacts)
    .where(eq(artifacts.key, key));
  return rows[0]?.state ?? null;
}

export async function partsOf(db: Db, key: string): Promise<{ part: number; etag: string }[]> {
  return db
    .select({ part: artifactParts.part, etag: artifactParts.etag })
    .from(artifactParts)
    .where(eq(artifactParts.key, key))
    .orderBy(asc(artifactParts.part));
}

/** A part that came again replaces the earlier one, as it does in the store. */
export async function keepPart(
  db: Db,
  part: { readonly key: string; readonly part: number; readonly etag: string },
  at: number,
): Promise<void> {
  await db.batch([
    db
      .insert(artifactParts)
      .values(part)
      .onConflictDoUpdate({
        target: [artifactParts.key, artifactParts.part],
        set: { etag: part.etag },
      }),
    db.update(artifacts).set({ touchedAt: at }).where(eq(artifacts.key, part.key)),
  ]);
}

/** Its bytes were verified: from now on it counts. False where another upload of it did first, or it was dropped. */
export async function markStored(db: Db, key: string, at: number): Promise<boolean> {
  try {
    const [rows] = await db.batch([
      db
        .update(artifacts)
        .set({ state: "stored", touchedAt: at, lookedAt: at })
        .where(and(eq(artifacts.key, key), eq(artifacts.state, "uploading")))
        .returning({ key: artifacts.key }),
      db.delete(artifactParts).where(eq(artifactParts.key, key)),
    ]);
    return rows.length === 1;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** Nobody finds it from now on. With a time only where nobody wanted it since. False where that changed nothing. */
export async function doom(db: Db, row: Read, untouchedSince?: number): Promise<boolean> {
  const quiet = untouchedSince === undefined ? [] : [lt(artifacts.touchedAt, untouchedSince)];
  const rows = await db
    .update(artifacts)
    .set({ state: "doomed" })
    .where(and(asRead(row), ...quiet))
    .returning({ key: artifacts.key });
  return rows.length === 1;
}

export async function forgetArtifact(db: Db, key: string): Promise<void> {
  await db.batch([
    db.delete(artifactParts).where(eq(artifactParts.key, key)),
    db.delete(artifacts).where(and(eq(artifacts.key, key), eq(artifacts.state, "doomed"))),
  ]);
}

export async function doomedArtifacts(db: Db, limit: number): Promise<ArtifactRow[]> {
  return db.select().from(artifacts).where(eq(artifacts.state, "doomed")).limit(limit);
}

/** Dooms uploads that nobody went on with. */
export async function doomHalf(db: Db, untouchedSince: number): Promise<void> {
  await db
    .update(artifacts)
    .set({ state: "doomed" })
    .where(and(eq(artifacts.state, "uploading"), lt(artifacts.touchedAt, untouchedSince)));
}

/** Stored ones of one project, for which it is time to look whether a release still refers to them. */
export async function artifactsToLookAt(
  db: Db,
  before: { readonly lookedAt: number; readonly touchedAt: number },
  limit: number,
): Promise<ArtifactRow[]> {
  const due = and(
    eq(artifacts.state, "stored"),
    lt(artifacts.lookedAt, before.lookedAt),
    lt(artifacts.touchedAt, before.touchedAt),
  );
  const first = db
    .select({ projectId: artifacts.projectId })
    .from(artifacts)
    .where(due)
    .orderBy(asc(artifacts.lookedAt))
    .limit(1);
  return db
    .select()
    .from(artifacts)
    .where(and(due, inArray(artifacts.projectId, first)))
    .limit(limit);
}

export async function markLooked(db: Db, keys: readonly string[], at: number): Promise<void> {
  await db.run(sql`
    UPDATE ${artifacts} SET looked_at = ${at}
    WHERE key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
}
