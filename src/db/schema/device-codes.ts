// Clients that wait for a person to sign them in; of the client's secret only the SHA-256 is kept.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Id, ProjectId } from "../../../protocol/ids.ts";
import type { Role } from "../../../protocol/rest.ts";

export const deviceCodes = sqliteTable("device_codes", {
  hash: text("hash").primaryKey(),
  /** Without its hyphen. */
  userCode: text("user_code").notNull().unique(),
  clientName: text("client_name").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  decision: text("decision").$type<"approved" | "denied">(),
  // What was approved, and by whom.
  projectId: text("project_id").$type<ProjectId>(),
  role: text("role").$type<Exclude<Role, "operator">>(),
  decidedBy: text("decided_by"),
  grantedBy: text("granted_by").$type<Id<"token">>(),
  /** The token that came of it. */
  tokenId: text("token_id").$type<Id<"token">>(),
});
export type DeviceCodeRow = typeof deviceCodes.$inferSelect;
