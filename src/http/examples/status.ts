// Examples of what owners say on the status page, and of its public documents.
import * as page from "../../../protocol/status-page.ts";
import {
  ShieldsBadge,
  STATUSPAGE_DOCUMENTS,
  type StatuspageComponent,
} from "../../../protocol/statuspage.ts";
import { AT as at, example, LATER as later, WORKER_ID as worker } from "./table.ts";

const component = { id: worker, name: "Mail" };
const maintenance = {
  name: "New disks",
  message: "Mails are sent a little later.",
  startsAt: at,
  endsAt: later,
};

example(page.PublishWorker, { public: true, name: component.name, group: "Shop" });
example(page.StatusPageView, {
  public: true,
  name: component.name,
  group: "Shop",
  updatedAt: at,
});
example(page.IncidentView, {
  id: "inc_0198ad1c2f7e7a41b2c3d4e5f6071829",
  name: "Mail is down",
  status: "identified",
  impact: "major",
  startedAt: at,
  monitoringAt: null,
  resolvedAt: null,
  components: [component],
  updates: [
    {
      id: "inu_0198ad1c2f7e7a41b2c3d4e5f6071829",
      status: "identified",
      message: "Our mail provider refuses us; we are on it.",
      at: later,
      actor: "ci",
    },
  ],
});
example(page.AnnotateIncident, {
  message: "Our mail provider refuses us; we are on it.",
  status: "identified",
});
example(page.CreateMaintenance, { ...maintenance, workers: ["mailer"] });
example(page.MaintenanceView, {
  id: "mnt_0198ad1c2f7e7a41b2c3d4e5f6071829",
  ...maintenance,
  status: "scheduled",
  createdAt: at,
  components: [component],
});

const itsPage = {
  id: "coppice",
  name: "Coppice",
  url: "https://coppice.example/status",
  time_zone: "Etc/UTC",
  updated_at: later,
} as const;
const status = { indicator: "none", description: "All Systems Operational" } as const;
const shown: StatuspageComponent = {
  id: worker,
  name: component.name,
  status: "operational",
  created_at: at,
  updated_at: later,
  position: 1,
  description: null,
  showcase: false,
  start_date: null,
  group_id: null,
  page_id: itsPage.id,
  group: false,
  only_show_if_degraded: false,
};
const none = { page: itsPage, incidents: [] };
const noMaintenance = { page: itsPage, scheduled_maintenances: [] };

example(STATUSPAGE_DOCUMENTS.summary, {
  ...none,
  ...noMaintenance,
  components: [shown],
  status,
});
example(STATUSPAGE_DOCUMENTS.status, { page: itsPage, status });
example(STATUSPAGE_DOCUMENTS.components, { page: itsPage, components: [shown] });
example(STATUSPAGE_DOCUMENTS.incidents, none);
example(STATUSPAGE_DOCUMENTS["incidents/unresolved"], none);
example(STATUSPAGE_DOCUMENTS["scheduled-maintenances"], noMaintenance);
example(STATUSPAGE_DOCUMENTS["scheduled-maintenances/upcoming"], noMaintenance);
example(STATUSPAGE_DOCUMENTS["scheduled-maintenances/active"], noMaintenance);
example(ShieldsBadge, {
  schemaVersion: 1,
  label: component.name,
  message: "operational",
  color: "brightgreen",
  isError: false,
  cacheSeconds: 300,
});
