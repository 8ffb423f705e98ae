// The launcher's own tools: supervised processes, records of who runs, the lock, and migrations.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { childrenOf, end, identify, isAlive } from "../../scripts/local/identity.ts";
import { applyMigrations, type MigrationDatabase } from "../../scripts/local/migrations.ts";
import { endOrphans, recordRun, takeLock } from "../../scripts/local/run-record.ts";
import { makeState, type StatePaths, statePaths } from "../../scripts/local/state.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Part, type PartEvents } from "../../scripts/supervisor.ts";

let directory: string;
let paths: StatePaths;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "coppice-supervisor-"));
  paths = statePaths(join(directory, "state"));
  makeState(paths);
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function sleeper(command: string, events: PartEvents = {}): Part {
  return new Part(
    {
      name: "sleeper",
      command: "/bin/sh",
      args: ["-c", command],
      env: { PATH: process.env.PATH },
      logFile: join(paths.logs, "sleeper.log"),
      ipc: false,
      graceMs: 300,
    },
    events,
  );
}

describe("a supervised process", () => {
  test("is started again after an end nobody asked for, and not after a stop", async () => {
    const exits: (number | null)[] = [];
    const part = sleeper("echo up; exec sleep 1000", { ended: ({ code }) => exits.push(code) });
    part.start();
    const first = await part.kill();
    await waitUntil({ what: "a second start", withinMs: 3_000 }, () => part.starts === 2);
    expect(part.pid).not.toBe(first);
    const identity = identify(part.pid ?? 0);
    await part.stop();
    expect(identity !== null && isAlive(identity)).toBe(false);
    expect(exits).toHaveLength(1);
    part.start();
    expect(part.pid).toBeNull();
  });

  test("comes back though the disk takes neither log nor record", async () => {
    const part = sleeper("exec sleep 1000", {
      spawned: (pid) => recordRun(paths, "sleeper", pid, "sleep"),
    });
    part.start();
    rmSync(paths.logs, { recursive: true });
    // A directory in the place of the draft: the record can't be replaced, only overwritten.
    mkdirSync(join(paths.run, `sleeper.json.${process.pid}.tmp`));
    await part.kill();
    await waitUntil({ what: "a second start", withinMs: 3_000 }, () => part.pid !== null);
    const record: unknown = JSON.parse(readFileSync(join(paths.run, "sleeper.json"), "utf8"));
    expect(record).toMatchObject({ pid: part.pid, name: "sleeper" });
    rmSync(paths.run, { recursive: true });
    await part.kill();
    await waitUntil({ what: "a third start", withinMs: 3_000 }, () => part.pid !== null);
    await part.stop();
  });

  test("that ignores TERM is killed after its grace", async () => {
    const part = sleeper("trap '' TERM; echo deaf; while :; do sleep 0.05; done");
    part.start();
    await waitUntil({ what: "the trap", withinMs: 3_000 }, () =>
      readFileSync(join(paths.logs, "sleeper.log"), "utf8").includes("deaf"),
    );
    const startedAt = performance.now();
    await part.stop();
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  test("that is retired may end in its own time and stays down", async () => {
    const part = sleeper("sleep 0.1");
    part.start();
    part.retire();
    await waitUntil({ what: "its end", withinMs: 3_000 }, () => part.pid === null);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(part.starts).toBe(1);
  });
});

describe("an orphan", () => {
  test("is ended only where pid, start time and command line fit its record", async () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    await waitUntil({ what: "sleep", withinMs: 3_000 }, () => identify(pid) !== null);
    await waitUntil({ what: "exec", withinMs: 3_000 }, () => childrenOf(process.pid).includes(pid));
    recordRun(paths, "stranger", pid, "no such command line");
    expect(await endOrphans(paths)).toEqual([]);
    recordRun(paths, "reused", pid, "sleep");
    const file = join(paths.run, "reused.json");
    const record = JSON.parse(readFileSync(file, "utf8")) as { startTicks: number };
    writeFileSync(file, JSON.stringify({ ...record, startTicks: record.startTicks - 1 }));
    expect(await endOrphans(paths)).toEqual([]);
    expect(child.exitCode).toBeNull();
    recordRun(paths, "ours", pid, "sleep");
    expect(await endOrphans(paths)).toEqual([{ name: "ours", pid, ended: true }]);
    expect(readdirSync(paths.run)).toEqual([]);
  });
});

describe("the lock of a state directory", () => {
  test("is held once, refused to others while its holder lives, and taken over from a dead one", async () => {
    const lock = takeLock(paths);
    expect(lock.kind).toBe("held");
    expect(takeLock(paths)).toEqual({ kind: "busy", pid: process.pid });
    if (lock.kind === "held") lock.release();
    expect(existsSync(paths.lock)).toBe(false);

    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    const identity = await waitUntil({ what: "sleep", withinMs: 3_000 }, () => {
      return identify(child.pid ?? 0);
    });
    writeFileSync(paths.lock, JSON.stringify({ ...identity, name: "launcher", mark: "" }));
    expect(takeLock(paths)).toEqual({ kind: "busy", pid: identity.pid });
    await end(identity, 1_000);
    expect(takeLock(paths).kind).toBe("held");
  });
});

/** D1's face on node:sqlite: a batch is one transaction. */
function d1(database: DatabaseSync): MigrationDatabase {
  type Statement = ReturnType<MigrationDatabase["prepare"]> & { run(): void };
  const statement = (sql: string, values: string[]): Statement => ({
    bind: (...bound) => statement(sql, bound as string[]),
    all: async <T>() => ({ results: database.prepare(sql).all(...values) as T[] }),
    run: () => void database.prepare(sql).run(...values),
  });
  return {
    prepare: (sql) => statement(sql, []),
    batch: async (statements) => {
      database.exec("BEGIN");
      try {
        for (const one of statements) (one as Statement).run();
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

describe("migrations", () => {
  test("land once each, in order, whole or not at all, in wrangler's own table", async () => {
    const files = join(directory, "migrations");
    const database = new DatabaseSync(":memory:");
    const split = (sql: string) => sql.split(";");
    const write = (name: string, sql: string) => {
      makeState({ ...paths, host: files });
      writeFileSync(join(files, name), sql);
    };
    write("0001_second.sql", "CREATE TABLE b(x);--> statement-breakpoint\nCREATE TABLE c(x);");
    write("0000_first.sql", "CREATE TABLE a(x);");
    expect(await applyMigrations(d1(database), files, split)).toEqual([
      "0000_first.sql",
      "0001_second.sql",
    ]);
    expect(await applyMigrations(d1(database), files, split)).toEqual([]);
    write("0002_broken.sql", "CREATE TABLE d(x); CREATE TABLE a(x);");
    await expect(applyMigrations(d1(database), files, split)).rejects.toThrow(/already exists/);
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE name = 'd'").all();
    expect(tables).toEqual([]);
    const names = database.prepare("SELECT name FROM d1_migrations ORDER BY id").all();
    expect(names.map((row) => row.name)).toEqual(["0000_first.sql", "0001_second.sql"]);
  });
});
