// Looking into a repository: what the control plane may ask by itself, what a host answers, what is said of the rest.
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { RepoView } from "../../protocol/rest.ts";
import { refuseAddress } from "../../src/services/repos/address.ts";
import { line } from "../../src/services/repos/pkt-line.ts";
import { type Fetcher, remoteRefs } from "../../src/services/repos/refs.ts";
import { makeProject, makeWorld, type World } from "./support.ts";

const ID = "a".repeat(40);
const ADVERTISED = "application/x-git-upload-pack-advertisement";
const answer = (body: BodyInit, type = ADVERTISED) =>
  new Response(body, { headers: { "content-type": type } });
const SERVICE = `${line("# service=git-upload-pack")}0000`;
const V2 = `${SERVICE}${line("version 2")}${line("ls-refs=unborn")}0000`;
const V2_REFS = [
  line(`${ID} HEAD symref-target:refs/heads/trunk`),
  line(`${ID} refs/heads/trunk`),
  line(`${ID} refs/heads/feature/a-b`),
  "0000",
].join("");

/** A server that speaks protocol 2; remembers what it was asked. */
function server(asked: string[]): Fetcher {
  return async (url, { method = "GET" }) => {
    asked.push(`${method} ${url}`);
    return method === "GET" ? answer(V2) : answer(V2_REFS, "application/x-git-upload-pack-result");
  };
}

describe("the control plane by itself asks", () => {
  const refused = [
    "http://github.com/acme/shop",
    "https://127.0.0.1/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://169.254.169.254/latest",
    "https://localhost/x",
    "https://localhost./x",
    "https://git.localhost/x",
    "https://printer.local/x",
    "https://metadata.google.internal/x",
    "https://intranet/x",
    "https://1.0.0.127.in-addr.arpa/x",
    "https://github.com:8443/x",
    "https://me:secret@github.com/x",
  ];
  it.each(refused)("nothing of %s", async (address) => {
    expect(refuseAddress(new URL(address))).not.toBeNull();
    const asked: string[] = [];
    expect((await remoteRefs(address, server(asked))).ok).toBe(false);
    expect(asked).toEqual([]);
  });

  it("a public repository for its branches, by protocol 2", async () => {
    const asked: string[] = [];
    expect(await remoteRefs("https://github.com/acme/shop/", server(asked))).toEqual({
      ok: true,
      branches: ["feature/a-b", "trunk"],
      defaultBranch: "trunk",
    });
    expect(asked).toEqual([
      "GET https://github.com/acme/shop/info/refs?service=git-upload-pack",
      "POST https://github.com/acme/shop/git-upload-pack",
    ]);
  });

  it("one that knows only protocol 0 too, and leaves out all but branches", async () => {
    const capabilities = "multi_ack symref=HEAD:refs/heads/main agent=git/1";
    const refs = [
      line(`${ID} HEAD\0${capabilities}`),
      line(`${ID} refs/heads/main`),
      line(`${ID} refs/pull/1/head`),
      line(`${ID} refs/tags/v1`),
    ].join("");
    const old: Fetcher = async () => answer(`${SERVICE}${refs}0000`);
    expect(await remoteRefs("https://git.acme.dev/shop.git", old)).toEqual({
      ok: true,
      branches: ["main"],
      defaultBranch: "main",
    });
  });

  it("on after a redirect on the same host only, and not for ever", async () => {
    const to =
      (location: string): Fetcher =>
      async (url, init) =>
        url.includes("moved")
          ? server([])(url, init)
          : new Response(null, { status: 301, headers: { location } });
    const info = "info/refs?service=git-upload-pack";
    const from = (location: string) => remoteRefs("https://git.acme.dev/shop", to(location));
    expect(await from(`/moved/${info}`)).toMatchObject({ ok: true });
    for (const location of [
      `https://evil.dev/moved/${info}`,
      `https://127.0.0.1/moved/${info}`,
      `http://git.acme.dev/moved/${info}`,
      `https://git.acme.dev:444/moved/${info}`,
      "/again",
      "https://",
    ])
      expect(await from(location)).toMatchObject({ ok: false });
  });

  it("without credentials, and follows no redirect by itself", async () => {
    const inits: RequestInit[] = [];
    const spy: Fetcher = (url, init) => {
      inits.push(init);
      return server([])(url, init);
    };
    await remoteRefs("https://git.acme.dev/shop", spy);
    for (const init of inits) {
      expect(init.redirect).toBe("manual");
      expect(Object.keys(init.headers ?? {}).map((name) => name.toLowerCase())).not.toContain(
        "authorization",
      );
    }
  });

  it("no more than so many bytes, and takes strange answers for what they are", async () => {
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(48)),
      });
    const strange: Fetcher[] = [
      async () => answer(endless()),
      async () => answer("<html>", "text/html"),
      async () => new Response("no", { status: 401 }),
      async () => new Response("no", { status: 500 }),
      async () => {
        throw new TypeError("network");
      },
    ];
    for (const fetcher of strange) {
      const { ok, ...rest } = await remoteRefs("https://git.acme.dev/shop", fetcher);
      expect(ok).toBe(false);
      expect((rest as { reason: string }).reason).toMatch(/^[a-z].{10,}/);
    }
    for (const body of ["", "zzzz", "ffff", "0003", "0000", `${SERVICE}00`]) {
      expect(await remoteRefs("https://git.acme.dev/shop", async () => answer(body))).toEqual({
        ok: true,
        branches: [],
        defaultBranch: null,
      });
    }
  });
});

