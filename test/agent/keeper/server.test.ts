// The socket and the lock: whatever a client does, the keeper stays; and there is one keeper only.
import { statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, fullId, instanceOf, Keeper, stateDirectory, until } from "./support.ts";

test("malformed lines are answered, and the next good one is served", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  const bad = [
    "garbage",
    "[]",
    "null",
    '"x"',
    '{"type":"dance","id":7}',
    '{"type":"stop","id":8}',
    '{"type":"stop","id":8,"instanceId":"../../etc","graceMs":1,"reason":"stopped"}',
    '{"type":"forget","id":9,"exits":[{}]}',
    '{"type":"ensure","id":10,"instance":{"instanceId":"a/b"}}',
    '{"type":"ensure","id":10}',
    '{"type":"hello"}',
    '{"__proto__":{"type":"hello","protocol":1}}',
    "\0\0\0",
  ];
  client.socket.write(`${bad.join("\n")}\n\n`);
  const failures = await until("all answered", () => {
    const failed = client.raw.filter((message) => message.type === "failed");
    return failed.length === bad.length ? failed : null;
  });
  expect(failures.every((message) => message.code === "malformed")).toBe(true);
  expect(failures.filter((message) => message.id !== 0).map((m) => m.id)).toEqual([
    7, 8, 8, 9, 10, 10,
  ]);
  expect(await client.ensure(instanceOf("exec sleep 1000"))).toMatchObject({ type: "done" });
});

test.each([
  ["command", { command: "" }],
  ["command", { command: "a\0b" }],
  ["cwd", { cwd: "relative" }],
  ["env", { env: { "A=B": "c" } }],
  ["stopSignal", { stopSignal: "SIGKILL" as "SIGTERM" }],
  ["graceMs", { graceMs: -1 }],
  ["graceMs", { graceMs: 2 ** 40 }],
  ["mode", { mode: "sometimes" as "available" }],
  ["restart.jitter", { restart: { baseMs: 1, capMs: 1, jitter: 2, resetAfterMs: 1 } }],
])("an instance with a wrong %s is refused by name", async (field, changes) => {
  const client = await (await Keeper.start()).connect();
  const answer = await client.ensure(instanceOf("true", changes));
  expect(answer).toMatchObject({ type: "failed", code: "malformed" });
  expect(answer).toMatchObject({ message: expect.stringContaining(`instance.${field}`) });
  expect(client.instances.size).toBe(0);
});

test("an endless line costs its sender the connection, nobody else's", async () => {
  const keeper = await Keeper.start();
  const other = await keeper.connect();
  const socket = createConnection(join(keeper.stateDir, "keeper.sock"));
  socket.on("error", () => {});
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(Buffer.alloc(1_200_000, "x"));
  await until("dropped", () => socket.destroyed || socket.readableEnded);
  expect(answer).toMatch(/too long/);
  expect(await other.ensure(instanceOf("exec sleep 1000"))).toMatchObject({ type: "done" });
});

test("a client that does not read is dropped, and the keeper goes on", async () => {
  const keeper = await Keeper.start();
  const deaf = createConnection(join(keeper.stateDir, "keeper.sock"));
  deaf.on("error", () => {});
  deaf.pause();
  // Each bad line is answered; nobody reads the answers.
  const bad = Buffer.alloc(200_000, "x\n");
  let closed = false;
  deaf.on("close", () => {
    closed = true;
  });
  await until("dropped", async () => {
    if (!closed) await new Promise<void>((resolve) => deaf.write(bad, () => resolve()));
    return closed || keeper.stderr.includes("does not read");
  });
  const client = await keeper.connect();
  expect(await client.ensure(instanceOf("exec sleep 1000"))).toMatchObject({ type: "done" });
});

test("all clients hear of a change, whoever asked for it", async () => {
  const keeper = await Keeper.start();
  const [asks, listens] = [await keeper.connect(), await keeper.connect()];
  await asks.ensure(instanceOf("exec sleep 1000"));
  await listens.running();
  await asks.stop("i1");
  await listens.is("stopped");
  expect(await listens.exit(1)).toMatchObject({ reason: "stopped" });
});

test("an unknown instance can't be stopped, and another protocol is refused", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  expect(await client.stop("nobody")).toMatchObject({ type: "failed", code: "unknown_instance" });
  client.send({ type: "hello", protocol: 9 });
  await until("refused", () =>
    client.raw.some((m) => m.type === "failed" && m.code === "protocol"),
  );
});

test("socket, journal and instance files are for their owner alone", async () => {
  const keeper = await Keeper.start();
  const client = await keeper.connect();
  await client.ensure(instanceOf("exec sleep 1000"));
  await client.running();
  const { bootId } = client.welcome!;
  const modeOf = (name: string) => statSync(join(keeper.stateDir, name)).mode & 0o777;
  const files = [
    "keeper.sock",
    "journal.0",
    "journal.1",
    `instances/${fullId("i1")}/instance.json`,
  ];
  for (const name of [...files, `instances/${fullId("i1")}/${bootId}.1.stdout`])
    expect(modeOf(name)).toBe(0o600);
});

test("a second keeper refuses with one clear line, a dead one's lock and socket are taken over", async () => {
  const stateDir = stateDirectory();
  const first = await Keeper.start({ stateDir });
  const second = Keeper.spawn({ stateDir });
  expect(await second.ended()).toBe(1);
  expect(second.stderr).toMatch(/^keeper: another keeper \(pid \d+\) already serves .*\n$/);
  const client = await first.connect();
  await client.ensure(instanceOf("exec sleep 1000"));
  await first.kill();
  const rivals = [
    Keeper.spawn({ stateDir }),
    Keeper.spawn({ stateDir }),
    Keeper.spawn({ stateDir }),
  ];
  await until("all decided", () =>
    rivals.every((one) => one.process.exitCode !== null || one.stderr.includes("keeper: ready")),
  );
  const held = rivals.filter((one) => one.process.exitCode === null);
  expect(held).toHaveLength(1);
  expect(held[0]!.stderr).not.toMatch(/killed/);
});

test("a lock whose pid now belongs to somebody else holds nobody back", async () => {
  const stateDir = stateDirectory();
  writeFileSync(join(stateDir, `keeper.lock.${process.pid}.12345`), "");
  const keeper = await Keeper.start({ stateDir });
  const client = new Client(join(keeper.stateDir, "keeper.sock"));
  expect(await client.hello()).toMatchObject({ type: "welcome", instances: [], exits: [] });
});
