// What somebody does with hosts in the browser, over a stub that keeps what it was asked: taking them out of use and back,
// each with what it says first; and what a worker asks of its hosts, in the form and in the settings.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { HostView } from "../../protocol/rest.ts";
import { type Browser, hasBrowser, openBrowser } from "./support/browser.ts";
import { fillStub } from "./support/pages.ts";
import * as sample from "./support/sample.ts";
import { type Stub, startStub, stream } from "./support/stub.ts";

const P = "/v1/projects/shop";
const H = `${P}/hosts`;
let stub: Stub;
let browser: Browser;
let page: Page;
let asked: { what: string; body: unknown }[] = [];

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

beforeEach(() => {
  if (!hasBrowser) return;
  asked = [];
  stub.answers.clear();
  fillStub(stub);
});

const inBrowser = test.skipIf(!hasBrowser);

/** Answers that, and keeps what came with the question. */
function answer(what: string, reply: object | null): void {
  stub.answers.set(what, (response, request) => {
    let text = "";
    request.on("data", (piece) => {
      text += piece;
    });
    request.on("end", () => {
      asked.push({ what, body: text === "" ? null : JSON.parse(text) });
      response.writeHead(reply === null ? 204 : 200, { "content-type": "application/json" });
      response.end(reply === null ? "" : JSON.stringify(reply));
    });
  });
}

function showHosts(...hosts: readonly HostView[]): Promise<unknown> {
  stub.answers.set(
    `GET ${P}/stream`,
    stream([
      { event: "workers", data: { items: [sample.worker()] } },
      { event: "hosts", data: { items: hosts } },
    ]),
  );
  return page.goto("about:blank").then(() => page.goto(`${stub.url}/p/shop/hosts`));
}
const button = (name: string) => page.getByRole("button", { name, exact: true });
const card = (name: string) =>
  page.locator(".hosts .card", { has: page.getByRole("heading", { name }) });

inBrowser("cordon and uncordon act at once, and the card says so", async () => {
  answer(`POST ${H}/hst_1/cordon`, sample.host({ cordoned: true }));
  answer(`DELETE ${H}/hst_1/cordon`, sample.host());
  await showHosts(sample.host());
  await button("Cordon web-1").click();
  await card("web-1").getByText("Takes nothing new; what runs there stays.").waitFor();
  await button("Uncordon web-1").click();
  await button("Cordon web-1").waitFor();
  expect(await card("web-1").textContent()).not.toContain("cordoned");
  expect(asked.map(({ what }) => what)).toEqual([
    `POST ${H}/hst_1/cordon`,
    `DELETE ${H}/hst_1/cordon`,
  ]);
});

inBrowser("drain asks for a deadline, shows what waits and why, and can be ended", async () => {
  const drainUntil = sample.ago(-1_795);
  answer(`POST ${H}/hst_4/drain`, sample.host({ id: "hst_4", cordoned: true, drainUntil }));
  answer(`DELETE ${H}/hst_4/drain`, sample.host({ id: "hst_4" }));
  await showHosts(sample.host({ id: "hst_4" }));
  await button("Drain web-1").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Its 2 instances are started on other hosts").waitFor();
  await dialog.getByText("No other host takes instances now").waitFor();
  await dialog.getByLabel("Deadline, minutes").fill("30");
  await dialog.getByRole("button", { name: "Drain it" }).click();
  await card("web-1").getByText("draining").waitFor();
  await card("web-1")
    .getByText(/2 instances left, 29 min \d+ s to the deadline/)
    .waitFor();
  await card("web-1").getByText("waits: no host has region=eu-west, disk=ssd").waitFor();
  await button("End drain of web-1").click();
  await button("Drain web-1").waitFor();
  expect(asked).toEqual([
    { what: `POST ${H}/hst_4/drain`, body: { deadlineMs: 1_800_000 } },
    { what: `DELETE ${H}/hst_4/drain`, body: null },
  ]);
});

inBrowser("remove says what goes with the host, and wants its name typed", async () => {
  answer(`DELETE ${H}/hst_1`, null);
  await showHosts(sample.host());
  await button("Remove web-1").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("the 2 instances there").waitFor();
  await dialog.getByText("mailer").waitFor();
  const really = dialog.getByRole("button", { name: "Remove web-1" });
  await dialog.getByLabel("Type web-1 to go on").fill("web-2");
  expect(await really.isDisabled()).toBe(true);
  await dialog.getByLabel("Type web-1 to go on").fill("web-1");
  await really.click();
  await dialog.waitFor({ state: "detached" });
  expect(asked.map(({ what }) => what)).toEqual([`DELETE ${H}/hst_1`]);
});

