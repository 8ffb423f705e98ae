// The states of the public status page, each made by the code that makes the real one from a board as D1 would give it.
import type { LedgerKind } from "../../../protocol/status-page.ts";
import type { Board, PublicComponent } from "../../../src/db/status-board.ts";
import { makeModel, modelOf } from "../../../src/status/model.ts";
import { renderAbsent, renderNothing, renderPage } from "../../../src/status/page.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 4);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ALL = { origin: "https://coppice.example", project: null };

const EMPTY: Board = { components: [], incidents: [], updates: [], maintenances: [], clock: null };

/** A component with some bad days behind it. */
function component(
  name: string,
  kind: LedgerKind | null,
  more: { readonly heading?: string; readonly project?: string; readonly sinceMs?: number } = {},
): PublicComponent {
  const { heading = null, project = "shop", sinceMs = 20 * MINUTE_MS } = more;
  const today = Math.floor(NOW / DAY_MS);
  const days = Object.fromEntries(
    Array.from({ length: 80 }, (_, at) => {
      const bad = at === 20 ? 6 * 3_600_000 : at === 41 ? 8 * MINUTE_MS : 0;
      const day = { up: DAY_MS - bad, degraded: at === 41 ? bad : 0, down: at === 20 ? bad : 0 };
      return [today - 80 + at, { ...day, unknown: 0, idle: 0 }];
    }),
  );
  return {
    component: {
      workerId: `wrk_${name}` as PublicComponent["component"]["workerId"],
      projectId: `prj_${project}` as PublicComponent["component"]["projectId"],
      name,
      heading,
      createdAt: NOW - 90 * DAY_MS,
      updatedAt: NOW,
    },
    project,
    ledger: kind === null ? null : { kind, since: NOW - sinceMs, days },
  };
}

const incident = (resolvedAt: number | null): Pick<Board, "incidents" | "updates"> => {
  const components = [{ id: "wrk_Mail", name: "Mail" }];
  const of = { projectId: "prj_shop" as never, components };
  const times = { startedAt: NOW - 2 * 3_600_000, monitoringAt: null, resolvedAt, updatedAt: NOW };
  const status = resolvedAt === null ? "identified" : "resolved";
  const impact = "major" as const;
  const row = { id: "inc_1", name: "Mail is down", status, impact, ...of, ...times };
  const update = (id: string, at: number, status: string, message: string) => ({
    ...{ id, incidentId: "inc_1", at, status, message, actor: "ada" },
  });
  return {
    incidents: [row as unknown as Board["incidents"][number]],
    updates: [
      update("upd_2", NOW - 3_600_000, status, "A disk is full.\nIt is being replaced."),
      update("upd_1", NOW - 7_200_000, "investigating", "Mail does not run."),
    ] as unknown as Board["updates"],
  };
};

const maintenance = {
  ...{ id: "mnt_1", projectId: "prj_shop", name: "Move to new hosts", canceledAt: null },
  ...{ message: "Imports pause for some minutes.", createdAt: NOW - DAY_MS },
  ...{ startsAt: NOW - 10 * MINUTE_MS, endsAt: NOW + 50 * MINUTE_MS },
  components: [{ id: "wrk_Import", name: "Import" }],
} as unknown as Board["maintenances"][number];

const whole = (board: Partial<Board>, asOf = NOW) =>
  renderPage(makeModel({ ...EMPTY, ...board }, asOf), ALL, NOW);

const UP = [
  component("Mail", "up"),
  component("Import", "up", { heading: "Imports" }),
  component("Index", "up", { project: "labs" }),
];

export const STATUS_PAGES: Readonly<Record<string, string>> = {
  empty: whole({}),
  operational: whole({ components: UP }),
  incident: whole({
    components: [component("Mail", "down"), component("Import", "degraded"), ...UP.slice(2)],
    ...incident(null),
  }),
  resolved: whole({ components: UP, ...incident(NOW - MINUTE_MS) }),
  maintenance: whole({ components: UP, maintenances: [maintenance] }),
  "no-data": whole({
    components: [
      component("Mail", null),
      component("Import", "unknown", { sinceMs: 3 * DAY_MS }),
      component("Index", "stopped"),
      component("Thumbs", "pending"),
    ],
  }),
  snapshot: whole({ components: UP }, NOW - 10 * MINUTE_MS),
  project: renderPage(
    modelOf(makeModel({ ...EMPTY, components: UP }, NOW), "labs") ?? makeModel(EMPTY, NOW),
    { ...ALL, project: "labs" },
    NOW,
  ),
  hostile: whole({
    components: [
      component(`<script>window.hacked=1</script>"'&`, "up", { heading: "\u202egnp.exe" }),
      component("x".repeat(120), "down"),
    ],
  }),
  "nothing-known": renderNothing(ALL),
  absent: renderAbsent({ ...ALL, project: "nowhere" }),
};
