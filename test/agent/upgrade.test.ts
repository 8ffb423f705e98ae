// Upgrades of agent and keeper, and their way back, with real processes: no program notices any of it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/agent-host.ts";
import { InstalledHost, type Program } from "../support/installed-host.ts";
import { THOROUGH } from "../support/thorough.ts";

const COUNT = 5;
const TRIAL_S = 4;
const POISON = () => "throw new Error('poison');\n";
/** Does nothing, and does not end when asked. */
const HANGS = () => "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);\n";
const note = (text: string) => (before: string) => `${before}\n// ${text}\n`;

let installed: InstalledHost;
let first: string;
let before: readonly Program[];

beforeAll(async () => {
  installed = await InstalledHost.start();
  first = installed.linked("agent") ?? "";
  before = await installed.runs(COUNT, "while sleep 0.2; do date; done");
}, 60_000);

afterAll(() => installed?.stop(), 30_000);

/** What had come from the agent until now. */
const heard = () => {
  const { hellos, reports } = installed.host.worker;
  return { hellos, reports: reports.length };
};

/** The agent came back since, has reported, and every program is the process that it was. */
async function nothingNoticed(since: ReturnType<typeof heard>): Promise<void> {
  const { worker } = installed.host;
  await until("the agent came back", () => worker.hellos > since.hellos);
  await until("it reports", () => worker.reports.length > since.reports);
  await until("all programs are reported", () => installed.programs().length === COUNT);
  expect(installed.programs()).toEqual(before);
  expect(worker.exits).toEqual([]);
}

test("a version whose download is falsified is not used", async () => {
  const version = installed.serve({ "agent.mjs": note("falsified") });
  installed.falsify((path, bytes) => (path.endsWith("agent.mjs") ? bytes.subarray(1) : bytes));
  const { code, said } = await installed.upgrade(TRIAL_S);
  installed.falsify(null);
  expect(code).toBe(1);
  expect(said).toMatch(/agent.mjs has the wrong checksum/);
  expect(readdirSync(join(installed.prefix, "versions"))).not.toContain(version);
  expect(installed.linked("agent")).toBe(first);
});

test("an agent that breaks at import is turned back", async () => {
  const since = heard();
  const version = installed.serve({ "agent.mjs": POISON });
  const { code, said } = await installed.upgrade(60);
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`agent ${version} ended 3 times .* ${first} runs again`));
  await nothingNoticed(since);
  expect(installed.commandLine("agent")).toContain(first);
  expect(installed.log("agent")).toMatch(/poison[\s\S]*turned back/);
});

test("an agent that hangs is turned back when its time is over", async () => {
  const since = heard();
  const version = installed.serve({ "agent.mjs": HANGS });
  const { code, said } = await installed.upgrade(TRIAL_S);
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`agent ${version} was not accepted within ${TRIAL_S} s`));
  await nothingNoticed(since);
  expect(installed.commandLine("agent")).toContain(first);
});

test("a keeper that breaks or hangs is turned back, and the programs run on", async () => {
  const breaks = [POISON, 60, /keeper .* ended 3 times/] as const;
  const hangs = [HANGS, TRIAL_S, /keeper .* did not answer within 4 s/] as const;
  for (const [keeper, trialS, why] of THOROUGH ? [breaks, hangs] : [hangs]) {
    installed.serve({ "keeper.mjs": keeper });
    const { code, said } = await installed.upgrade(trialS);
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringMatching(why) });
    expect(said).toContain(`${first} runs again`);
    expect(installed.commandLine("keeper")).toContain(first);
    await until("all programs are reported", () => installed.programs().length === COUNT);
    expect(installed.programs()).toEqual(before);
  }
}, 120_000);

test("a good version takes over agent and keeper", async () => {
  const since = heard();
  const keeper = installed.pid("keeper");
  const version = installed.serve({ "agent.mjs": note("new"), "keeper.mjs": note("new") });
  const { code, said } = await installed.upgrade(60);
  expect({ code, said }).toMatchObject({ code: 0 });
  await nothingNoticed(since);
  for (const role of ["agent", "keeper"] as const) {
    expect(installed.linked(role)).toBe(version);
    expect(installed.commandLine(role)).toContain(version);
  }
  expect(installed.pid("keeper")).not.toBe(keeper);
  expect(installed.host.plane.hellos.at(-1)?.facts.agentVersion).toBe(version);
  expect(readdirSync(join(installed.prefix, "versions")).length).toBeLessThanOrEqual(3);
});

test("where only the agent changed, the keeper is not restarted", async () => {
  const keeper = installed.pid("keeper");
  const version = installed.serve({ "agent.mjs": note("newer"), "keeper.mjs": note("new") });
  const { code, said } = await installed.upgrade(60);
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(installed.linked("keeper")).toBe(version);
  expect(installed.pid("keeper")).toBe(keeper);
  expect(await installed.upgrade(60)).toMatchObject({
    code: 0,
    said: expect.stringContaining("already"),
  });
  expect(installed.programs()).toEqual(before);
});

test("a program that ends later is still restarted by the keeper that took it over", async () => {
  const pid = before[0]?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  const exits = await until("the exit is reported", () => {
    const found = installed.host.worker.uniqueExits();
    return found.length > 0 && found;
  });
  expect(exits).toHaveLength(1);
  await until("it runs again", () => installed.programs().length === COUNT && installed.programs());
});
