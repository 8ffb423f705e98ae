// A whole Coppice for the end-to-end tests: real workerd, keeper and agent as supervised processes in a directory
// of their own, on a free port, reached through the public API alone.
//
// 1. Nothing of it is left after `close`: programs, keeper, agent, workerd and the directory.
// 2. A part that a test kills comes back by itself, as under systemd or `npm start`.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyOverrides } from "../../protocol/policy.ts";
import type { HostView, NewTokenView, ProjectView } from "../../protocol/rest.ts";
import { type AgentBundles, bundleAgent } from "../../scripts/bundle-agent.ts";
import { Api } from "../../scripts/local/api.ts";
import { commandLine, identify } from "../../scripts/local/identity.ts";
import { fleetPaths, LocalHost } from "../../scripts/local/local-host.ts";
import { controlPlanePart } from "../../scripts/local/parts.ts";
import { makeState, readSecrets, type StatePaths, statePaths } from "../../scripts/local/state.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import type { Part } from "../../scripts/supervisor.ts";
import { WorkerHandle } from "./cluster-worker.ts";

/** Durations that a test can wait for; the shapes stay those of production. */
export const QUICK_POLICY: PolicyOverrides = {
  restart: { baseMs: 200, capMs: 1_000, jitter: 0.25, resetAfterMs: 3_000 },
  heartbeat: {
    hostPingMs: 1_000,
    workerPingMs: 1_000,
    pongTimeoutMs: 3_000,
    suspectMs: 20_000,
    lostMs: 60_000,
  },
  reconnect: {
    firstMs: 100,
    eagerCapMs: 300,
    exclusiveCapMs: 300,
    eagerForMs: 120_000,
    capMs: 1_000,
  },
  rollout: {
    soakMs: 700,
    soakCrashes: 3,
    soakDeadlineMs: 8_000,
    startDeadlineMs: 20_000,
    noRoomMs: 10_000,
    buildDeadlineMs: 20_000,
  },
  logs: { readMs: 50, flushMs: 1_000 },
  objects: { projectionMs: 200, retryMs: 300 },
};

export interface ClusterOptions {
  readonly policy?: PolicyOverrides;
  /** How many hosts, web-1 and so on; one by default. */
  readonly hosts?: number;
  /** The address that the control plane listens on and that hosts call. */
  readonly address?: string;
  /** A command in whose place a host's keeper and agent run, like `nsenter --net=…`. */
  readonly within?: (name: string) => readonly string[];
}

interface ClusterParts {
  readonly paths: StatePaths;
  readonly api: Api;
  readonly operator: Api;
  readonly project: ProjectView;
  readonly controlPlane: Part;
  readonly hosts: readonly LocalHost[];
  readonly directory: string;
}

export class Cluster {
  readonly paths: StatePaths;
  readonly api: Api;
  readonly operator: Api;
  readonly project: ProjectView;
  readonly controlPlane: Part;
  readonly hosts: readonly LocalHost[];
  readonly #directory: string;

  private constructor(parts: ClusterParts) {
    this.paths = parts.paths;
    this.api = parts.api;
    this.operator = parts.operator;
    this.project = parts.project;
    this.controlPlane = parts.controlPlane;
    this.hosts = parts.hosts;
    this.#directory = parts.directory;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), "coppice-e2e-"));
    const paths = statePaths(join(directory, "state"));
    makeState(paths);
    const policy = JSON.stringify(options.policy ?? QUICK_POLICY);
    const host = options.address ?? "127.0.0.1";
    const port = await freePort(host);
    const controlPlane = controlPlanePart({ paths, port, host, policy });
    try {
      const [bundles] = await Promise.all([bundleAgent(paths.bin), controlPlane.start()]);
      const url = `http://${host}:${port}`;
      return await Cluster.#complete({ directory, paths, controlPlane, bundles, url }, options);
    } catch (error) {
      const log = tailOf(controlPlane.spec.logFile);
      await controlPlane.stop();
      throw new Error(`the cluster did not start: ${error}\ncontrol plane:\n${log}`);
    }
  }

