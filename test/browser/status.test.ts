// The public status page in every state it can be in: axe finds nothing in either scheme, it fits 360 px, names are text,
// and whatever it links to is reached by keyboard.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { some } from "../support/thorough.ts";
import { axe, type Browser, hasBrowser, openBrowser } from "./support/browser.ts";
import { STATUS_PAGES } from "./support/status.ts";

let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await openBrowser();
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
});
afterAll(() => browser?.close());

const inBrowser = test.skipIf(!hasBrowser);

inBrowser.each(some(Object.entries(STATUS_PAGES)))(
  "%s: axe finds nothing, and it fits 360 px",
  async (name, html) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.setContent(html);
    expect(await axe(page, name)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("script").count()).toBe(0);
  },
);

inBrowser("every link is reached by keyboard, with a ring to be seen", async () => {
  await page.setContent(STATUS_PAGES.incident ?? "");
  const links = await page.locator("a").count();
  const reached = new Set<string>();
  for (let at = 0; at < links; at++) {
    await page.keyboard.press("Tab");
    reached.add(String(await page.evaluate("document.activeElement.textContent")));
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe(
      "none",
    );
  }
  expect([...reached]).toEqual(await page.locator("a").allTextContents());
});
