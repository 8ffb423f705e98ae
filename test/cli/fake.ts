// A control plane for tests of client and CLI: a real HTTP server that answers in the words of protocol/, from a small state
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { CoppiceToml, workersOfConfig } from "../../protocol/config.ts";
import { cloudInit, installCommand } from "../../protocol/install.ts";
import { PROBLEMS, type ProblemCode } from "../../protocol/problems.ts";
import type {
  DeployView,
  EnvView,
  GroupChangeView,
  GroupView,
  HostView,
  InstanceView,
  LogLine,
  ReleaseDiffView,
  WorkerView,
} from "../../protocol/rest.ts";
import { makePlan } from "../../src/services/config/plan.ts";
import {
  AT,
  crash,
  crashGroup,
  deployView,
  hex,
  hook,
  host,
  instance,
  invitation,
  logLine,
  release,
  TOKEN,
  token,
  worker,
} from "./views.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export class FakeControlPlane {
  /** The machine that takes the next join token, and how it stands then. */
  joins: HostView | null = null;
  workers: WorkerView[] = [worker()];
  instances: InstanceView[] = [instance()];
  hosts: HostView[] = [host()];
  /** What happens before each next look at one host. */
  readonly hostNews: (() => void)[] = [];
  deploys: DeployView[] = [deployView()];
  /** What a change of variables is answered to have changed. */
  changedEnv: string[] = ["B"];
  difference: ReleaseDiffView = {
    from: { release: 4, commit: "a1b2c3d4".repeat(5), commitMessage: "Send mails" },
    to: { release: 3, commit: "b1b2c3d4".repeat(5), commitMessage: "Send" },
    fields: [{ field: "startCommand", from: "node mailer.js", to: "node old.js" }],
    env: {
      ...{ added: [{ name: "OLD", version: 1 }], removed: [{ name: "NEW", version: 2 }] },
      changed: [{ name: "SET", from: 2, to: 1 }],
    },
  };
  env: EnvView = {
    version: 2,
    liveVersion: 2,
    items: [{ name: "A", version: 1, plain: false, updatedAt: AT }],
    groups: [],
  };
  groups: GroupView[] = [
    {
      ...{ id: `grp_${hex("8")}`, name: "shared", version: 2, createdAt: AT },
      items: [{ name: "DATABASE_URL", version: 2, plain: false, updatedAt: AT }],
      workers: [{ id: `wrk_${hex("1")}`, name: "mailer", envChanged: true }],
    },
  ];
  /** What came of a group's deploys. */
  groupDeploys: GroupChangeView["deploys"] = [{ worker: "mailer", number: 5, problem: null }];
  lines: LogLine[] = [logLine("sent 1"), logLine("sent 2", { cursor: "2.1" })];
  /** How it stands with the device code, each time that it is asked. */
  device: { state: string; token: string | null; project: string | null }[] = [];
  /** Answers for the next requests of `METHOD path-end`, before the usual one. */
  readonly failing: { readonly match: string; times: number; readonly code: ProblemCode }[] = [];
  readonly asked: Asked[] = [];
  url = "";
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  fail(match: string, code: ProblemCode, times = 1): void {
    this.failing.push({ match, code, times });
  }

  /** What was asked with another method than GET, but for plans alone. */
  get changes(): Asked[] {
    return this.asked.filter(({ method, path }) => method !== "GET" && !path.includes("dry_run=1"));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = "GET", headers } = request;
    const url = new URL(request.url ?? "/", this.url);
    const body: unknown = text === "" ? null : JSON.parse(text);
    this.asked.push({ method, path: `${url.pathname}${url.search}`, headers, body });
    const failure = this.failing.find(
      (one) => one.times > 0 && `${method} ${url.pathname}`.endsWith(one.match),
    );
    if (failure) {
      failure.times--;
      problem(response, failure.code);
      return;
    }
    const open = url.pathname === "/healthz" || url.pathname.startsWith("/v1/device-codes");
    if (!open && headers.authorization !== `Bearer ${TOKEN}`) {
      problem(response, "unauthenticated");
      return;
    }
    this.#answer(response, { method, url, body });
  }

  #answer(response: ServerResponse, asked: { method: string; url: URL; body: unknown }): void {
    const { method, url } = asked;
    if (url.pathname.endsWith("/logs")) {
      this.#logs(response, url);
      return;
    }
    if (url.pathname.endsWith("/log")) {
      send(response, 200, "", "application/x-ndjson");
      return;
    }
    const rest = url.pathname.replace("/v1/projects/shop", "");
    const worker = /^\/workers\/([^/]+)(\/.*)?$/.exec(rest);
    const found = worker
      ? this.#ofWorker(method, decodeURIComponent(worker[1] ?? ""), worker[2] ?? "", asked.body)
      : this.#ofProject(asked, rest);
    if (found === "precondition_failed") problem(response, found);
    else if (found === undefined) problem(response, "not_found");
    else if (found === null) send(response, 204, "");
    else send(response, method === "POST" ? 201 : 200, JSON.stringify(found));
  }

  /** How often a plan is answered before what is there moves. */
  planned = Number.POSITIVE_INFINITY;
  /** The real plan, of what is here; carried out by no more than saying so. */
  #config(raw: unknown, url: URL): unknown {
    const { workers: wanted } = workersOfConfig(CoppiceToml.parse(raw));
    const present = this.workers.map(({ name, specVersion, ...spec }) => ({
      ...{ name, specVersion, spec: { ...spec, name, wanted: "running" as const } },
      ...{
        envNames: this.env.items.map((one) => one.name),
        isNew: false,
        envChanged: false,
        newest: null,
      },
    }));
    const groups = new Map(
      this.groups.map(({ items, name }) => [name, items.map((one) => one.name)] as const),
    );
    const plan = makePlan({ wanted, present, groups, deploy: "always" });
    const applied = url.searchParams.get("dry_run") === "0";
    if (applied && this.planned <= 1) return "precondition_failed";
    const { operations, missing, obstacles } = plan;
    const deploys = plan.planned.map((one) => ({
      ...{ worker: one.wanted.name, number: this.deploys[0]?.number ?? 1, problem: null },
    }));
    return {
      ...{ operations, missing, obstacles, version: "plan-1", applied },
      deploys: applied ? deploys : [],
    };
  }

  #ofProject(
    { body, method, url }: { method: string; url: URL; body: unknown },
    rest: string,
  ): unknown {
    const list = (items: unknown[]) => ({ items, next: null });
    switch (`${method} ${rest}`) {
      case "GET /healthz":
        return { ok: true, version: "0.1.0" };
      case "GET /v1/whoami":
        return { name: "ci", role: "admin", project: { id: `prj_${hex("6")}`, name: "shop" } };
      case "POST /v1/sign-in-links":
        return { url: `${this.url}/sign-in#once`, expiresAt: "2099-01-01T00:00:00.000Z" };
      case "POST /v1/device-codes":
        return {
          ...{ deviceCode: "dev", userCode: "BCDF-GHJK", verificationUrl: `${this.url}/device` },
          ...{ expiresAt: "2099-01-01T00:00:00.000Z", intervalS: 0 },
        };
      case "POST /v1/device-codes/token":
        return this.device.shift();
      case "GET /workers":
        return list(this.workers);
      case "POST /workers": {
        const made = worker({ ...(body as Partial<WorkerView>), status: "pending", release: null });
        this.workers.push(made);
        return made;
      }
      case "GET /hosts":
        return list(this.hosts);
      case "POST /hosts/thaw": {
        const frozen = this.hosts.filter((one) => one.frozen !== null);
        for (const one of frozen) one.frozen = null;
        return { hosts: frozen.map((one) => one.name) };
      }
      case "PUT /config":
        return this.#config(body, url);
      case "GET /groups":
        return list(this.groups);
      case "POST /groups":
        return { ...this.groups[0], items: [], workers: [], ...(body as object), env: undefined };
      case "PUT /groups/shared/env":
        return {
          ...this.groups[0],
          changed: this.changedEnv,
          warnings: [],
          deploys: this.groupDeploys,
        };
      case "GET /tokens":
        return list([token]);
      case "POST /tokens":
        return { ...token, ...(body as object), token: "cop_new" };
      case "POST /join-tokens":
        if (this.joins) this.hosts.push(this.joins);
        return {
          id: `joi_${hex("7")}`,
          token: "cop_join",
          expiresAt: "2099-01-01T00:00:00.000Z",
          command: installCommand(invitation),
          cloudInit: cloudInit(invitation),
        };
      default:
        if (rest.startsWith("/hosts/")) return this.#ofHost(method, rest, body);
        return method === "DELETE" && /^\/(tokens|groups)\//.test(rest) ? null : undefined;
    }
  }

  /** All are the first worker's. */
  #onHost(hostId: string): unknown[] {
    const { id, name } = this.workers[0] ?? { id: "", name: "" };
    const later = (one: InstanceView) =>
      this.instances.find(
        ({ slot, generation }) => slot === one.slot && generation > one.generation,
      );
    return this.instances
      .filter((one) => one.hostId === hostId)
      .map((one) => ({
        worker: { id, name },
        instance: one,
        successor: later(one) ?? null,
      }));
  }

  #ofHost(method: string, rest: string, body: unknown): unknown {
    const [, , name, verb = ""] = rest.split("/");
    if (method === "GET" && verb === "") this.hostNews.shift()?.();
    const found = this.hosts.find((one) => one.id === name || one.name === name);
    if (!found) return undefined;
    switch (`${method} ${verb}`) {
      case "GET ":
        return found;
      case "GET instances":
        return { items: this.#onHost(found.id), next: null };
      case "POST cordon":
        return Object.assign(found, { cordoned: true });
      case "DELETE cordon":
        return Object.assign(found, { cordoned: false });
      case "POST drain": {
        const { deadlineMs = 600_000 } = (body ?? {}) as { deadlineMs?: number };
        const drainUntil = new Date(Date.parse(AT) + deadlineMs).toISOString();
        return Object.assign(found, { cordoned: true, drainUntil });
      }
      case "DELETE drain":
        return Object.assign(found, { cordoned: false, drainUntil: null });
      case "DELETE ":
        return null;
      default:
        return undefined;
    }
  }

  #ofWorker(method: string, name: string, rest: string, body: unknown): unknown {
    const found = this.workers.find((one) => one.id === name || one.name === name);
    if (!found) return undefined;
    const list = (items: unknown[]) => ({ items, next: null });
    const number = /^\/deploys\/(\d+)$/.exec(rest)?.[1];
    if (method === "GET" && number)
      return this.deploys.find((one) => one.number === Number(number));
    switch (`${method} ${rest}`) {
      case "PATCH ":
        return Object.assign(found, body);
      case "GET ":
      case "DELETE ":
      case "POST /stop":
      case "POST /start":
        return found;
      case "GET /instances":
        return list(this.instances);
      case "GET /deploys":
        return list(this.deploys);
      case "POST /deploys":
      case "POST /restart":
      case "POST /rollbacks":
        return this.deploys[0];
      case "GET /releases/3/diff":
        return this.difference;
      case "GET /releases":
        return list([release]);
      case "GET /crashes":
        return list([crash]);
      case "GET /crash-groups":
        return list([crashGroup]);
      case "GET /hooks":
        return list([hook]);
      case "POST /hooks":
      case `POST /hooks/${hook.id}/rotate`:
        return { ...hook, ...(body as object), secret: "cop_hook_once" };
      case `DELETE /hooks/${hook.id}`:
        return null;
      case "GET /env":
        return this.env;
      case "GET /git-credential":
        return { kind: null, updatedAt: null };
      case "PUT /git-credential":
        return { kind: "token", updatedAt: AT };
      case "DELETE /git-credential":
        return null;
      case "PUT /env":
        return { ...this.env, version: 3, changed: this.changedEnv, warnings: [] };
      default:
        return undefined;
    }
  }

  /** A page, or a stream that ends behind the stored lines: a client has to come back after the last one. */
  #logs(response: ServerResponse, url: URL): void {
    const lines = this.lines.slice(-Number(url.searchParams.get("limit") ?? 100));
    if (url.searchParams.get("follow") !== "1") {
      response.setHeader("coppice-cursor", this.lines.at(-1)?.cursor ?? "0");
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      send(response, 200, text, "application/x-ndjson");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("retry: 50\n\n");
  }
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = "application/json",
): void {
  response.writeHead(status, { "content-type": type });
  response.end(text);
}

function problem(response: ServerResponse, code: ProblemCode): void {
  const { status, title } = PROBLEMS[code];
  const text = JSON.stringify({
    ...{ type: "about:blank", title, status, code },
    ...{ detail: `${title}, said the fake.`, requestId: "req_1" },
  });
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(text);
}
