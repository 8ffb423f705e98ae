// The main job as somebody meets it who has only a browser: sign in, make a worker of a repository, watch the build, see
// it live, kill it, see the crash in Events and Logs, scale, change variables, delete. All parts are real.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SignInLinkView } from "../../protocol/rest.ts";
import { signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import { WorkerHandle } from "../support/cluster-worker.ts";
import { axe, type Browser, hasBrowser, openBrowser } from "./support/browser.ts";

const PROGRAM = `
console.log("hello from", process.env.GREETING ?? "nobody");
let n = 0;
setInterval(() => console.log("beat " + n++), 200);
`;
let cluster: Cluster;
let repo: TestRepo;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  repo = new TestRepo({ "beat.mjs": PROGRAM, Procfile: "worker: node beat.mjs\n" });
  [cluster, browser] = await Promise.all([Cluster.start(), openBrowser()]);
  page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(15_000);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await cluster?.close();
  repo?.remove();
});

const step = test.skipIf(!hasBrowser);
const seen = (text: string | RegExp) => page.getByText(text).first().waitFor();

step("a sign-in link signs in once; its code leaves the address", async () => {
  const path = "/v1/sign-in-links";
  const { url } = await cluster.api.json<SignInLinkView>(path, { method: "POST", body: {} });
  expect(url).toMatch(/\/sign-in#/);
  await page.goto(url);
  await seen("Nothing runs here yet");
  expect(page.url()).toMatch(/\/p\/e2e$/);
  const other = await browser.context.browser()?.newContext();
  const stranger = (await other?.newPage()) ?? (await browser.context.newPage());
  if (other) {
    await stranger.goto(url);
    await stranger.getByRole("alert").waitFor();
    await other.close();
  }
});

step("a worker is made of a repository; its build is watched until it is live", async () => {
  await page.getByRole("link", { name: "New worker" }).click();
  await page.getByLabel("Repository").fill(repo.path);
  await page.getByText("Found").first().waitFor();
  await expect.poll(() => page.getByLabel("Start command").inputValue()).toBe("node beat.mjs");
  await expect.poll(() => page.getByLabel("Branch").inputValue()).toBe("main");
  await page.getByLabel("Name").fill("beat");
  await page.getByLabel("Build command").fill("echo building now; sleep 1; echo built");
  await page.getByText("Environment").click();
  await page.getByLabel("Paste a .env file").fill("GREETING=form\n");
  await seen("1 variable");
  await page.getByRole("button", { name: "Deploy" }).click();
  await expect.poll(() => page.url(), { timeout: 15_000 }).toMatch(/\/w\/beat\/deploys\/1$/);
  await page.locator(".build .line", { hasText: /\d building now/ }).waitFor();
  await page.locator(".build .line", { hasText: "built" }).first().waitFor();
  await seen("Release v1 is live");
  await page.locator(".worker-head .state", { hasText: "running" }).waitFor();
});

step("killed, it is back; the crash is in Events with its evidence, and in Logs", async () => {
  const worker = new WorkerHandle(cluster, "beat");
  const [pid = 0] = await worker.pids(1);
  await page.getByRole("link", { name: "Events" }).click();
  await seen(`pid\u00a0${pid}`);
  await worker.logged((line) => line.text === "beat 3");
  signal(pid, "SIGKILL");
  await page.locator(".timeline summary", { hasText: "SIGKILL" }).click();
  await seen("Last lines");
  await page.locator(".evidence dd", { hasText: "SIGKILL" }).waitFor();
  await page.locator(".evidence .tail", { hasText: "beat" }).waitFor();
  await page.locator(".instances", { hasText: "attempt\u00a02" }).waitFor();

  await page.getByRole("link", { name: "Open logs here" }).click();
  await page.locator(".line.crash[aria-current]", { hasText: "SIGKILL" }).waitFor();
  await page.getByRole("link", { name: "Logs", exact: true }).click();
  await page.locator(".line.crash", { hasText: "SIGKILL" }).waitFor();
  await page.locator(".line.deploy", { hasText: "deploy 1 is live" }).waitFor();
  await page.getByLabel("Query").fill("hello");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator(".line").count()).toBe(2);
  expect(await page.locator(".line").first().textContent()).toContain("hello from form");
});

