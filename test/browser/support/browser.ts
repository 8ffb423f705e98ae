// Chromium for the tests: one process with a profile of its own, or a reason why there is none.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const PATH = process.env.COPPICE_CHROMIUM ?? "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const hasBrowser = existsSync(PATH);
if (!hasBrowser) console.log(`skipped: no Chromium at ${PATH} (COPPICE_CHROMIUM names another)`);

export interface Browser {
  readonly context: BrowserContext;
  /** Everything that a page complained about: errors of scripts, breaches of the CSP. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "coppice-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: PATH,
    args: ARGS,
    headless: true,
    viewport: { width: 1280, height: 800 },
  });
  const complaints: string[] = [];
  context.on("page", (page) => listen(page, complaints));
  for (const page of context.pages()) listen(page, complaints);
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, complaints, close };
}

function listen(page: Page, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|TrustedHTML/.test(message.text()))
      complaints.push(`policy: ${message.text()}`);
  });
}

/** All that depends on the scheme; the rest is asked once. */
const OF_SCHEME = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong, one line each; in both schemes. */
export async function axe(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    // Without motion, so that nothing is looked at half-way between two colours.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Legacy: there are no frames here to go into, and it needs no second page.
    const builder = new AxeBuilder({ page }).setLegacyMode();
    if (colorScheme === "dark") builder.withRules(OF_SCHEME);
    const { violations } = await builder.analyze();
    for (const { id, help, nodes } of violations) {
      const where = nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`);
      found.push(`${name} ${colorScheme}: ${id} (${help}): ${where.join("; ").slice(0, 600)}`);
    }
  }
  return found;
}
