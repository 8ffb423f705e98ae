// Queries of device codes: made by a client, decided by a person, claimed once.
import { and, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import type { Id } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { runBatch } from "./guard.ts";
import { type DeviceCodeRow, deviceCodes } from "./schema/device-codes.ts";
import { projects } from "./schema/projects.ts";
import { tokens } from "./schema/tokens.ts";

export type { DeviceCodeRow } from "./schema/device-codes.ts";

/** False where another client was given that user code already. */
export async function insertDeviceCode(db: Db, row: DeviceCodeRow): Promise<boolean> {
  const rows = await db
    .insert(deviceCodes)
    .values(row)
    .onConflictDoNothing()
    .returning({ hash: deviceCodes.hash });
  return rows.length === 1;
}

export async function deviceByUserCode(
  db: Db,
  userCode: string,
  now: number,
): Promise<DeviceCodeRow | null> {
  const rows = await db
    .select()
    .from(deviceCodes)
    .where(and(eq(deviceCodes.userCode, userCode), gt(deviceCodes.expiresAt, now)));
  return rows[0] ?? null;
}

/** False where it was decided meanwhile, or is over. */
export async function decideDevice(
  db: Db,
  input: {
    readonly hash: string;
    readonly now: number;
    readonly set: Pick<
      DeviceCodeRow,
      "decision" | "projectId" | "role" | "decidedBy" | "grantedBy"
    >;
  },
): Promise<boolean> {
  const open = and(
    eq(deviceCodes.hash, input.hash),
    isNull(deviceCodes.decision),
    gt(deviceCodes.expiresAt, input.now),
  );
  const rows = await db
    .update(deviceCodes)
    .set(input.set)
    .where(open)
    .returning({ hash: deviceCodes.hash });
  return rows.length === 1;
}

export interface FoundDevice {
  readonly device: DeviceCodeRow;
  readonly project: string | null;
}

export async function deviceByHash(db: Db, hash: string): Promise<FoundDevice | null> {
  const rows = await db
    .select({ device: deviceCodes, project: projects.name })
    .from(deviceCodes)
    .leftJoin(projects, eq(projects.id, deviceCodes.projectId))
    .where(eq(deviceCodes.hash, hash));
  return rows[0] ?? null;
}

/** Makes the token of an approved code, once, while whoever approved it may still act; false where it was not made. */
export async function claimDevice(
  db: Db,
  input: {
    readonly hash: string;
    readonly now: number;
    readonly token: { readonly id: Id<"token">; readonly hash: string };
    readonly audit: { readonly id: Id<"audit">; readonly requestId: string };
  },
): Promise<boolean> {
  const { audit, hash, now, token } = input;
  const mine: SQL = sql`FROM ${deviceCodes} WHERE hash = ${hash} AND token_id = ${token.id}`;
  const grantor = sql`SELECT expires_at FROM ${tokens} WHERE id = ${deviceCodes}.granted_by AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > ${now})`;
  const results = await runBatch(db, [
    db.run(sql`UPDATE ${deviceCodes} SET token_id = ${token.id}
      WHERE hash = ${hash} AND decision = 'approved' AND token_id IS NULL AND expires_at > ${now}
      AND (granted_by IS NULL OR EXISTS (${grantor}))`),
    db.run(sql`
      INSERT INTO ${tokens} (id, project_id, name, role, hash, created_by, created_at, expires_at, granted_by)
      SELECT ${token.id}, project_id, 'login ' || client_name, role, ${token.hash}, decided_by, ${now},
        (${grantor}), granted_by ${mine}`),
    db.run(sql`
      INSERT INTO audit (id, project_id, at, actor, action, target, detail, request_id)
      SELECT ${audit.id}, project_id, ${now}, decided_by, 'tokens.create', ${token.id},
        json_object('name', 'login ' || client_name, 'role', role), ${audit.requestId} ${mine}`),
    db.select({ id: tokens.id }).from(tokens).where(eq(tokens.id, token.id)),
  ]);
  return results.at(-1)?.length === 1;
}
