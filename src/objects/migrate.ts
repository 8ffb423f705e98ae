// Brings an object's tables up to date; runs before its first event, each time it wakes.
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";

export type Migrations = Parameters<typeof migrate>[1];

export async function bringUpToDate(
  storage: DurableObjectStorage,
  migrations: Migrations,
): Promise<void> {
  await migrate(drizzle(storage), migrations);
}