step("it scales up, is stopped and started again", async () => {
  await page.getByRole("button", { name: "One instances more" }).click();
  await page.getByRole("button", { name: "Scale to 2" }).click();
  await page.locator(".worker-head .facts", { hasText: "2 of 2" }).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop it" }).click();
  await page.locator(".worker-head .state", { hasText: "stopped" }).waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.locator(".worker-head .facts", { hasText: "2 of 2" }).waitFor();
});

step("variables are changed, and act with the deploy", async () => {
  await page.getByRole("link", { name: "Environment" }).click();
  await page.getByRole("row", { name: /GREETING/ }).waitFor();
  expect(await page.locator("main").textContent()).not.toContain("form");
  await page.getByLabel(".env text").fill("GREETING=tab\nEXTRA=1");
  await page.locator(".difference .added", { hasText: "EXTRA" }).waitFor();
  await page.locator(".difference .changed", { hasText: "GREETING" }).waitFor();
  await page.getByRole("button", { name: "Save and deploy" }).click();
  await expect.poll(() => page.url(), { timeout: 15_000 }).toMatch(/\/deploys\/2$/);
  await seen("Release v2 is live");
  await page.getByRole("link", { name: "Logs", exact: true }).click();
  await page.locator(".line", { hasText: "hello from tab" }).first().waitFor();
});

step(
  "made public, it stands on the status page, which axe finds well",
  async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    const section = page.getByRole("region", { name: "Public status page" });
    const box = section.getByLabel("Show on the public status page");
    expect(await box.isChecked()).toBe(false);
    await box.check();
    await section.getByLabel("Public name").fill("Heartbeat");
    await section.getByLabel("Group").fill("Body");
    await section.getByRole("button", { name: "Save" }).click();
    await section.getByText("Saved.").waitFor();

    const stranger = await browser.context.newPage();
    const read = async () => {
      await stranger.goto(`${cluster.api.url}/status`);
      return stranger.locator("body").textContent();
    };
    await expect.poll(read, { timeout: 80_000, interval: 1_000 }).toContain("Heartbeat");
    expect(await stranger.locator("body").textContent()).toContain("Body");
    expect(await axe(stranger, "status")).toEqual([]);
    await stranger.close();
  },
  120_000,
);

step("a cut stream says how old things are; it comes back by itself", async () => {
  await page.getByRole("link", { name: "Events" }).click();
  await page.locator(".live-mark", { hasText: "live" }).first().waitFor();
  const pid = cluster.workerdPid;
  if (pid !== null) signal(pid, "SIGKILL");
  await seen("Not connected");
  await cluster.healthy();
  await page.locator(".live-mark.open").first().waitFor();
});

step("hosts and tokens", async () => {
  await page.getByRole("link", { name: "Hosts" }).click();
  await seen("web-1");
  await page.getByRole("link", { name: "Tokens" }).click();
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("ci");
  await dialog.getByRole("button", { name: "Make it" }).click();
  await dialog.locator("code", { hasText: "cop_" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("row", { name: /ci developer/ }).waitFor();
});

step("it is deleted once its name was typed; nothing of it runs", async () => {
  await page.getByRole("link", { name: "Workers", exact: true }).first().click();
  await page.getByRole("row", { name: /beat/ }).getByRole("link").click();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Delete …" }).click();
  const dialog = page.getByRole("dialog");
  const really = dialog.getByRole("button", { name: "Delete beat" });
  expect(await really.isDisabled()).toBe(true);
  await dialog.getByLabel("Type beat to go on").fill("beat");
  await really.click();
  await seen("Nothing runs here yet");
  await waitUntil({ what: "its programs to end", withinMs: 10_000 }, () => {
    return cluster.programs("beat").length === 0;
  });
});

step("a session that ends elsewhere is noticed, and said", async () => {
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Hosts" }).click();
  await seen("Your session is over");
  await page.getByLabel("Token").fill(cluster.api.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await seen("web-1");
});

step("nobody is let in after signing out", async () => {
  await page.locator(".who summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  await page.goto(`${cluster.api.url}/p/e2e`);
  await page.getByLabel("Token").fill(cluster.api.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await seen("Nothing runs here yet");
});

step("no page broke its policy or complained", () => {
  expect(browser.complaints).toEqual([]);
});
