// A small model for the examples of the API's document: made into every form by the code that makes the real ones.
import type { Model } from "./model.ts";

const AT = Date.UTC(2026, 7, 15, 9, 30);
const PROJECT = "shop";
const MAIL = { id: "wrk_0198ad1c2f7e7a41b2c3d4e5f6071829", name: "Mail" };

export const SAMPLE_AT = AT + 900_000;

export const SAMPLE: Model = {
  asOf: SAMPLE_AT,
  lastDay: Math.floor(SAMPLE_AT / 86_400_000),
  components: [
    {
      ...MAIL,
      heading: null,
      project: PROJECT,
      kind: "degraded",
      condition: "degraded_performance",
      maintained: false,
      createdAt: AT - 86_400_000,
      updatedAt: AT,
      days: [
        [86_400, 0, 0, 0, 0],
        [34_200, 900, 0, 0, 0],
      ],
      uptime: 0.996,
    },
  ],
  incidents: [
    {
      id: "inc_0198ad1c2f7e7a41b2c3d4e5f6071829",
      project: PROJECT,
      name: "Mail is degraded",
      status: "investigating",
      impact: "minor",
      components: [MAIL],
      startedAt: AT,
      monitoringAt: null,
      resolvedAt: null,
      updatedAt: AT,
      updates: [
        {
          id: "upd_0198ad1c2f7e7a41b2c3d4e5f6071829",
          status: "investigating",
          message: "Some instances of Mail do not run. It is looked at each minute.",
          at: AT,
        },
      ],
    },
  ],
  maintenances: [
    {
      id: "mnt_0198ad1c2f7e7a41b2c3d4e5f6071829",
      project: PROJECT,
      name: "Move to new hosts",
      message: "Mail pauses for some minutes.",
      components: [MAIL],
      startsAt: AT + 86_400_000,
      endsAt: AT + 90_000_000,
      createdAt: AT,
    },
  ],
};
