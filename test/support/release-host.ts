// What builds and prepares releases on a host, in this process: the real jobs over a real disk, real git and a store of
// artifacts that speaks the real protocol.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildJob, type BuildRun } from "../../agent/artifacts/build.ts";
import { PrepareJob } from "../../agent/artifacts/prepare.ts";
import { ReleaseStore } from "../../agent/artifacts/store.ts";
import { realWorld } from "../../agent/rim.ts";
import type { BuildStep, DesiredRelease } from "../../protocol/channel.ts";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { makeRepo } from "./agent-host.ts";
import { type ArtifactStore, openArtifactStore } from "./artifact-store.ts";

const PATH = process.env.PATH ?? "";

export class ReleaseHost {
  readonly dir = mkdtempSync(join(tmpdir(), "coppice-release-"));
  readonly artifacts: ArtifactStore;
  /** What was said in the log, a line each. */
  readonly log: string[] = [];
  readonly #own: boolean;
  /** Directories that programs run from. */
  readonly inUse = new Set<string>();
  store: ReleaseStore;
  #spools = 0;

  private constructor(artifacts: ArtifactStore, own: boolean) {
    this.artifacts = artifacts;
    this.#own = own;
    this.store = this.#openStore();
  }

  /** With the store of another one, where that is given. */
  static async open(other?: ReleaseHost): Promise<ReleaseHost> {
    return new ReleaseHost(other?.artifacts ?? (await openArtifactStore()), other === undefined);
  }

  get state(): string {
    return join(this.dir, "state");
  }

  /** As the next agent finds the disk. */
  restart(): void {
    this.store = this.#openStore();
  }

  close(): void {
    if (this.#own) this.artifacts.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  repo(files: Readonly<Record<string, string>>): { repo: string; commit: string } {
    return makeRepo(join(this.dir, `repo-${++this.#spools}`), files);
  }

  async build(change: Partial<BuildRun["build"]> & { readonly repo: string }) {
    let steps: readonly BuildStep[] = [];
    const onStep = (now: readonly BuildStep[]) => {
      steps = now;
    };
    const outcome = await new BuildJob({ ...this.#run(change), onStep }).run();
    return { outcome, steps: steps.map(({ name, state }) => `${name} ${state}`) };
  }

  async built(change: Partial<BuildRun["build"]> & { readonly repo: string }) {
    const { outcome } = await this.build(change);
    if (outcome.kind !== "succeeded") throw new Error(JSON.stringify(outcome));
    return outcome;
  }

  prepare(release: DesiredRelease) {
    const { source } = release;
    const { commit: ref, ...rest } = source;
    const run = this.#run({ ...rest, ref });
    return new PrepareJob({ ...run, release, onProgress: () => {} }).run();
  }

  #openStore(): ReleaseStore {
    const isInUse = (dir: string) => [...this.inUse].some((one) => `${one}/`.startsWith(`${dir}/`));
    const { runsBelow } = realWorld(this.state);
    return new ReleaseStore({ state: this.state, log: this.#log(), isInUse, runsBelow });
  }

  #log(): BuildRun["log"] {
    const say = (what: string) => void this.log.push(what);
    return { info: say, warn: say, error: say };
  }

  #run(build: Partial<BuildRun["build"]> & { readonly repo: string }): Omit<BuildRun, "onStep"> {
    const { state, store, artifacts } = this;
    return {
      ...{ world: realWorld(state), log: this.#log(), state, store, bootId: "boot" },
      ...{ url: artifacts.url, headers: () => ({}), limits: DEFAULT_POLICY.artifacts },
      git: { path: PATH, home: this.dir },
      ...{ programPath: PATH, workerId: "wrk_1", project: "shop", worker: "mailer" },
      build: {
        ...{ ref: "main", rootDir: ".", buildCommand: null, env: {}, allowLocalRepo: true },
        ...{ deadlineMs: 60_000, ...build },
      },
      spool: join(state, `builds/${++this.#spools}/output.build`),
      ...{ users: null, house: null, buildLimits: DEFAULT_POLICY.build, memoryBytes: 2 ** 33 },
    };
  }
}
