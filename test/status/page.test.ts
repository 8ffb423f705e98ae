// The page for people: what it says, what it never shows, how it is cached and how much it weighs.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DAY_MS } from "../../src/domain/uptime.ts";
import { STYLE } from "../../src/status/style.ts";
import { makeWorld, realEnv, type World } from "../http/support.ts";
import {
  addProject,
  emptyBoard,
  goodDays,
  page,
  restart,
  TestComponent,
  untouchable,
} from "./support.ts";

let world: World;
let objects: ReturnType<typeof untouchable>;

beforeAll(async () => {
  objects = untouchable();
  world = await makeWorld(objects.env);
});
beforeEach(emptyBoard);

const open = (path: string, headers: Record<string, string> = {}) =>
  world.ask(path, { token: null, headers });
const textOf = (html: string) => html.replace(/<style>.*?<\/style>/s, "").replace(/<[^>]*>/g, " ");

describe("/status", () => {
  it("shows all public components by project, in words", async () => {
    const [shop, labs] = [await addProject("shop"), await addProject("labs")];
    await TestComponent.add(shop, { name: "Mailer", sinceMs: 3_600_000 });
    await TestComponent.add(shop, { name: "Importer", heading: "Imports", kind: "degraded" });
    await TestComponent.add(labs, { name: "Indexer", kind: "down", sinceMs: 600_000 });
    const { status, text, headers } = await open("/status");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const said = textOf(text);
    for (const word of [
      "shop",
      "shop · Imports",
      "labs",
      "Mailer",
      "Operational",
      "Degraded",
      "Down",
    ])
      expect(said).toContain(word);
    expect(said).toMatch(/Data as of\s+\d+ \w+ 2\d{3}, \d\d:\d\d UTC/);
    expect(said).toContain("Uptime = (time up + ½ × time degraded)");
  });

  it("has a bar with a date and a number for each of 90 days", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    const days = goodDays(now, (back) => (back === 20 ? { down: 3_600_000 } : {}));
    await TestComponent.add(await addProject(), { name: "Mailer", days, sinceMs: 12 * 3_600_000 });
    const html = await page({ now });
    const bars = [...html.matchAll(/<li( class=\w)?><i>([^<]+)<\/i>/g)].map((one) => one[2]);
    expect(bars.length).toBe(90);
    expect(bars[69]).toBe("3 Nov: 95.83 %, down 1 h 0 min");
    expect(bars[0]).toBe("26 Aug: 100 %");
  });

  it("says no data in grey: no ledger, silent hosts, days before the first, never green", async () => {
    const project = await addProject();
    await TestComponent.add(project, { name: "Unheard", kind: null });
    await TestComponent.add(project, { name: "Silent", kind: "unknown", sinceMs: 2 * DAY_MS });
    const html = await page();
    expect(html).toContain("<h1 class=grey>Some data is missing</h1>");
    expect(html).not.toMatch(/class=u><i>|<p class=u>|100 %</);
    expect([...html.matchAll(/<li><i>[^<]+: no data</g)].length).toBe(180);
  });

  it("does not take stopped or scaled to 0 for downtime", async () => {
    const project = await addProject();
    await TestComponent.add(project, { name: "Paused", kind: "stopped", sinceMs: 5 * DAY_MS });
    const html = await page({ project: project.name });
    expect(textOf(html)).toContain("Stopped by its owner");
    expect(html).toContain("<h1 class=grey>Out of service</h1>");
    expect(html).toMatch(/class=s><i>[^<]+: out of service</);
    expect(html).not.toMatch(/class=x><i>/);
  });

  it("counts time in which nobody watched as no data", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    const project = await addProject();
    await TestComponent.add(project, { name: "Mailer", sinceMs: 5 * DAY_MS });
    const start = Date.UTC(2026, 10, 21);
    await realEnv.DB.prepare("INSERT INTO status_clock VALUES (1, 1, 1, '{}', ?)")
      .bind(JSON.stringify([[start, start + 20 * 3_600_000]]))
      .run();
    expect(await page({ now })).toContain("<li><i>21 Nov: 100 %, no data 20 h 0 min</i>");
  });

  it("shows a project its own page, and nothing where nothing is public", async () => {
    const [shop, other] = [await addProject(), await addProject()];
    await TestComponent.add(shop, { name: "Mailer" });
    await TestComponent.add(other, { name: "Secret", public: false });
    const mine = await open(`/status/${shop.name}`);
    expect(mine.text).toContain("Mailer");
    const hidden = await open(`/status/${other.name}`);
    const absent = await open("/status/no-such-project");
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    expect(hidden.text).toBe(absent.text);
  });

  it("never shows private workers, other projects' ones, inner names or deleted ones", async () => {
    const [shop, labs] = [await addProject(), await addProject()];
    await TestComponent.add(shop, { name: "Mailer" });
    const secret = await TestComponent.add(shop, { name: "Secret", public: false });
    await TestComponent.add(labs, { name: "Foreign" });
    const gone = await TestComponent.add(shop, { name: "Deleted" });
    await realEnv.DB.prepare("UPDATE workers SET deleted_at = 1 WHERE id = ?").bind(gone.id).run();
    for (const path of ["/status", "/api/v2/summary.json", "/api/v2/components.json"]) {
      const all = await open(path);
      const mine = await open(
        path.startsWith("/api") ? `/status/${shop.name}${path}` : `/status/${shop.name}`,
      );
      for (const { text } of [all, mine]) {
        expect(text).toContain("Mailer");
        for (const word of ["Secret", secret.id, "Deleted", "inner-"])
          expect(text).not.toContain(word);
      }
      expect(mine.text).not.toContain("Foreign");
      expect(mine.text).not.toContain(labs.name);
    }
  });

  it("shows hostile names as text: markup, direction marks, control characters", async () => {
    const project = await addProject();
    const name = `<script>alert(1)</script>"'&\u202Egpj.exe\u0007`;
    const one = await TestComponent.add(project, { name, heading: "<img src=x onerror=alert(1)>" });
    await realEnv.DB.prepare(
      "INSERT INTO incidents VALUES ('inc_1', ?, ?, 'investigating', 'minor', ?, 1, NULL, NULL, ?)",
    )
      .bind(project.id, name, JSON.stringify([{ id: one.id, name }]), Date.now())
      .run();
    await realEnv.DB.prepare(
      "INSERT INTO incident_updates VALUES ('upd_1', 'inc_1', 'investigating', ?, 'x', 1)",
    )
      .bind(`${name}]]>`)
      .run();
    for (const path of [
      "/status",
      `/status/${project.name}`,
      "/history.atom",
      `/status/${project.name}/components/${one.id}/badge.svg`,
    ]) {
      const { text } = await open(path);
      expect(text).toContain(
        "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\uFFFDgpj.exe\uFFFD",
      );
      for (const wrong of ["<script", "<img", "\u202E", "\u0007"])
        expect(text).not.toContain(wrong);
    }
  });
});