describe("inspect-repo", () => {
  let world: World;
  let project: Awaited<ReturnType<typeof makeProject>>;
  const FOUND = {
    readable: true,
    branches: ["main", "next"],
    defaultBranch: "main",
    suggestions: [{ source: "Procfile", startCommand: "node w.js", buildCommand: "npm ci" }],
    reason: null,
  };
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterEach(() => vi.restoreAllMocks());

  async function withHosts(statuses: string[]) {
    project = await makeProject(world);
    const ids = statuses.map((_, i) => `hst_${project.id.slice(4, -1)}${i}`);
    for (const [i, status] of statuses.entries()) {
      await world.env.DB.batch([
        world.env.DB.prepare(
          "INSERT INTO hosts (id, project_id, name, public_key, capacity, facts, joined_at) VALUES (?, ?, ?, '', '{}', '{}', 0)",
        ).bind(ids[i], project.id, `web-${i}`),
        world.env.DB.prepare(
          "INSERT INTO host_projections (host_id, version, status, used, epoch, at) VALUES (?, 1, ?, 0, 1, 0)",
        ).bind(ids[i], status),
      ]);
    }
    return ids.map((id) => world.host(id));
  }
  const inspect = (body: object) =>
    world.ask<RepoView>(`${project.path}/inspect-repo`, { body, token: project.developer });

  it("shows what an online host found", async () => {
    const [away, online] = await withHosts(["lost", "online"]);
    online!.found = FOUND;
    const seen = await inspect({
      repo: "ssh://git@acme.dev/shop",
      branch: "next",
      rootDir: "./a/",
    });
    expect(seen.body).toEqual(FOUND);
    expect(online!.asked).toEqual([
      { repo: "ssh://git@acme.dev/shop", branch: "next", rootDir: "a", allowLocalRepo: true },
    ]);
    expect(away!.asked).toEqual([]);
  });

  it("asks another host where the first is not connected", async () => {
    const both = await withHosts(["online", "online"]);
    both[0]!.found = FOUND;
    expect((await inspect({ repo: "/srv/shop" })).body.readable).toBe(true);
  });

  it("reads the branches of a public repository also where no host is online", async () => {
    await withHosts(["lost"]);
    vi.spyOn(globalThis, "fetch").mockImplementation((url, init) =>
      server([])(String(url), init ?? {}),
    );
    expect((await inspect({ repo: "https://git.acme.dev/shop" })).body).toEqual({
      branches: ["feature/a-b", "trunk"],
      defaultBranch: "trunk",
      suggestions: [],
      readable: true,
      reason: "No host of this project is online, so that nobody could read its files.",
    });
  });

  it("says why nobody could read it", async () => {
    await withHosts([]);
    expect((await inspect({ repo: "git@acme.dev:shop" })).body).toEqual({
      branches: [],
      defaultBranch: null,
      suggestions: [],
      readable: false,
      reason: "No host of this project is online.",
    });
    const [host] = await withHosts(["online"]);
    host!.found = { ...FOUND, readable: false, branches: [], reason: "Git could not read it." };
    expect((await inspect({ repo: "https://127.0.0.1/shop" })).body).toMatchObject({
      readable: false,
      reason: "Git could not read it.",
    });
  });

  it("takes the addresses that a worker may have, and no others", async () => {
    await withHosts([]);
    for (const repo of [
      "http://a.dev/x",
      "ext::sh -c id",
      "--upload-pack=x",
      "https://a:b@c.dev/x",
    ])
      expect((await inspect({ repo })).status).toBe(400);
    const strict = await makeWorld({ COPPICE_ALLOW_LOCAL_REPOS: "0" });
    const refused = await strict.problem(`${project.path}/inspect-repo`, {
      body: { repo: "/etc" },
      token: project.developer,
    });
    expect(refused).toMatchObject({ status: 422, body: { code: "local_repo_refused" } });
    const viewer = { body: { repo: "https://a.dev/x" }, token: project.viewer };
    expect((await world.problem(`${project.path}/inspect-repo`, viewer)).status).toBe(403);
  });
});