inBrowser(
  "frozen replacement is told to all, and ended by an admin who was asked twice",
  async () => {
    const lost = { status: "lost", frozen: { gone: 2, of: 4 } } as const;
    const hosts = [sample.host(), sample.host({ id: "hst_2", name: "web-2", ...lost })];
    answer(`POST ${H}/thaw`, { hosts: ["web-2"] });
    await showHosts(...hosts);
    await page.getByText("2 of 4 hosts were lost at once.").waitFor();
    await button("Replace now …").click();
    await page.getByRole("dialog").getByText("run twice until they are back").waitFor();
    expect(asked).toEqual([]);
    await button("They are dead: replace").click();
    await page.getByText("2 of 4 hosts were lost at once.").waitFor({ state: "detached" });
    expect(asked.map(({ what }) => what)).toEqual([`POST ${H}/thaw`]);

    stub.answers.set("GET /v1/whoami", { ...sample.ADMIN, role: "viewer" });
    await showHosts(...hosts);
    await page.getByText("2 of 4 hosts were lost at once.").waitFor();
    for (const name of ["Replace now", "Cordon", "Drain", "Remove", "Add host"])
      expect(await page.getByRole("button", { name }).count()).toBe(0);
  },
);

inBrowser("a refusal stays in the dialog", async () => {
  await showHosts(sample.host());
  await button("Drain web-1").click();
  await button("Drain it").click();
  await page.getByRole("dialog").getByRole("alert").getByText("The stub has no answer").waitFor();
});

inBrowser(
  "a new worker takes mode, memory, cores and labels; what can't be read is not sent",
  async () => {
    answer(`POST ${P}/workers`, sample.worker({ name: "shop" }));
    await page.goto(`${stub.url}/p/shop/new`);
    await page.getByLabel("Repository").fill("https://github.com/acme/shop");
    await page.getByText("Found: 2 branches").waitFor();
    await page.getByText("Mode and hosts: available").click();
    await page
      .getByText("stops its instances after 40 s, and they come back by themselves")
      .waitFor();
    await page.getByLabel("exclusive").check();
    await page.getByLabel("Memory").fill("512");
    await page.getByText("A size such as 512M").waitFor();
    await button("Deploy").click();
    await page.getByRole("alert").getByText("can't be read").waitFor();
    expect(asked).toEqual([]);
    await page.getByLabel("Memory").fill("512M");
    await page.getByLabel("Cores").fill("0.5");
    await page.getByLabel("Host labels").fill("region=eu, disk=ssd");
    await page
      .getByText("Mode and hosts: exclusive, 512M, 0.5 cores, region=eu, disk=ssd")
      .waitFor();
    await button("Deploy").click();
    await expect.poll(() => asked.length).toBe(1);
    expect(asked[0]?.body).toMatchObject({
      ...{ mode: "exclusive", memoryBytes: 536_870_912, cpus: 0.5 },
      hosts: { region: "eu", disk: "ssd" },
    });
  },
);

inBrowser("the settings send what differs alone; emptied fields ask for nothing", async () => {
  answer(`PATCH ${P}/workers/billing`, sample.worker({ name: "billing" }));
  await page.goto(`${stub.url}/p/shop/w/billing/settings`);
  const memory = page.getByLabel("Memory");
  await expect.poll(() => memory.inputValue()).toBe("512M");
  expect(await page.getByLabel("Host labels").inputValue()).toBe("region=eu-central, disk=ssd");
  expect(await page.getByLabel("exclusive").isChecked()).toBe(true);
  const save = button("Save").first();
  await page.getByLabel("Host labels").fill("eu");
  await page.getByText("Pairs such as region=eu").waitFor();
  expect(await save.isDisabled()).toBe(true);
  await page.getByLabel("Host labels").fill("");
  await page.getByLabel("available").check();
  await memory.fill("");
  await save.click();
  await page.getByText("Saved.").waitFor();
  expect(asked[0]?.body).toEqual({ mode: "available", memoryBytes: null, hosts: {} });
});

inBrowser("no page broke its policy or complained", () => {
  expect(browser.complaints).toEqual([]);
});
