// What the first look at a project costs, from the built files: needs no browser.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { buildDashboard } from "../../scripts/build-dashboard.ts";

const MOST_BYTES = 40 * 1_024;
const root = resolve(import.meta.dirname, "../..");
const built = join(root, "dist", "dashboard");

beforeAll(() => buildDashboard(root).then(() => {}));

const zipped = (path: string) => gzipSync(readFileSync(join(built, path)), { level: 6 }).length;

/** Scripts of the page itself and all that they import before anything is shown. */
function firstScripts(): string[] {
  const html = readFileSync(join(built, "index.html"), "utf8");
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(join(built, path), "utf8");
    for (const [, name] of text.matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
      visit(`/assets/${name}`);
  };
  for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)) visit(path ?? "");
  return [...found];
}

test("the project page loads at most 40 KB of script, gzipped", () => {
  const scripts = firstScripts();
  expect(scripts.length).toBeGreaterThan(0);
  const total = scripts.reduce((sum, path) => sum + zipped(path), 0);
  console.log(`first load: ${scripts.length} scripts, ${(total / 1_024).toFixed(1)} KB gzipped`);
  expect(total).toBeLessThanOrEqual(MOST_BYTES);
});

test("the log viewer and its colours are not part of it", () => {
  const text = firstScripts().map((path) => readFileSync(join(built, path), "utf8"));
  expect(text.join("")).not.toContain("content-visibility");
  expect(text.join("")).not.toContain("ansi_to_html");
});

test("nothing is inline, nothing comes from elsewhere", () => {
  const html = readFileSync(join(built, "index.html"), "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  const policy = readFileSync(join(built, "_headers"), "utf8");
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toContain("unsafe-");
  const styles = readdirSync(join(built, "assets")).filter((name) => name.endsWith(".css"));
  for (const name of styles)
    expect(readFileSync(join(built, "assets", name), "utf8")).not.toMatch(/url\(|@import/);
});
