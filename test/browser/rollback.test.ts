// Going back in the browser, over a stub: what would be different is shown before anything is asked for.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, hasBrowser, openBrowser } from "./support/browser.ts";
import { fillStub } from "./support/pages.ts";
import * as sample from "./support/sample.ts";
import { type Stub, startStub } from "./support/stub.ts";

const W = "/v1/projects/shop/workers/mailer";
const inBrowser = test.skipIf(!hasBrowser);
let stub: Stub;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  stub = await startStub();
  browser = await openBrowser();
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(10_000);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await stub?.close();
});

inBrowser("a release that was live is brought back after a look at what differs", async () => {
  fillStub(stub);
  const back = sample.deploy({ id: "dep_9", number: 9, kind: "rollback", restores: 2, release: 5 });
  const list = [sample.deploy(), sample.deploy({ id: "dep_2", number: 2, release: 2 })];
  stub.answers.set(`GET ${W}/deploys`, { items: list, next: null });
  stub.answers.set(`GET ${W}/releases/2/diff`, {
    from: { release: 3, commit: "3f2a1bc4".repeat(5), commitMessage: "Retry failed mail" },
    to: { release: 2, commit: "77aa1bc4".repeat(5), commitMessage: "Send mail" },
    fields: [{ field: "startCommand", from: "node mailer.js --fast", to: "node mailer.js" }],
    env: {
      ...{ added: [], removed: [{ name: "FAST", version: 3 }] },
      changed: [{ name: "LOG_LEVEL", from: 3, to: 1 }],
    },
  });
  let asked: unknown = null;
  stub.answers.set(`POST ${W}/rollbacks`, (response, request) => {
    let text = "";
    request.on("data", (piece) => {
      text += piece;
    });
    request.on("end", () => {
      asked = JSON.parse(text);
      response.writeHead(201, { "content-type": "application/json" });
      response.end(JSON.stringify(back));
    });
  });
  stub.answers.set(`GET ${W}/deploys/9`, back);
  await page.goto(`${stub.url}/p/shop/w/mailer/deploys`);
  const open = page.getByRole("button", { name: "Roll back to v2 …" });
  await open.click();
  const dialog = page.getByRole("dialog");
  for (const text of ["77aa1bc", "node mailer.js --fast", "FAST", "LOG_LEVEL", "version 1, not 3"])
    await dialog.getByText(text).first().waitFor();
  await dialog.getByRole("button", { name: "Leave it" }).click();
  expect(asked).toBeNull();
  await open.click();
  await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
  await page.getByRole("heading", { name: "Rollback 9" }).waitFor();
  expect(asked).toEqual({ release: 2 });
});

inBrowser("no page broke its policy or complained", () => {
  expect(browser.complaints).toEqual([]);
});
