// Groups of variables that the workers of a project share. Their variables are kept as a worker's are.
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { GroupId, ProjectId } from "../../../protocol/ids.ts";
import { varFlags } from "./env.ts";

export const envGroups = sqliteTable(
  "env_groups",
  {
    id: text("id").$type<GroupId>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    /** Never changed: specs name it. */
    name: text("name").notNull(),
    /** 0 as long as no variable was ever set. */
    envVersion: integer("env_version").notNull().default(0),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [uniqueIndex("env_groups_by_name").on(t.projectId, t.name)],
);
export type GroupRow = typeof envGroups.$inferSelect;

export const groupVars = sqliteTable(
  "group_vars",
  {
    groupId: text("group_id").$type<GroupId>().notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    iv: text("iv"),
    ciphertext: text("ciphertext"),
    ...varFlags,
    createdAt: integer("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.name, t.version] })],
);
