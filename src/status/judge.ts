// The cron's part: judges the minute for each project, and writes what came of it.
//
// 1. Everything is read from projections; no object is woken.
// 2. A minute is judged once (db/incidents.ts): the loser of two crons writes nothing.
import { type Id, type IdKind, makeId } from "../../protocol/ids.ts";
import type { Db } from "../db/client.ts";
import { type IncidentChange, type IncidentRow, writeWindow } from "../db/incidents.ts";
import { type Board, readBoard } from "../db/status-board.ts";
import {
  type JudgedComponent,
  judge,
  type OpenIncident,
  type Step,
  windowDue,
  windowOf,
} from "../domain/incidents.ts";
import { type Model, maintainedNow, makeModel } from "./model.ts";
import { incidentName, stepMessage } from "./words.ts";

const GAPS = 500;
const GAPS_KEPT_MS = 92 * 86_400_000;

function newId<K extends IdKind>(kind: K, now: number): Id<K> {
  return makeId(kind, now, crypto.getRandomValues(new Uint8Array(10)));
}

function byProject(board: Board, now: number): Map<string, JudgedComponent[]> {
  const maintained = maintainedNow(board, now);
  const projects = new Map<string, JudgedComponent[]>();
  // An incident of a project that made all private still ends.
  for (const one of board.incidents) if (one.resolvedAt === null) projects.set(one.projectId, []);
  for (const { component, ledger } of board.components) {
    const { projectId, workerId: id, name } = component;
    const watched = {
      id,
      name,
      kind: ledger?.kind ?? null,
      since: ledger?.since ?? 0,
      maintained: maintained.has(id),
    };
    projects.set(projectId, [...(projects.get(projectId) ?? []), watched]);
  }
  return projects;
}

function changeOf(input: {
  readonly step: Step;
  readonly open: IncidentRow | null;
  readonly projectId: string;
  readonly components: readonly JudgedComponent[];
  readonly now: number;
}): IncidentChange {
  const { step, open, components, now } = input;
  const names = new Map([
    ...components.map(({ id, name }) => [id, name] as const),
    ...(open?.components ?? []).map(({ id, name }) => [id as string, name] as const),
  ]);
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? "a component");
  const kinds = new Map(components.map(({ id, kind }) => [id, kind]));
  const isDown = step.about.some((id) => kinds.get(id) === "down");
  const id = open?.id ?? newId("incident", now);
  const { status, impact } = step;
  const row: IncidentRow = {
    id,
    projectId: (open?.projectId ?? input.projectId) as IncidentRow["projectId"],
    name: open?.name ?? incidentName(named(step.about), isDown),
    status,
    impact,
    components: step.affected.map((one) => ({
      id: one as IncidentRow["components"][number]["id"],
      name: names.get(one) ?? "a component",
    })),
    startedAt: open?.startedAt ?? now,
    monitoringAt: status === "monitoring" ? now : (open?.monitoringAt ?? null),
    resolvedAt: status === "resolved" ? now : null,
    updatedAt: Math.max(now, (open?.updatedAt ?? 0) + 1),
  };
  const message = stepMessage(step.reason, named(step.about), isDown);
  const update = {
    id: newId("incidentUpdate", now),
    incidentId: id,
    status,
    message,
    actor: "coppice",
    at: now,
  };
  return { row, seenAt: open?.updatedAt ?? null, update };
}

/** Judges this minute, unless it was; gives what the page shows now. */
export async function judgeMinute(db: Db, now: number): Promise<Model> {
  const board = await readBoard(db, now);
  const last = board.clock?.window ?? null;
  const { due, blind } = windowDue(last, now);
  if (!due) return makeModel(board, now);
  const before = blind ? {} : (board.clock?.streaks ?? {});
  const streaks: Record<string, { readonly bad: number; readonly good: number }> = {};
  const changes: IncidentChange[] = [];
  for (const [projectId, components] of byProject(board, now)) {
    const open =
      board.incidents.find((one) => one.projectId === projectId && one.resolvedAt === null) ?? null;
    const seen: OpenIncident | null = open && {
      status: open.status as OpenIncident["status"],
      impact: open.impact,
      affected: open.components.map(({ id }) => id),
    };
    const verdict = judge({ components, streaks: before, open: seen, now });
    Object.assign(streaks, verdict.streaks);
    if (verdict.step)
      changes.push(changeOf({ step: verdict.step, open, projectId, components, now }));
  }
  const gap = blind && board.clock ? [[board.clock.at, now] as const] : [];
  const gaps = [...(board.clock?.gaps ?? []), ...gap]
    .filter(([, to]) => to > now - GAPS_KEPT_MS)
    .slice(-GAPS);
  await writeWindow(db, { window: windowOf(now), last, at: now, streaks, gaps, changes });
  return changes.length + gap.length > 0
    ? makeModel(await readBoard(db, now), now)
    : makeModel(board, now);
}
