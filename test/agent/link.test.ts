// Joining, and the channels: who the host says it is, and how it gets back after whatever happened.
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FAST, TestHost, until } from "../support/agent-host.ts";
import { FakeControlPlane } from "../support/fake-control-plane.ts";

let host: TestHost | null = null;
afterEach(async () => {
  await host?.stop();
  host = null;
});

async function unjoined(): Promise<TestHost> {
  host = new TestHost(await FakeControlPlane.start());
  return host;
}

test("join makes the identity at 0600 and never sends the private key; the token is spent", async () => {
  const it = await unjoined();
  it.plane.joinTokens.set("t1", "fresh");
  const { code, said } = await it.join("t1");
  expect({ code, said }).toEqual({ code: 0, said: "joined project shop as host h-1\n" });
  expect(statSync(join(it.state, "agent.json")).mode & 0o777).toBe(0o600);
  const twice = await it.join("t1");
  expect(twice.code).toBe(1);
  expect(twice.said).toContain("already belongs to host h-1");
});

test("a spent token, an unknown one, none, and an address where nobody answers each get one clear line", async () => {
  const it = await unjoined();
  it.plane.joinTokens.set("t1", "spent");
  const spent = await it.join("t1");
  expect(spent.code).toBe(1);
  expect(spent.said).toBe(
    "coppice-agent: The join token was used already: Make a new one with `coppice hosts join-token`.\n",
  );
  expect((await it.join("nope")).said).toContain("Unknown token");
  expect((await it.join("")).said).toContain("TOKEN");
  const nobody = await it.join("t1", ["--url", "http://127.0.0.1:1"]);
  expect(nobody.said).toMatch(
    /^coppice-agent: http:\/\/127\.0\.0\.1:1 cannot be reached .*check --url.*\n$/,
  );
});

test("an agent that never joined says how to; a second one on the same state says that there is one", async () => {
  const it = await unjoined();
  it.startKeeper();
  it.startAgent();
  await until("it says so", () => it.log.includes("has not joined a project"));
  it.plane.joinTokens.set("t1", "fresh");
  await it.join("t1");
  it.startAgent();
  await until("it says hello", () => it.plane.hellos.length > 0);
  const first = it.agent;
  it.startAgent();
  await until("the second one says so", () => it.log.includes("another agent already runs"));
  it.agent?.kill("SIGKILL");
  it.agent = first;
});

test("a lost welcome is no clone: the same nonce is shown again, a new one after the next welcome", async () => {
  const it = await unjoined();
  it.plane.policy = FAST;
  it.plane.joinTokens.set("t1", "fresh");
  await it.join("t1");
  it.plane.sendWelcome = false;
  it.startKeeper();
  it.startAgent();
  await until("a hello", () => it.plane.hellos.length > 0);
  it.plane.cut();
  await it.killAgent();
  it.plane.sendWelcome = true;
  it.startAgent();
  await until("the next hello", () => it.plane.hellos.length > 1);
  const [lost, again] = it.plane.hellos;
  expect(again).toMatchObject({ nonce: lost!.nonce, epoch: 0 });
  await until("it was welcomed", () => it.log.includes("welcome epoch=2"));
  it.plane.cut();
  await until("a third hello", () => it.plane.hellos.length > 2);
  expect(it.plane.hellos[2]).toMatchObject({ epoch: 2 });
  expect(it.plane.hellos[2]?.nonce).not.toBe(lost!.nonce);
});

test("an unanswered ping opens a new channel, and a new epoch brings new hellos to the workers", async () => {
  host = await TestHost.start();
  const { plane, worker } = host;
  await until("pings", () => plane.pings > 3);
  plane.answerPings = false;
  const { hellos } = worker;
  const before = plane.hellos.length;
  await until("it notices the silence", () =>
    /channel=host why="a ping was not answered"/.test(host?.log ?? ""),
  );
  plane.answerPings = true;
  await until("a new host channel", () => plane.hellos.length > before);
  await until("a new worker channel", () => worker.hellos > hellos);
  expect(plane.hellos.at(-1)!.epoch).toBeGreaterThan(0);
});

test("a cloned host is told to rejoin and does not come back by itself", async () => {
  host = await TestHost.start();
  host.plane.closeHost("host_cloned");
  await until("it says so", () => host?.log.includes("rejoin"));
  const before = host.plane.hellos.length;
  host.plane.cut();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(host.plane.hellos.length).toBe(before);
  expect(host.agent?.exitCode).toBeNull();
});

test("a message that makes no sense changes nothing", async () => {
  host = await TestHost.start();
  host.worker.send({ type: "desired", revision: "x" });
  host.worker.send({ type: "from_the_future" });
  host.worker.want({ run: [{ instanceId: "../evil", slot: 0, generation: 1, release: 1 }] });
  await until(
    "each is noted",
    () => host?.log.split(/message not understood|not an id/).length === 4,
  );
  expect(host.agent?.exitCode).toBeNull();
});
