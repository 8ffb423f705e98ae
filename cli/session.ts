// A command's way to the control plane: the client, the project, and the workers that are meant.
import { type Client, makeClient, ok, pages, type Schemas } from "../client/index.ts";
import { type Hint, readHint } from "./config/local.ts";
import { type Place, requirePlace } from "./config/place.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Io } from "./io.ts";
import { didYouMean } from "./near.ts";
import { clean } from "./output/sanitise.ts";

export type WorkerView = Schemas["WorkerService"];

/** The flags that every command takes. */
export interface Common {
  readonly json?: boolean | undefined;
  readonly context?: string | undefined;
  readonly project?: string | undefined;
}

export class Session {
  readonly client: Client;
  readonly place: Place;
  readonly hint: Hint | null;
  readonly #wished: string | null;
  #project: Promise<string> | null = null;

  constructor(place: Place, hint: Hint | null, io: Io, project: string | null) {
    this.place = place;
    this.hint = hint;
    this.#wished = project;
    this.client = makeClient({
      baseUrl: place.url,
      token: place.token,
      signal: io.signal,
      retry: { baseMs: io.retryMs },
      headers: { "user-agent": "coppice-cli" },
    });
  }

  /** --project > COPPICE_PROJECT > coppice.toml > the context's > the token's own. */
  project(): Promise<string> {
    this.#project ??= this.#findProject();
    return this.#project;
  }

  async #findProject(): Promise<string> {
    const said = this.#wished ?? this.hint?.project ?? this.place.project;
    if (said) return said;
    const { project } = await ok(this.client.GET("/v1/whoami"));
    if (project) return project.name;
    const { items } = await ok(this.client.GET("/v1/projects", { params: { query: {} } }));
    const [first] = items;
    if (first && items.length === 1) return first.name;
    const names = items.map(({ name }) => name).join(", ");
    throw new CliError(
      EXIT.usage,
      items.length > 0 ? `Which project: ${names}?` : "There is no project yet.",
      items.length > 0 ? [`coppice … --project ${first?.name}`] : [],
    );
  }

  /** The path parameters of a worker's addresses. */
  async at(worker: string): Promise<{ project: string; worker: string }> {
    return { project: await this.project(), worker };
  }

  async hosts(): Promise<Schemas["Host"][]> {
    const path = { project: await this.project() };
    const params = { path, query: { limit: 200 } };
    return (await ok(this.client.GET("/v1/projects/{project}/hosts", { params }))).items;
  }

  /** The host of that name or id; one that is not there is answered with the nearest that is. */
  async host(name: string): Promise<Schemas["Host"]> {
    const hosts = await this.hosts();
    const found = hosts.find((one) => one.name === name || one.id === name);
    if (found) return found;
    const known = hosts.map((one) => one.name);
    throw new CliError(
      EXIT.notFound,
      `There is no host \`${clean(name)}\`.${didYouMean(name, known)}`,
      ["coppice hosts"],
    );
  }

  /** The path parameters of a host's addresses. */
  async atHost(host: string): Promise<{ project: string; host: string }> {
    return { project: await this.project(), host };
  }

  /** What runs there, of all workers. */
  async hostInstances(host: string): Promise<Schemas["HostInstance"][]> {
    const params = { path: await this.atHost(host) };
    const path = "/v1/projects/{project}/hosts/{host}/instances";
    return (await ok(this.client.GET(path, { params }))).items;
  }

  async instances(worker: string): Promise<Schemas["Instance"][]> {
    const params = { path: await this.at(worker), query: { limit: 200 } };
    const path = "/v1/projects/{project}/workers/{worker}/instances";
    return (await ok(this.client.GET(path, { params }))).items;
  }

  async tokens(): Promise<Schemas["Token"][]> {
    const path = { project: await this.project() };
    const params = { path, query: { limit: 200 } };
    return (await ok(this.client.GET("/v1/projects/{project}/tokens", { params }))).items;
  }

  async hooks(worker: string): Promise<Schemas["Hook"][]> {
    const params = { path: await this.at(worker) };
    const path = "/v1/projects/{project}/workers/{worker}/hooks";
    return (await ok(this.client.GET(path, { params }))).items;
  }

  async groups(): Promise<Schemas["Group"][]> {
    const path = { project: await this.project() };
    const params = { path, query: { limit: 200 } };
    return (await ok(this.client.GET("/v1/projects/{project}/groups", { params }))).items;
  }

  /** The group of that name or id; one that is not there is answered with the nearest that is. */
  async group(name: string): Promise<Schemas["Group"]> {
    const groups = await this.groups();
    const found = groups.find((one) => one.name === name || one.id === name);
    if (found) return found;
    const known = groups.map((one) => one.name);
    throw new CliError(
      EXIT.notFound,
      `There is no group \`${clean(name)}\`.${didYouMean(name, known)}`,
      ["coppice groups", `coppice groups create ${clean(name)}`],
    );
  }

  /** Names and versions of a worker's variables. */
  async env(worker: string): Promise<Schemas["Env"]> {
    const params = { path: await this.at(worker) };
    return ok(this.client.GET("/v1/projects/{project}/workers/{worker}/env", { params }));
  }

  async workers(): Promise<WorkerView[]> {
    const path = { project: await this.project() };
    const all: WorkerView[] = [];
    const read = (cursor: string | undefined) =>
      ok(
        this.client.GET("/v1/projects/{project}/workers", {
          params: { path, query: { cursor, limit: 200 } },
        }),
      );
    for await (const worker of pages(read)) all.push(worker);
    return all;
  }

  /** The workers of these names; a name that is not there is answered with the nearest one that is. */
  async named(names: readonly string[]): Promise<WorkerView[]> {
    const all = await this.workers();
    return names.map((name) => {
      const found = all.find((one) => one.name === name || one.id === name);
      if (found) return found;
      const known = all.map((one) => one.name);
      const project = this.place.project ?? this.#wished;
      const where = project ? ` in project ${project}` : "";
      throw new CliError(
        EXIT.notFound,
        `There is no worker \`${clean(name)}\`${where}.${didYouMean(name, known)}`,
        ["coppice status"],
      );
    });
  }

  /** Those that are named; else those of coppice.toml that exist; else all of the project. */
  async scope(names: readonly string[]): Promise<WorkerView[]> {
    if (names.length > 0) return this.named(names);
    const all = await this.workers();
    const here = all.filter(({ name }) => this.hint?.workers.includes(name));
    const found = here.length > 0 ? here : all;
    if (found.length > 0) return found;
    throw new CliError(EXIT.notFound, `Project ${await this.project()} has no worker yet.`, [
      "coppice init",
      "coppice up",
    ]);
  }

  /** Exactly one: the named one, or the only one that can be meant. `how` is the command with NAME in it. */
  async one(name: string | undefined, how: string): Promise<WorkerView> {
    const found = await this.scope(name === undefined ? [] : [name]);
    const [first] = found;
    if (first && found.length === 1) return first;
    throw new CliError(
      EXIT.usage,
      `Which worker: ${found.map((one) => one.name).join(", ")}?`,
      first ? [how.replace("NAME", first.name)] : [],
    );
  }
}

export async function openSession(io: Io, flags: Common): Promise<Session> {
  const place = requirePlace(io, flags.context);
  const project = flags.project ?? (io.env.COPPICE_PROJECT || null);
  return new Session(place, await readHint(io.cwd), io, project);
}
