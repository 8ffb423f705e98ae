// The agent as a process, with a real keeper, real programs and a control plane that speaks the real protocol.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FAST, INSTANCE, TestHost, until } from "../support/agent-host.ts";

let host: TestHost;
afterEach(async () => {
  expect(host.plane.faults).toEqual([]);
  await host.stop();
});

const TICKING = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.01; done';

test("an instance is prepared, started, healthy after its soak, and its environment is clean", async () => {
  host = await TestHost.start();
  await host.runScript("env | sort; pwd; exec sleep 1000", {
    env: { GREETING: "hi", PATH: "/bin:/usr/bin" },
    plain: ["PATH"],
  });
  const report = await host.reported((r) => r.instances[0]?.state === "healthy");
  expect(report.revision).toBe(1);
  expect(report.instances[0]).toMatchObject({ slot: 0, generation: 1, release: 1, attempt: 1 });
  const text = await until("its output", () => host.worker.text({ stream: "stdout" }) || null);
  const lines = text
    .trim()
    .split("\n")
    .filter((line) => !/^(PWD|SHLVL|OLDPWD|_)=/.test(line));
  const home = join(host.state, "homes/wrk_1");
  expect(lines.slice(0, -1)).toEqual([
    expect.stringMatching(/^COPPICE_COMMIT=[0-9a-f]{40}$/),
    "COPPICE_GENERATION=1",
    `COPPICE_INSTANCE=${INSTANCE}`,
    "COPPICE_PROJECT=shop",
    "COPPICE_RELEASE=1",
    "COPPICE_SLOT=0",
    "COPPICE_WORKER=mailer",
    "GREETING=hi",
    `HOME=${home}`,
    "LANG=C.UTF-8",
    "PATH=/bin:/usr/bin",
  ]);
  expect(host.log).not.toContain("error");
});

test("only a tombstone stops: an empty set, a lost listing and a 401 storm stop nothing", async () => {
  host = await TestHost.start();
  await host.runScript(TICKING);
  const pid = (await host.reported((r) => r.instances[0]?.pid != null)).instances[0]!.pid!;
  const alive = () => existsSync(`/proc/${pid}`);
  host.worker.want({ run: [], releases: [] });
  host.plane.list();
  await host.reported((r) => r.revision === 2);
  host.plane.refuseUpgradesWith = 401;
  host.plane.cut();
  await until("ten refusals", () => host.plane.refused > 10);
  for (const status of [403, 404, 500]) {
    host.plane.refuseUpgradesWith = status;
    const before = host.plane.refused;
    await until(`refusals with ${status}`, () => host.plane.refused > before + 2);
  }
  expect(alive()).toBe(true);
  host.plane.refuseUpgradesWith = null;
  host.worker.want({ stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 1_000 }] });
  await host.reported((r) => r.revision === 3 && r.instances.length === 0);
  expect(alive()).toBe(false);
  expect(host.worker.uniqueExits()).toMatchObject([{ reason: "stopped", attempt: 1 }]);
  await until("nothing is left of it", () => !existsSync(join(host.state, "instances", INSTANCE)));
});

test("an older revision is ignored", async () => {
  host = await TestHost.start();
  await host.runScript(TICKING);
  host.worker.want({});
  await host.reported((r) => r.revision === 2);
  host.worker.send({
    ...host.worker.desired,
    revision: 1,
    stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 1_000 }],
  });
  await until("it says so", () => host.log.includes("older revision ignored"));
  expect(host.worker.report?.instances[0]?.state).not.toMatch(/stop/);
});

test("each crash is reported with its tail, after its last output, and exactly once where acks get lost", async () => {
  host = await TestHost.start();
  host.worker.ackReports = false;
  await host.runScript('echo "out $$"; echo err >&2; exit 3');
  await until("three crashes", () => host.worker.uniqueExits().length >= 3);
  const [first] = host.worker.exits;
  expect(first).toMatchObject({ exitCode: 3, reason: "crash", attempt: 1, slot: 0, release: 1 });
  expect(first!.tail).toEqual([expect.stringMatching(/^out \d+$/), "err"]);
  host.plane.cut();
  const before = host.worker.exits.filter((exit) => exit.attempt === 1).length;
  await until(
    "the unacknowledged exit is told again",
    () => host.worker.exits.filter((exit) => exit.attempt === 1).length > before,
  );
  host.worker.ackReports = true;
  host.plane.cut();
  await until("all acknowledged", () => host.worker.report?.exits.length === 0);
  const told = host.worker.exits.filter((exit) => exit.attempt === 1).length;
  host.plane.cut();
  const { hellos } = host.worker;
  await until("a new channel", () => host.worker.hellos > hellos && host.worker.report);
  expect(host.worker.exits.filter((exit) => exit.attempt === 1)).toHaveLength(told);
});

test("agent killed with frames in flight: no line is lost or doubled, no exit either", async () => {
  host = await TestHost.start();
  const script = `start=$(cat "$HOME/n" 2>/dev/null || echo 0); i=$start
while [ $i -lt 6000 ]; do i=$((i+1)); echo "line $i"; if [ $((i % 2000)) = 0 ]; then echo $i > "$HOME/n"; exit 1; fi; done
exec sleep 1000`;
  host.worker.ackFrames = false;
  await host.runScript(script);
  for (let round = 0; round < 4; round++) {
    await until("frames arrive", () => host.worker.streams.size > round / 2);
    await host.killAgent();
    host.worker.ackFrames = round >= 1;
    host.startAgent();
    const { hellos } = host.worker;
    await until("the next agent", () => host.worker.hellos > hellos);
  }
  const last = "line 6000\n";
  const text = await until(`all lines ${host.log}`, () => {
    const so = host.worker.text({ stream: "stdout" });
    return so.endsWith(last) && so;
  });
  const wanted = Array.from({ length: 6000 }, (_, i) => `line ${i + 1}\n`).join("");
  expect(text).toBe(wanted);
  expect(host.worker.changedRepeats).toBe(0);
  await until("three exits", () => host.worker.uniqueExits().length === 3);
  expect(host.worker.uniqueExits().map((exit) => exit.attempt)).toEqual([1, 2, 3]);
});

