// Every page, light and dark, narrow and wide, as PNG files to look at. node test/browser/screenshots.ts DIRECTORY [PAGE]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./support/browser.ts";
import { fillStub, PAGES } from "./support/pages.ts";
import { STATUS_PAGES } from "./support/status.ts";
import { startStub } from "./support/stub.ts";

const [directory = "dist/screenshots", only] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const stub = await startStub();
fillStub(stub);
const { context, complaints, close } = await openBrowser();
const page = context.pages()[0] ?? (await context.newPage());
for (const { name, path, ready } of PAGES.filter((one) => !only || one.name === only)) {
  for (const width of [360, 1280]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      if (name === "sign-in") stub.answers.delete("GET /v1/whoami");
      await page.goto("about:blank");
      await page.goto(stub.url + path);
      try {
        await ready(page);
      } catch (error) {
        complaints.push(`${name}: ${error}`);
      }
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
      if (wide > 0) complaints.push(`${name} ${width}: ${wide} px too wide`);
      await page.screenshot({
        path: join(directory, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
}
for (const [state, html] of Object.entries(STATUS_PAGES)) {
  const name = `status-${state}`;
  if (only && name !== only) continue;
  for (const width of [360, 1280]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.setContent(html);
      const path = join(directory, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
}
await close();
await stub.close();
for (const complaint of complaints) console.error(complaint);
