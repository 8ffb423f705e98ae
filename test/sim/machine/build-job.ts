// A build without git: it takes its time, ends well or not, and lays its tree into the real store.
//
// 1. A branch stands for one commit at a time; the same commit gives the same digest on every host.
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { BuildOutcome, BuildRun } from "../../../agent/artifacts/build.ts";
import type { Prepared, PrepareRun } from "../../../agent/artifacts/prepare.ts";
import { sim } from "../kernel/sim.ts";
import { appendFileSync, closeSync, mkdirSync, openSync } from "./fs.ts";
import { taskNow } from "./machine.ts";

export interface BuildMood {
  failing: number;
  slow: number;
}
export const buildMood: BuildMood = { failing: 0, slow: 0 };

/** Rises with each push to a branch. */
export const pushes = new Map<string, number>();

/** What each build printed, by its spool file. */
export const printedByBuilds = new Map<string, Buffer[]>();

export function commitOf(repo: string, ref: string): string {
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  const text = `${repo}#${ref}#${pushes.get(`${repo}#${ref}`) ?? 0}`;
  return createHash("sha1").update(text).digest("hex");
}

export class BuildJob {
  readonly #run: BuildRun;
  #canceled: (() => void) | null = null;
  #over = false;

  constructor(run: BuildRun) {
    this.#run = run;
  }

  cancel(): void {
    this.#over = true;
    this.#canceled?.();
  }

  async run(): Promise<BuildOutcome> {
    const { build, spool, store, workerId, world } = this.#run;
    const { random } = taskNow().machine;
    try {
      mkdirSync(dirname(spool), { recursive: true });
      closeSync(openSync(spool, "a"));
      this.#step("resolve", "running");
      await this.#wait(random.int(5, 300));
      const commit = commitOf(build.repo, build.ref);
      const { buildCommand, repo, rootDir } = build;
      const source = { repo, commit, rootDir, buildCommand };
      const digest = `sha256:${createHash("sha256").update(commit).digest("hex")}`;
      this.#step("resolve", "done");
      const outcome = { kind: "succeeded", commit, commitMessage: "m", digest } as const;
      if (store.find(source) !== null) return { ...outcome, cached: true };
      return await store.exclusively(async () => {
        if (store.find(source) !== null) return { ...outcome, cached: true };
        this.#step("build", "running");
        await store.begin(source);
        this.#print(`building ${commit}\n`);
        const isSlow = random.chance(buildMood.slow);
        await this.#wait(isSlow ? random.int(30_000, 240_000) : random.skewed(100, 15_000));
        this.#print("built\n");
        if (random.chance(buildMood.failing)) {
          await store.discard(source);
          return failed("build_failed", "The build failed.");
        }
        store.commit(source, { digest, commit, message: "m", workerId, builtAt: world.now() });
        this.#step("build", "done");
        return { ...outcome, cached: false };
      });
    } catch (error) {
      return failed(this.#over ? "canceled" : "internal", (error as Error).message);
    }
  }

  #step(name: "resolve" | "build", state: "running" | "done"): void {
    this.#run.onStep([
      { name, state, startedAt: this.#run.world.now(), durationMs: null, detail: null },
    ]);
  }

  #print(text: string): void {
    appendFileSync(this.#run.spool, text);
    const printed = printedByBuilds.get(this.#run.spool) ?? [];
    printed.push(Buffer.from(text));
    printedByBuilds.set(this.#run.spool, printed);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const canceled = () => reject(new Error("The build was canceled."));
      if (this.#over) {
        canceled();
        return;
      }
      this.#canceled = canceled;
      this.#run.world.after(ms, resolve);
    });
  }
}

/** Without artifacts, a release is made where it is needed. */
export class PrepareJob {
  readonly #run: PrepareRun;
  readonly #build: BuildJob;

  constructor(run: PrepareRun) {
    this.#run = run;
    this.#build = new BuildJob({ ...run, onStep: () => run.onProgress("Building.") });
  }

  cancel(): void {
    this.#build.cancel();
  }

  async run(): Promise<Prepared> {
    const { release, store } = this.#run;
    const there = { ok: true, place: release.source } as const;
    if (store.find(release.source) !== null) return there;
    const outcome = await this.#build.run();
    return outcome.kind === "failed" ? { ok: false, message: outcome.message } : there;
  }
}

function failed(reason: "build_failed" | "canceled" | "internal", message: string): BuildOutcome {
  return { kind: "failed", reason, message, tail: [] };
}

export function simNow(): number {
  return sim().now;
}
export type { BuildOutcome, BuildRun } from "../../../agent/artifacts/build.ts";
export type { Prepared, PrepareRun } from "../../../agent/artifacts/prepare.ts";