test("keeper killed: the program goes on, and the agent finds it again", async () => {
  host = await TestHost.start();
  await host.runScript(TICKING);
  const { pid } = (await host.reported((r) => r.instances[0]?.pid != null)).instances[0]!;
  await host.killKeeper();
  await until("the agent notices", () => host.log.includes("keeper away"));
  host.startKeeper();
  await until("it is back", () => host.log.split("keeper connected").length > 2);
  host.worker.want({});
  const report = await host.reported((r) => r.revision === 2);
  expect(report.instances).toMatchObject([{ pid, attempt: 1, restarts: 0 }]);
});

test("an instance that outlived an agent is let go of whole: files laid ready for an attempt that never came are no output", async () => {
  host = await TestHost.start();
  await host.runScript("exec sleep 1000");
  const dir = join(host.state, "instances", INSTANCE);
  await until("the next attempt's files lie ready", () =>
    readdirSync(dir).some((name) => name.endsWith(".2.stdout")),
  );
  await host.killAgent();
  host.startAgent();
  const { hellos } = host.worker;
  await until("the next agent", () => host.worker.hellos > hellos);
  host.worker.want({
    run: [],
    stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 1_000 }],
  });
  await host.reported((r) => r.revision === 2 && r.instances.length === 0);
  await until("nothing is left of it", () => !existsSync(dir));
});

test("a stop in a back-off leaves nothing behind either", async () => {
  host = await TestHost.start({ ...FAST, restart: { baseMs: 60_000, capMs: 60_000 } });
  await host.runScript("sleep 0.2; exit 1");
  await host.reported((r) => r.instances[0]?.state === "backoff");
  host.worker.want({
    run: [],
    stop: [{ instanceId: INSTANCE, reason: "stopped", graceMs: 1_000 }],
  });
  await host.reported((r) => r.revision === 2 && r.instances.length === 0);
  await until("nothing is left of it", () => !existsSync(join(host.state, "instances", INSTANCE)));
});

test("a flush is answered once everything before it is stored", async () => {
  host = await TestHost.start({ ...host_slow() });
  await host.runScript('for i in 1 2 3; do echo "line $i"; done; printf partial; exec sleep 1000');
  await until("it wrote", () => readOutput(host).endsWith("partial"));
  expect(host.worker.text()).toBe("");
  host.worker.send({ type: "flush", id: "f1" });
  await until("flushed", () => host.worker.flushed.includes("f1"));
  expect(host.worker.text()).toBe("line 1\nline 2\nline 3\n");
  host.worker.send({ type: "flush", id: "f2" });
  await until("flushed again", () => host.worker.flushed.includes("f2"));
});

test("while somebody reads, lines leave at once", async () => {
  host = await TestHost.start(host_slow());
  await host.runScript("while :; do echo tick; sleep 0.05; done");
  host.worker.send({ type: "attend", forMs: 10_000 });
  await until("many small frames", () => {
    const [stream] = host.worker.streams.values();
    return (stream?.headers.length ?? 0) > 5;
  });
});

test("a refused frame is cut again from where the object wants it", async () => {
  host = await TestHost.start();
  await host.runScript(
    'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; sleep 0.005; done; exec sleep 1000',
  );
  await until("some lines", () => host.worker.text().length > 200);
  host.worker.refuseNextAt = 57;
  const text = await until("all lines", () => {
    const so = host.worker.text();
    return so.endsWith("line 300\n") && so;
  });
  expect(text).toBe(Array.from({ length: 300 }, (_, i) => `line ${i + 1}\n`).join(""));
});

test("a terminated agent flushes first; the program goes on", async () => {
  host = await TestHost.start(host_slow());
  await host.runScript("echo hello; exec sleep 1000");
  const { pid } = (await host.reported((r) => r.instances[0]?.pid != null)).instances[0]!;
  await until("it wrote", () => readOutput(host) === "hello\n");
  await host.killAgent("SIGTERM");
  expect(host.agent?.exitCode).toBe(0);
  expect(host.worker.text()).toBe("hello\n");
  expect(existsSync(`/proc/${pid}`)).toBe(true);
});

function host_slow() {
  return { reconnect: { firstMs: 60 }, logs: { readMs: 20, flushMs: 600_000 } };
}

function readOutput(of: TestHost): string {
  const [instance] = of.worker.report?.instances ?? [];
  const path = `instances/${INSTANCE}/${instance?.bootId}.${instance?.attempt}.stdout`;
  return existsSync(join(of.state, path)) ? readFileSync(join(of.state, path), "utf8") : "";
}

test("output from before a loss of power that took the instance's file is shipped once it is wanted again", async () => {
  host = await TestHost.start();
  const dir = join(host.state, "instances", INSTANCE);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "boot-before.1.stdout"), "its last words\n");
  writeFileSync(join(dir, "instance.json"), '{"instanceId":"ins');
  await host.runScript("echo again; exec sleep 1000");
  const of = (bootId: string) => host.worker.text({ stream: "stdout", bootId });
  await until("what it said before", () => of("boot-before") === "its last words\n");
  await until("what it says now", () => host.worker.text({ stream: "stdout" }).includes("again"));
});
