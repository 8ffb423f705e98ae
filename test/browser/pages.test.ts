// Every page over a stub: nothing for axe to find in either scheme, nothing wider than a narrow screen, no complaint
// of the policy, and foreign text stays text wherever it is shown.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { some } from "../support/thorough.ts";
import { axe, type Browser, hasBrowser, openBrowser } from "./support/browser.ts";
import { fillStub, PAGES } from "./support/pages.ts";
import * as sample from "./support/sample.ts";
import { type Stub, startStub, stream } from "./support/stub.ts";

let stub: Stub;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  stub = await startStub();
  fillStub(stub);
  browser = await openBrowser();
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
});

afterAll(async () => {
  await browser?.close();
  await stub?.close();
});

const inBrowser = test.skipIf(!hasBrowser);

inBrowser.each(some(PAGES))("$name: axe finds nothing, and it fits 360 px", async (shown) => {
  if (shown.name === "sign-in") stub.answers.delete("GET /v1/whoami");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto("about:blank");
  await page.goto(stub.url + shown.path);
  await shown.ready(page);
  expect(await axe(page, shown.name)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  expect(browser.complaints).toEqual([]);
  fillStub(stub);
});

inBrowser("a keyboard alone reaches and does everything on the project page", async () => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${stub.url}/p/shop`);
  await page.getByText("thumbnails").waitFor();
  const reached: string[] = [];
  for (let at = 0; at < 16; at++) {
    await page.keyboard.press("Tab");
    const what = await page.evaluate(
      "document.activeElement === document.body ? '' : document.activeElement.textContent.trim()",
    );
    const ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    if (what) expect(`${what}: ${ring}`).toContain("solid");
    reached.push(String(what));
  }
  for (const name of ["Workers", "Hosts", "Tokens", "New service", "mailer", "thumbnails"])
    expect(reached.join(" | ")).toContain(name);
});

inBrowser("script tags and overrides in names, commits and reasons are text", async () => {
  const bad = "<img src=x onerror=window.hacked=1>\u202egnp.exe";
  const seen = "<img src=x onerror=window.hacked=1><U+202E>gnp.exe";
  const W = "/v1/projects/shop/workers/mailer";
  const worker = sample.worker({ statusReason: bad });
  const deploy = sample.deploy({
    commitMessage: bad,
    actor: bad,
    reason: bad,
    ref: bad,
    status: "failed",
    tail: [bad],
  });
  const names = { name: bad, version: 1, plain: false, updatedAt: sample.ago(5) };
  stub.answers.set(
    "GET /v1/projects/shop/stream",
    stream([
      { event: "workers", data: { items: [{ ...worker, name: bad }] } },
      { event: "hosts", data: { items: [sample.host({ name: bad })] } },
    ]),
  );
  stub.answers.set(
    `GET ${W}/stream`,
    stream([
      { event: "worker", data: worker },
      { event: "instances", data: { items: [sample.instance({ detail: bad })] } },
    ]),
  );
  stub.answers.set(`GET ${W}/events`, {
    items: [sample.event({ message: bad, actor: bad })],
    next: null,
  });
  stub.answers.set(`GET ${W}/crashes`, {
    items: [sample.crash({ detail: bad, tail: [bad] })],
    next: null,
  });
  stub.answers.set(`GET ${W}/deploys`, { items: [deploy], next: null });
  stub.answers.set(`GET ${W}/env`, {
    ...{ version: 1, liveVersion: 1, items: [names] },
    groups: [{ name: bad, version: 1, liveVersion: 1, names: [bad] }],
  });
  const tabs = ["", "/env", "/deploys", "/deploys/3", "/settings"].map((tab) => `/w/mailer${tab}`);
  for (const path of ["", "/hosts", ...tabs]) {
    await page.goto(`${stub.url}/p/shop${path}`);
    await expect.poll(() => page.locator("body").textContent(), { timeout: 5_000 }).toContain(seen);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("main img").count()).toBe(0);
  }
  expect(browser.complaints).toEqual([]);
});
