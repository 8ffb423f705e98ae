// The HostObject's own tables; one meta row, the reservations, the agenda.
// Read and written by raw statements (store.ts); drizzle makes the migrations from here.
import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const meta = sqliteTable("meta", {
  id: integer("id").primaryKey(),
  hostId: text("host_id").notNull(),
  projectId: text("project_id").notNull(),
  name: text("name").notNull(),
  publicKey: text("public_key").notNull(),
  capacity: text("capacity").notNull(),
  facts: text("facts").notNull(),
  epoch: integer("epoch").notNull(),
  nonce: text("nonce"),
  /** When the channel was accepted whose `hello` was granted the epoch. */
  acceptedAt: integer("accepted_at").notNull().default(0),
  /** joining, online, lost, cloned or removed; suspect is judged when asked. */
  status: text("status").notNull(),
  /** Of the time without a channel: when it was last heard. */
  lastHeardAt: integer("last_heard_at"),
  /** When silence was given a fresh term by an alarm that came late; nothing was heard then. */
  termFrom: integer("term_from"),
  /** 1 while a greeted channel should be there: a restart finds it missing. */
  connected: integer("connected").notNull(),
  revision: integer("revision").notNull(),
  projection: integer("projection").notNull(),
  projected: text("projected").notNull(),
  projectedAt: integer("projected_at").notNull(),
  lostAt: integer("lost_at"),
  intentVersion: integer("intent_version").notNull().default(0),
  cordoned: integer("cordoned").notNull().default(0),
  /** By when it has to be empty; null where it is not drained. */
  drainUntil: integer("drain_until"),
  /** JSON of why replacement is frozen; null where it is not. */
  frozen: text("frozen"),
  /** Somebody said that it is dead indeed: frozen no more. */
  thawedByHand: integer("thawed_by_hand").notNull().default(0),
});

export const reservations = sqliteTable("reservations", {
  key: text("key").primaryKey(),
  workerId: text("worker_id").notNull(),
  kind: text("kind").notNull(),
  confirmed: integer("confirmed").notNull(),
  createdAt: integer("created_at").notNull(),
  memoryBytes: integer("memory_bytes").notNull().default(0),
  cpus: real("cpus").notNull().default(0),
});

export const agenda = sqliteTable(
  "agenda",
  {
    kind: text("kind").notNull(),
    key: text("key").notNull(),
    due: integer("due").notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.key] })],
);