  static async #complete(
    input: {
      readonly directory: string;
      readonly paths: StatePaths;
      readonly controlPlane: Part;
      readonly bundles: AgentBundles;
      readonly url: string;
    },
    options: ClusterOptions,
  ): Promise<Cluster> {
    const { directory, paths, controlPlane, bundles, url } = input;
    const operator = new Api(url, readSecrets(paths).operatorToken);
    await waitUntil({ what: "the control plane", withinMs: 60_000 }, () => controlPlane.ready);
    const project = await operator.json<ProjectView>("/v1/projects", { body: { name: "e2e" } });
    const made = await operator.json<NewTokenView>(`/v1/projects/${project.id}/tokens`, {
      body: { name: "tests", role: "admin" },
    });
    const api = new Api(url, made.token);
    const names = Array.from({ length: options.hosts ?? 1 }, (_, i) => `web-${i + 1}`);
    const hosts = names.map((name) => {
      const within = options.within?.(name) ?? [];
      return new LocalHost({ name, paths: fleetPaths(paths.root, name), bundles, within });
    });
    const cluster = new Cluster({ paths, api, operator, project, controlPlane, hosts, directory });
    try {
      for (const host of hosts) {
        await host.join(api, project.id);
        host.start();
      }
      await cluster.online(names);
    } catch (error) {
      const story = `${error}\n${cluster.diary()}`;
      await cluster.close();
      throw new Error(story);
    }
    return cluster;
  }

  /** Waits until these hosts are online; until all are where none are named. */
  async online(names = this.hosts.map((host) => host.name), withinMs = 20_000): Promise<void> {
    await waitUntil({ what: `${names} to be online`, withinMs, everyMs: 100 }, async () => {
      const listed = await this.listHosts();
      return names.every((name) => {
        return listed.some((host) => host.name === name && host.status === "online");
      });
    });
  }

  async listHosts(): Promise<HostView[]> {
    return (await this.api.json<{ items: HostView[] }>(`${this.projectPath}/hosts`)).items;
  }

  host(name: string): LocalHost {
    const found = this.hosts.find((host) => host.name === name);
    if (!found) throw new Error(`no host ${name}`);
    return found;
  }

  /** Of the first host. */
  get keeper(): Part {
    return this.hosts[0]!.keeper;
  }
  get agent(): Part {
    return this.hosts[0]!.agent;
  }

  get projectPath(): string {
    return `/v1/projects/${this.project.id}`;
  }

  /** workerd's own pid, as the control plane recorded it; null while it is down. */
  get workerdPid(): number | null {
    try {
      const record: unknown = JSON.parse(
        readFileSync(join(this.paths.run, "workerd.json"), "utf8"),
      );
      return (record as { pid: number }).pid;
    } catch {
      return null;
    }
  }

  /** Pids of every process that carries a host's mark: instances and their descendants, of one worker or all. */
  programs(worker?: string): number[] {
    return this.hosts
      .flatMap((host) => host.programs())
      .filter(
        (pid) => worker === undefined || environmentOf(pid).includes(`COPPICE_WORKER=${worker}`),
      );
  }

  /** A variable of a living program. */
  variable(pid: number, name: string): string | null {
    const found = environmentOf(pid).find((entry) => entry.startsWith(`${name}=`));
    return found === undefined ? null : found.slice(name.length + 1);
  }

  /** Leaves a file in the HOME of a living program, whole at once. */
  writeHome(pid: number, name: string, text: string): void {
    const home = this.variable(pid, "HOME");
    if (home === null) throw new Error(`process ${pid} has no HOME`);
    writeFileSync(join(home, `.${name}.tmp`), text);
    renameSync(join(home, `.${name}.tmp`), join(home, name));
  }

  /** How many processes on this machine have exactly this command line. */
  running(command: string): number {
    return readdirSync("/proc").filter((name) => {
      return /^\d+$/.test(name) && identify(Number(name)) && commandLine(Number(name)) === command;
    }).length;
  }

  /** Creates a worker; give it at least a name, a repository and a start command. */
  async createWorker(body: CreateWorkerBody): Promise<WorkerHandle> {
    await this.api.json(`${this.projectPath}/workers`, { body: { stopGraceMs: 2_000, ...body } });
    return new WorkerHandle(this, body.name);
  }

  /** Waits until the control plane answers again. */
  async healthy(withinMs = 15_000): Promise<void> {
    await waitUntil({ what: "the control plane", withinMs }, async () => {
      return this.controlPlane.ready && (await this.api.fetch("/healthz", { timeoutMs: 2_000 })).ok;
    });
  }

  /** The last lines that each part wrote, for the message of a failed test. */
  diary(): string {
    const parts = this.hosts.flatMap(({ name, keeper, agent }) => [
      { of: name, part: keeper },
      { of: name, part: agent },
    ]);
    return [{ of: "coppice", part: this.controlPlane }, ...parts]
      .map(({ of, part }) => `--- ${of} ${part.spec.name}\n${tailOf(part.spec.logFile)}`)
      .join("\n");
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.end(1_000)));
    await this.controlPlane.stop();
    if (process.env.COPPICE_KEEP !== "1") rmSync(this.#directory, { recursive: true, force: true });
    else console.log(`kept: ${this.#directory}`);
  }
}

export interface CreateWorkerBody {
  readonly name: string;
  readonly repo: string;
  readonly startCommand: string;
  readonly memoryBytes?: number;
  readonly branch?: string;
  readonly rootDir?: string;
  readonly buildCommand?: string;
  readonly instances?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly stopGraceMs?: number;
  readonly deploy?: boolean;
  readonly mode?: "available" | "exclusive";
  readonly hosts?: Readonly<Record<string, string>>;
}

/** A port that nobody had a moment ago. */
export function freePort(address = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, address, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** `NAME=value` of a living process; empty where it cannot be read. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}

function tailOf(file: string): string {
  try {
    return readFileSync(file, "utf8").split("\n").slice(-40).join("\n");
  } catch {
    return "(nothing)";
  }
}
