// Twenty upgrades of a host with fifty programs, every fourth of its keeper, too, and a program killed in the course of each:
// while the new version is fetched, or once the old agent is gone. Those that were not killed are the same processes at the
// end, and each that was is reported once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/agent-host.ts";
import { InstalledHost } from "../support/installed-host.ts";

const INSTANCES = 50;
const ROUNDS = 20;
const KEEPER_EVERY = 4;
const TRIAL_S = 60;

let installed: InstalledHost;

beforeAll(async () => {
  installed = await InstalledHost.start();
  await installed.runs(INSTANCES, "exec sleep 1000");
}, 60_000);

afterAll(() => installed?.stop(), 60_000);

const pids = () => new Map(installed.programs().map((one) => [one.instanceId, one.pid]));
const note = (text: string) => (before: string) => `${before}\n// ${text}\n`;

test(`${ROUNDS} upgrades beside ${INSTANCES} programs`, async () => {
  const { worker } = installed.host;
  const standing = pids();
  const killed: string[] = [];
  const keepers = new Set([installed.pid("keeper")]);
  for (let round = 0; round < ROUNDS; round++) {
    const version = installed.serve({
      "agent.mjs": note(`agent ${round}`),
      "keeper.mjs": note(`keeper ${Math.floor(round / KEEPER_EVERY)}`),
    });
    const { hellos } = worker;
    const agent = installed.pid("agent");
    const victim = [...standing.keys()].at((round * 7) % standing.size)!;
    const before = standing.get(victim)!;
    const upgrade = installed.upgrade(TRIAL_S);
    if (round % 2 === 1)
      await until("the old agent to go", () => installed.pid("agent") !== agent, 30_000);
    process.kill(before, "SIGKILL");
    const { code, said } = await upgrade;
    expect({ code, said }).toMatchObject({ code: 0 });
    killed.push(victim);
    await until("the new agent is back", () => worker.hellos > hellos);
    expect(installed.commandLine("agent")).toContain(version);
    keepers.add(installed.pid("keeper"));
    await until("all programs are reported", () => {
      const now = pids();
      return now.size === INSTANCES && now.get(victim) !== before;
    });
    standing.set(victim, pids().get(victim)!);
    expect(pids()).toEqual(standing);
  }
  await until("every exit is reported", () => worker.uniqueExits().length >= killed.length);
  console.log(
    `${ROUNDS} upgrades, ${keepers.size - 1} of the keeper, too; ${killed.length} programs killed meanwhile, ${worker.uniqueExits().length} exits reported`,
  );
  expect(keepers.size - 1).toBe(ROUNDS / KEEPER_EVERY);
  expect(
    worker
      .uniqueExits()
      .map((one) => one.instanceId)
      .sort(),
  ).toEqual(killed.sort());
  expect(pids()).toEqual(standing);
}, 600_000);
