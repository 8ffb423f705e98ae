// Kinds of test: pure and host-side ones under Node, the control plane inside workerd, whole systems end to end, and the
// dashboard in a real browser.
import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { THOROUGH } from "./test/support/thorough.ts";

/** Tests of `npm test` that have more to show than it has time for. */
const LONGER = [
  "agent/keeper/lease",
  "agent/keeper/readopt",
  "agent/keeper/stop",
  "agent/upgrade",
  "browser/pages",
  "browser/status",
  "e2e/launcher",
  "e2e/logs",
].map((name) => `test/${name}.test.ts`);

/** Vitest leaves one core to itself, which on two cores means a file at a time; most files wait more than they compute. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

const migrations = await readD1Migrations("drizzle/d1").catch(() => []);

export default defineConfig({
  test: {
    reporters: process.env.CI ? ["default"] : ["default"],
    projects: [
      {
        test: {
          name: "domain",
          include: ["test/domain/**/*.test.ts"],
          environment: "node",
          maxWorkers,
          isolate: false,
        },
      },
      {
        test: {
          name: "agent",
          include: ["test/agent/**/*.test.ts"],
          globalSetup: "test/support/bundles.ts",
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 30_000,
          // Real processes wait for each other more than they compute: more files at once than cores, in a group
          // of their own, since the other projects take the default.
          maxWorkers: Math.max(4, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "sim",
          include: ["test/sim/**/*.test.ts"],
          environment: "node",
          testTimeout: 240_000,
          // Each test is a process that computes; beside others it would only be slower.
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "cli",
          include: ["test/cli/**/*.test.ts"],
          isolate: false,
          maxWorkers,
          environment: "node",
          testTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: migrations,
                COPPICE_MASTER_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                COPPICE_OPERATOR_TOKEN: "cop_operator_for_tests_only_0123456789abcdef",
                COPPICE_ALLOW_LOCAL_REPOS: "1",
              },
            },
          }),
        ],
        test: {
          name: "control-plane",
          include: [
            "test/objects/**/*.test.ts",
            "test/http/**/*.test.ts",
            "test/status/**/*.test.ts",
          ],
          maxWorkers,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          environment: "node",
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // Whole systems with durations of their own: side by side they would be slower than a person's patience.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Longer ones with a command of their own: npm run e2e.
        test: {
          name: "campaign",
          include: THOROUGH ? ["test/campaign/**/*.test.ts", ...LONGER] : [],
          globalSetup: "test/support/bundles.ts",
          environment: "node",
          testTimeout: 600_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          maxWorkers,
          environment: "node",
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
