// Every page of the dashboard, over a stub that has something of everything; for axe and for screenshots.
import type { Page } from "playwright-core";
import { fillStub } from "./fill.ts";

export { fillStub };

export interface Shown {
  readonly name: string;
  readonly path: string;
  /** What has to be there before it is looked at. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

export const PAGES: readonly Shown[] = [
  { name: "project", path: "/p/shop", ready: text("thumbnails") },
  { name: "project-empty", path: "/p/empty", ready: text("Over the API") },
  {
    name: "new-worker",
    path: "/p/shop/new",
    ready: async (page) => {
      await page.getByLabel("Repository").fill("https://github.com/acme/shop");
      await page.getByText("Found: 2 branches").waitFor();
      await page.getByText("Mode and hosts").click();
      await page.getByLabel("exclusive").check();
      await page.getByLabel("Memory").fill("half a gigabyte");
      await page.getByText("A size such as 512M").waitFor();
      await page.getByText("Environment").click();
    },
  },
  {
    name: "worker-events",
    path: "/p/shop/w/mailer",
    ready: async (page) => {
      await page.getByText("crashed with exit code 1").first().click();
      await page.getByText("Last lines").waitFor();
      await page.getByText("14 times since v3").waitFor();
    },
  },
  { name: "worker-logs", path: "/p/shop/w/mailer/logs", ready: text("put back after a crash") },
  {
    name: "worker-env",
    path: "/p/shop/w/mailer/env",
    ready: async (page) => {
      await page.getByLabel(".env text").fill("LOG_LEVEL=debug\nNEW_FLAG=1");
      await page.getByRole("button", { name: "Remove SMTP_URL" }).click();
      await page.getByText("removed", { exact: true }).waitFor();
    },
  },
  { name: "worker-deploys", path: "/p/shop/w/mailer/deploys", ready: text("Deploy 3") },
  { name: "worker-deploy", path: "/p/shop/w/mailer/deploys/4", ready: text("214 packages") },
  {
    name: "worker-settings",
    path: "/p/shop/w/mailer/settings",
    ready: async (page) => {
      const section = page.getByRole("region", { name: "Public status page" });
      await section.getByLabel("Group").fill("Mails");
    },
  },
  {
    name: "worker-hook",
    path: "/p/shop/w/mailer/settings",
    ready: async (page) => {
      await page.getByText("ignored: branch next").waitFor();
      await page.getByRole("button", { name: "New hook for GitHub" }).click();
      await page.getByText("shown this once").waitFor();
    },
  },
  {
    name: "worker-delete",
    path: "/p/shop/w/mailer/settings",
    ready: (page) => page.getByRole("button", { name: "Delete …" }).click(),
  },
  {
    name: "worker-exclusive",
    path: "/p/shop/w/billing",
    ready: text("waits for its lease"),
  },
  {
    name: "worker-exclusive-settings",
    path: "/p/shop/w/billing/settings",
    ready: text("Host labels"),
  },
  { name: "hosts", path: "/p/shop/hosts", ready: text("waits: no host has region=eu-west") },
  { name: "hosts-frozen", path: "/p/storm/hosts", ready: text("were lost at once") },
  {
    name: "hosts-thaw",
    path: "/p/storm/hosts",
    ready: (page) => page.getByRole("button", { name: "Replace now" }).click(),
  },
  {
    name: "hosts-drain",
    path: "/p/shop/hosts",
    ready: (page) => page.getByRole("button", { name: "Drain web-1" }).click(),
  },
  {
    name: "hosts-remove",
    path: "/p/shop/hosts",
    ready: async (page) => {
      await page.getByRole("button", { name: "Remove web-4" }).click();
      await page.getByRole("dialog").getByText("mailer").waitFor();
    },
  },
  {
    name: "hosts-add",
    path: "/p/shop/hosts",
    ready: (page) => page.getByRole("button", { name: "Add host" }).click(),
  },
  { name: "groups", path: "/p/shop/groups", ready: text("thumbnails") },
  {
    name: "groups-one",
    path: "/p/shop/groups/shared",
    ready: async (page) => {
      await page.getByLabel(".env text").fill("DATABASE_URL=x\nNEW=1");
      await page.getByText("Deploy its workers").waitFor();
    },
  },
  {
    name: "groups-new",
    path: "/p/shop/groups",
    ready: (page) => page.getByRole("button", { name: "New group" }).click(),
  },
  { name: "tokens", path: "/p/shop/tokens", ready: text("deploys from CI") },
  {
    name: "tokens-new",
    path: "/p/shop/tokens",
    ready: (page) => page.getByRole("button", { name: "New token" }).click(),
  },
  { name: "device", path: "/device?code=BCDF-GHJK", ready: text("ada's laptop") },
  { name: "nowhere", path: "/p/shop/elsewhere/x", ready: text("Nothing here") },
  {
    name: "sign-in",
    path: "/sign-in#spent",
    ready: text("Or with a link"),
  },
];
