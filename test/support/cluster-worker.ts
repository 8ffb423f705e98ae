// One worker of a test cluster: its addresses in the API, and waiting for what a test wants to see.
import type {
  CrashView,
  DeployView,
  EventView,
  InstanceView,
  LogLine,
  ReleaseView,
  WorkerView,
} from "../../protocol/rest.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import type { Cluster } from "./cluster.ts";

interface List<T> {
  readonly items: T[];
  readonly next: string | null;
}

const UP: ReadonlySet<string> = new Set(["running", "healthy"]);

export class WorkerHandle {
  readonly name: string;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  get path(): string {
    return `${this.#cluster.projectPath}/workers/${this.name}`;
  }

  view(): Promise<WorkerView> {
    return this.#cluster.api.json<WorkerView>(this.path);
  }

  async patch(body: Record<string, unknown>): Promise<void> {
    await this.#cluster.api.json(this.path, { method: "PATCH", body });
  }

  /** `restart`, `stop`, `start`, or a body-less POST below the worker. */
  async post<T>(verb: string, body: unknown = {}): Promise<T> {
    return this.#cluster.api.json<T>(`${this.path}/${verb}`, { method: "POST", body });
  }

  async delete(): Promise<void> {
    await this.#cluster.api.json(this.path, { method: "DELETE" });
  }

  /** ChangeEnv: single changes or a whole `.env` text. */
  async changeEnv(body: Record<string, unknown>): Promise<void> {
    await this.#cluster.api.json(`${this.path}/env`, { method: "PUT", body });
  }

  deploy(ref?: string): Promise<DeployView> {
    return this.post<DeployView>("deploys", ref === undefined ? {} : { ref });
  }

  async #list<T>(what: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: List<T> = await this.#cluster.api.json(`${this.path}/${what}?limit=200${more}`);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return items;
  }

  instances(): Promise<InstanceView[]> {
    return this.#list("instances");
  }
  deploys(): Promise<DeployView[]> {
    return this.#list("deploys");
  }
  releases(): Promise<ReleaseView[]> {
    return this.#list("releases");
  }
  crashes(): Promise<CrashView[]> {
    return this.#list("crashes");
  }
  events(): Promise<EventView[]> {
    return this.#list("events");
  }

  /** The newest lines, or those after a cursor, oldest first. */
  logs(query: Readonly<Record<string, string>> = {}): Promise<LogLine[]> {
    const search = new URLSearchParams({ limit: "1000", ...query });
    return this.#cluster.api.lines<LogLine>(`${this.path}/logs?${search}`, { timeoutMs: 30_000 });
  }

  /** Exactly `count` instances, all up, each with a pid; sorted by slot. */
  up(count: number, withinMs = 15_000): Promise<InstanceView[]> {
    const what = `${count} instances of ${this.name} to be up`;
    return this.#wait(what, withinMs, async () => {
      const all = (await this.instances()).filter((one) => one.state !== "stopped");
      const good = all.every((one) => UP.has(one.state) && one.pid !== null);
      return good && all.length === count ? all.sort((a, b) => a.slot - b.slot) : null;
    });
  }

  async pids(count: number): Promise<number[]> {
    return (await this.up(count)).map((one) => one.pid ?? 0);
  }

  /** At least `count` crash records. */
  crashed(count: number, withinMs = 10_000): Promise<CrashView[]> {
    return this.#wait(`${count} crashes of ${this.name}`, withinMs, async () => {
      const crashes = await this.crashes();
      return crashes.length >= count ? crashes : null;
    });
  }

  /** The deploy of that number, once it has come to an end. */
  deployEnded(number: number, withinMs = 25_000): Promise<DeployView> {
    return this.#wait(`deploy ${number} of ${this.name} to end`, withinMs, async () => {
      const deploy = (await this.deploys()).find((one) => one.number === number);
      return deploy !== undefined && deploy.endedAt !== null ? deploy : null;
    });
  }

  /** The first line that fits, among the newest thousand. */
  logged(fits: (line: LogLine) => boolean, withinMs = 10_000): Promise<LogLine> {
    return this.#wait(`a certain line of ${this.name}`, withinMs, async () => {
      return (await this.logs()).find(fits) ?? null;
    });
  }

  status(wanted: WorkerView["status"], withinMs = 15_000): Promise<WorkerView> {
    return this.#wait(`${this.name} to be ${wanted}`, withinMs, async () => {
      const view = await this.view();
      return view.status === wanted ? view : null;
    });
  }

  async #wait<T>(what: string, withinMs: number, ask: () => Promise<T | null>): Promise<T> {
    try {
      return await waitUntil({ what, withinMs, everyMs: 40 }, ask);
    } catch (error) {
      const state = {
        view: await this.view().catch(String),
        instances: await this.instances().catch(String),
        deploys: await this.deploys().catch(String),
        events: await this.events().catch(String),
      };
      throw new Error(
        `${error instanceof Error ? error.message : error}\n${JSON.stringify(state, null, 1).slice(0, 6_000)}\n${this.#cluster.diary()}`,
      );
    }
  }
}