describe("headers", () => {
  it("allow the page its one style by its hash and nothing else; there is no script", async () => {
    const { headers, text } = await open("/status");
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
    const hash = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    expect(headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).toContain(`<style>${STYLE}</style>`);
    expect(text).not.toMatch(/<script|\sstyle=|\son\w+=|src=|https?:\/\//);
  });

  it("let the edge keep it, and answer 304 to who has it", async () => {
    await TestComponent.add(await addProject());
    const first = await open("/status");
    expect(first.headers.get("cache-control")).toMatch(
      /^public, max-age=\d+, s-maxage=30, .*stale-if-error/,
    );
    const etag = first.headers.get("etag")!;
    const again = await world.send("/status", {
      token: null,
      headers: { "if-none-match": `W/${etag}` },
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect(again.headers.get("etag")).toBe(etag);
    const head = await world.send("/status", { token: null, method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("refuse other methods", async () => {
    expect((await world.ask("/status", { token: null, method: "POST" })).status).toBe(405);
  });
});

async function gzipped(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

describe("weight", () => {
  it("of 50 components with 90 days each is at most 15 KB of HTML and CSS, gzipped", async () => {
    const now = Date.now();
    let seed = 42;
    const chance = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let p = 0; p < 5; p++) {
      const project = await addProject();
      for (let i = 0; i < 10; i++) {
        // Each tenth day has an outage of its own length.
        const days = goodDays(now, () =>
          chance() < 0.1 ? { down: Math.floor(chance() * 9e6) } : {},
        );
        await TestComponent.add(project, { name: `Component ${p} ${chance()}`, days });
      }
    }
    const html = await page({ now });
    const bytes = await gzipped(html);
    console.log(`status page of 50 components: ${html.length} characters, ${bytes} bytes gzipped`);
    expect([...html.matchAll(/<li( class=\w)?><i>/g)].length).toBe(4_500);
    expect(bytes).toBeLessThanOrEqual(15_000);
  });
});

describe("load", () => {
  it("of 1,000 requests in all forms wakes no object, and asks D1 a few times", async () => {
    const project = await addProject();
    await TestComponent.add(project);
    await restart();
    let batches = 0;
    const d1 = new Proxy(realEnv.DB, {
      get(target, key) {
        if (key === "batch") batches++;
        const value = Reflect.get(target, key) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const busy = await makeWorld({ ...objects.env, DB: d1 });
    const paths = [
      "/status",
      `/status/${project.name}`,
      "/api/v2/summary.json",
      "/badge.svg",
      "/history.atom",
    ];
    batches = 0;
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) => busy.send(paths[i % paths.length]!, { token: null })),
      );
      for (const one of all) {
        expect(one.status).toBe(200);
        await one.body?.cancel();
      }
    }
    expect(objects.woken()).toBe(0);
    expect(batches).toBeLessThanOrEqual(60);
  });
});
