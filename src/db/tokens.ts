// Queries of API tokens.
import { and, asc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Id, ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type TokenRow, tokens } from "./schema/tokens.ts";

export type { TokenRow } from "./schema/tokens.ts";

/** Finds a token by its hash, also one that is revoked or has expired; to be run alone or in a batch. */
export function selectToken(db: Db, hash: string) {
  return db.select().from(tokens).where(eq(tokens.hash, hash)).limit(1);
}

export async function listTokens(
  db: Db,
  page: { readonly projectId: ProjectId; readonly after: string | null; readonly limit: number },
): Promise<TokenRow[]> {
  return db
    .select()
    .from(tokens)
    .where(
      and(
        eq(tokens.projectId, page.projectId),
        isNull(tokens.revokedAt),
        gt(tokens.id, (page.after ?? "") as Id<"token">),
      ),
    )
    .orderBy(asc(tokens.id))
    .limit(page.limit);
}

export async function insertToken(db: Db, row: TokenRow, audit: AuditRow): Promise<void> {
  await runBatch(db, [
    db.insert(tokens).values(row).onConflictDoNothing(),
    insertAudit(db, audit, always),
  ]);
}

/** That token and all that were approved with it, directly or not. */
const withGranted = (id: string) => sql`WITH RECURSIVE gone(id) AS (SELECT ${id}
  UNION SELECT ${tokens.id} FROM ${tokens} JOIN gone ON ${tokens.grantedBy} = gone.id) SELECT id FROM gone`;

/** With what was approved by it. False where there is no such token, or it was revoked before. */
export async function revokeToken(
  db: Db,
  input: {
    readonly projectId: ProjectId;
    readonly id: string;
    readonly at: number;
    readonly audit: AuditRow;
  },
): Promise<boolean> {
  const mine = and(
    eq(tokens.id, input.id as Id<"token">),
    eq(tokens.projectId, input.projectId),
    isNull(tokens.revokedAt),
  );
  const done = sql`EXISTS (SELECT 1 FROM ${tokens} WHERE id = ${input.id}
    AND project_id = ${input.projectId} AND revoked_at = ${input.at})`;
  const granted = sql`${tokens.id} IN (${withGranted(input.id)})`;
  const [, revoked] = await runBatch(db, [
    insertAudit(db, input.audit, sql`EXISTS (SELECT 1 FROM ${tokens} WHERE ${mine})`),
    db.update(tokens).set({ revokedAt: input.at }).where(mine).returning({ id: tokens.id }),
    db
      .update(tokens)
      .set({ revokedAt: input.at })
      .where(and(done, granted, isNull(tokens.revokedAt))),
  ]);
  return revoked?.length === 1;
}

/** Notes the use of a token, where the last note is older than `everyMs`. */
export async function touchToken(
  db: Db,
  input: { readonly id: Id<"token">; readonly at: number; readonly everyMs: number },
): Promise<void> {
  await db
    .update(tokens)
    .set({ lastUsedAt: input.at })
    .where(
      and(
        eq(tokens.id, input.id),
        or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, input.at - input.everyMs)),
      ),
    );
}
