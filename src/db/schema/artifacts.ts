// Artifacts: what of the object store counts, and how far uploads came. The bytes are in R2, under `key`.
import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { HostId, ProjectId } from "../../../protocol/ids.ts";

export const artifacts = sqliteTable(
  "artifacts",
  {
    /** Of the object: another for each upload, so that ending one never touches the bytes of another. */
    key: text("key").primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    digest: text("digest").notNull(),
    /** Who uploads it. */
    hostId: text("host_id").$type<HostId>().notNull(),
    bytes: integer("bytes").notNull(),
    /** Only `stored` counts: whole and verified. `doomed`: its bytes are to be removed, and then this row. */
    state: text("state").$type<"uploading" | "stored" | "doomed">().notNull(),
    /** Of an upload in parts; null where it comes as a whole. */
    uploadId: text("upload_id"),
    partBytes: integer("part_bytes").notNull(),
    /** When somebody last wanted it or sent something of it. */
    touchedAt: integer("touched_at").notNull(),
    /** When it was last looked whether a release refers to it. */
    lookedAt: integer("looked_at").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("artifacts_stored").on(t.projectId, t.digest).where(sql`state = 'stored'`),
    uniqueIndex("artifacts_uploading")
      .on(t.projectId, t.digest, t.hostId)
      .where(sql`state = 'uploading'`),
    index("artifacts_by_state").on(t.state, t.lookedAt),
  ],
);
export type ArtifactRow = typeof artifacts.$inferSelect;

export const artifactParts = sqliteTable(
  "artifact_parts",
  {
    key: text("key").notNull(),
    part: integer("part").notNull(),
    etag: text("etag").notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.part] })],
);
