// One host on this machine, as good as a VM of its own: its own state directory, keeper and agent. It can be ended in
// order, lose its power, hang, and come back.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { AgentBundles } from "../bundle-agent.ts";
import type { Part, PartEvents } from "../supervisor.ts";
import type { Api } from "./api.ts";
import { endHost, joinHost, programsOf } from "./host.ts";
import { signal } from "./identity.ts";
import { agentPart, keeperPart } from "./parts.ts";
import { makeState, type StatePaths, statePaths } from "./state.ts";
import { waitUntil } from "./wait.ts";

export interface LocalHostOptions {
  readonly name: string;
  readonly paths: StatePaths;
  readonly bundles: AgentBundles;
  /** A command in whose place keeper and agent run, like `nsenter --net=…`. */
  readonly within?: readonly string[];
  readonly events?: PartEvents;
}

/** Where the hosts of a fleet keep their state, beside the control plane's. */
export function fleetPaths(root: string, name: string): StatePaths {
  return statePaths(join(root, "hosts", name));
}

/** The hosts of every fleet that was started there before. */
export function knownFleet({ root }: StatePaths): StatePaths[] {
  const directory = join(root, "hosts");
  return existsSync(directory) ? readdirSync(directory).map((name) => fleetPaths(root, name)) : [];
}

export class LocalHost {
  readonly name: string;
  readonly paths: StatePaths;
  readonly #options: LocalHostOptions;
  #keeper: Part;
  #agent: Part;

  constructor(options: LocalHostOptions) {
    this.name = options.name;
    this.paths = options.paths;
    this.#options = options;
    makeState(this.paths);
    this.#keeper = keeperPart(options);
    this.#agent = agentPart(options);
  }

  get keeper(): Part {
    return this.#keeper;
  }

  get agent(): Part {
    return this.#agent;
  }

  /** Joins the project that the API's token is an admin of; once. */
  join(api: Api, projectId: string): Promise<void> {
    const { bundles, name, paths } = this.#options;
    return joinHost({ api, paths, bundles, projectId, name });
  }

  start(): void {
    this.#keeper.start();
    this.#agent.start();
  }

  /** Pids of the programs that run here, descendants and all. */
  programs(): number[] {
    return programsOf(this.paths);
  }

  /** As when its power is cut: keeper, agent and all programs are gone at once, and nothing is told or written. */
  async losePower(): Promise<void> {
    for (const part of [this.#keeper, this.#agent]) {
      part.retire();
      if (part.pid !== null) signal(part.pid, "SIGKILL");
    }
    await waitUntil({ what: `the end of host ${this.name}`, withinMs: 10_000, everyMs: 20 }, () => {
      const left = this.programs();
      for (const pid of left) signal(pid, "SIGKILL");
      return left.length === 0 && this.#keeper.pid === null && this.#agent.pid === null;
    });
  }

  /** Comes back after a loss of power, with another boot id. */
  reboot(bootId: string): void {
    this.#keeper = keeperPart({ ...this.#options, bootId });
    this.#agent = agentPart(this.#options);
    this.start();
  }

  /** Stops agent and keeper, or lets them go on; their programs are not touched. */
  hang(parts: readonly ("agent" | "keeper")[], name: "SIGSTOP" | "SIGCONT"): void {
    for (const part of parts) {
      const { pid } = part === "agent" ? this.#agent : this.#keeper;
      if (pid !== null) signal(pid, name);
    }
  }

  async end(graceMs: number): Promise<void> {
    this.hang(["agent", "keeper"], "SIGCONT");
    await endHost({ paths: this.paths, keeper: this.#keeper, agent: this.#agent, graceMs });
  }
}
