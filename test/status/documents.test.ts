// What machines read: Statuspage v2, Atom, badges. Each document in each state fits the strict schema of a v2 client.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ShieldsBadge,
  STATUSPAGE_DOCUMENTS,
  type StatuspageDocument,
} from "../../protocol/statuspage.ts";
import { judgeMinute } from "../../src/status/judge.ts";
import { makeWorld, realEnv, type World } from "../http/support.ts";
import { addProject, db, emptyBoard, restart, TestComponent, untouchable } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld(untouchable().env);
});
beforeEach(emptyBoard);

const documents = Object.keys(STATUSPAGE_DOCUMENTS) as StatuspageDocument[];
const read = (path: string) => world.ask<never>(path, { token: null });

async function summary(base = "") {
  const { body } = await read(`${base}/api/v2/summary.json`);
  return STATUSPAGE_DOCUMENTS.summary.parse(body);
}

async function checkAll(base: string): Promise<void> {
  for (const kind of documents) {
    const { status, headers, body } = await read(`${base}/api/v2/${kind}.json`);
    expect(status).toBe(200);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("content-type")).toContain("application/json");
    STATUSPAGE_DOCUMENTS[kind].parse(body);
  }
}

async function plan(project: { id: string }, component: TestComponent, from: number, to: number) {
  await realEnv.DB.prepare(
    "INSERT INTO maintenances VALUES (?, ?, 'Move', 'We move.', ?, ?, ?, 1, NULL)",
  )
    .bind(`mnt_${from}`, project.id, JSON.stringify([{ id: component.id, name: "x" }]), from, to)
    .run();
}

describe("every document fits the schema", () => {
  it("where nothing is public", async () => {
    await checkAll("");
    const empty = await summary();
    expect(empty).toMatchObject({ components: [], incidents: [], scheduled_maintenances: [] });
    expect(empty.status).toEqual({ indicator: "none", description: "Nothing Is Published Yet" });
  });

  it("with groups, an open incident, a resolved one, and maintenances past, present and to come", async () => {
    const now = Date.now();
    const project = await addProject();
    const down = await TestComponent.add(project, {
      kind: "down",
      sinceMs: 600_000,
      heading: "Core",
    });
    const other = await TestComponent.add(project, { kind: "up" });
    await TestComponent.add(project, { kind: null, heading: "Core" });
    await judgeMinute(db, now - 60_000);
    await judgeMinute(db, now);
    await plan(project, other, now - 7_200_000, now - 3_600_000);
    await plan(project, other, now - 60_000, now + 3_600_000);
    await plan(project, other, now + 7_200_000, now + 9_000_000);
    await restart();
    await checkAll("");
    await checkAll(`/status/${project.name}`);
    const all = await summary();
    expect(all.incidents).toHaveLength(1);
    expect(all.incidents[0]).toMatchObject({ status: "investigating", resolved_at: null });
    expect(all.incidents[0]!.components.map(({ id }) => id)).toEqual([down.id]);
    expect(all.incidents[0]!.shortlink).toBe(
      `https://coppice.test/status/${project.name}#${all.incidents[0]!.id}`,
    );
    expect(all.scheduled_maintenances.map(({ status }) => status)).toEqual([
      "in_progress",
      "scheduled",
    ]);
    const group = all.components.find((one) => one.group && one.name.endsWith("Core"))!;
    expect(group.status).toBe("major_outage");
    expect(all.components.filter((one) => one.group_id === group.id).map(({ id }) => id)).toEqual(
      group.components,
    );
    const maintained = all.components.find(({ id }) => id === other.id);
    expect(maintained?.status).toBe("under_maintenance");
    const active = await read("/api/v2/scheduled-maintenances/active.json");
    expect(active.body).toMatchObject({ scheduled_maintenances: [{ status: "in_progress" }] });
    const upcoming = await read("/api/v2/scheduled-maintenances/upcoming.json");
    expect(upcoming.body).toMatchObject({ scheduled_maintenances: [{ status: "scheduled" }] });
  });

  it("and an unknown project has none", async () => {
    const { status, headers } = await read("/status/nobody/api/v2/summary.json");
    expect(status).toBe(404);
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("the indicator", () => {
  it.each([
    ["all up", ["up", "up", "up", "up"], "none", "All Systems Operational"],
    ["one of four down", ["down", "up", "up", "up"], "minor", "Partially Degraded Service"],
    ["half down", ["down", "down", "up", "up"], "major", "Partial System Outage"],
    ["all down", ["down", "down", "down", "down"], "critical", "Major System Outage"],
    ["one stopped by its owner", ["stopped", "up"], "none", "All Systems Operational"],
    ["one silent: never all operational", ["unknown", "up"], "minor", "Some Data Is Missing"],
  ] as const)("%s", async (_name, kinds, indicator, description) => {
    const project = await addProject();
    for (const kind of kinds) await TestComponent.add(project, { kind, sinceMs: 600_000 });
    expect((await summary()).status).toEqual({ indicator, description });
  });

  it("no component without data is operational", async () => {
    const project = await addProject();
    await TestComponent.add(project, { kind: null });
    await TestComponent.add(project, { kind: "unknown" });
    for (const one of (await summary()).components) expect(one.status).not.toBe("operational");
  });
});

describe("badges and the feed", () => {
  it("say how all is, one project and one component", async () => {
    const project = await addProject();
    const one = await TestComponent.add(project, { name: "Mail er", kind: "degraded" });
    const at = `/status/${project.name}`;
    const cases = [
      ["", "status", "partially degraded service"],
      [at, "status", "partially degraded service"],
      [`${at}/components/${one.id}`, "Mail er", "degraded"],
      [`${at}/components/Mail%20er`, "Mail er", "degraded"],
    ];
    for (const [base, label, message] of cases) {
      const shield = await read(`${base}/badge.json`);
      expect(ShieldsBadge.parse(shield.body)).toMatchObject({ label, message });
      const svg = await read(`${base}/badge.svg`);
      expect(svg.headers.get("content-type")).toContain("image/svg+xml");
      expect(svg.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
      expect(svg.text).toContain(`<title>${label}: ${message}</title>`);
    }
    expect((await read(`${at}/components/nobody/badge.svg`)).status).toBe(404);
  });

  it("tell of incidents in an Atom feed that is well formed", async () => {
    const now = Date.now();
    const project = await addProject();
    await TestComponent.add(project, { name: "A & B", kind: "down", sinceMs: 600_000 });
    for (const at of [now - 60_000, now]) await judgeMinute(db, at);
    const { text, headers } = await read("/history.atom");
    expect(headers.get("content-type")).toContain("application/atom+xml");
    expect(text).toContain("<title>A &amp; B is down</title>");
    const names = [...text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)];
    const open: string[] = [];
    for (const [, closing, name, alone] of names) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!alone) open.push(name!);
    }
    expect(open).toEqual([]);
  });
});
