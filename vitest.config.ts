// Kinds of test: pure and host-side ones under Node, the control plane inside workerd, whole systems end to end, and the
// dashboard in a real browser.
import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const migrations = await readD1Migrations("drizzle/d1").catch(() => []);

export default defineConfig({
  test: {
    reporters: process.env.CI ? ["default"] : ["default"],
    projects: [
      { test: { name: "domain", include: ["test/domain/**/*.test.ts"], environment: "node" } },
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
          include: process.env.COPPICE_CAMPAIGN === "1" ? ["test/campaign/**/*.test.ts"] : [],
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
          environment: "node",
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
