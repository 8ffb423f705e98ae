// One build: resolve, fetch, build, pack, upload. It always ends, and with a sentence where it failed.
//
// 1. Its children are killed whole, at the deadline or when nobody wants it any more; of what the build command starts
//    none outlives the step (build-box.ts).
// 2. What was built already is not built again.
// 3. All that a child prints goes to the spool file directly; the last lines come with a failure.
import { appendFileSync, closeSync, mkdirSync, openSync, statSync, utimesSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type BUILD_STEPS,
  type Build,
  type BuildReport,
  type BuildStep,
  Source,
} from "../../protocol/channel.ts";
import type { KeeperHouse } from "../../protocol/keeper.ts";
import type { Policy } from "../../protocol/policy.ts";
import { cacheDir } from "../environment.ts";
import { tailOfFile } from "../logs/tail.ts";
import type { ProjectUsers } from "../users/verdict.ts";
import { type Log, messageOf, type Running, type World } from "../world.ts";
import type { BuildBox } from "./build-box.ts";
import { runBuildCommand } from "./build-command.ts";
import { removeTree, sizeBelow } from "./cache.ts";
import { deliver, handedIn } from "./deliver.ts";
import { Failure, outcomeOf, refusal, uploadFailure } from "./failure.ts";
import { finishTree, isWhole } from "./finish.ts";
import { Git, type GitOptions, isDiskFull } from "./git.ts";
import { forgetChild, noteChild } from "./leftover.ts";
import { lineOf } from "./line.ts";
import { mb } from "./pack.ts";
import { checkRootDir } from "./root-dir.ts";
import type { ReleaseStore } from "./store.ts";

const TAIL_LINES = 50;
const PROGRESS_MS = 2_000;

export type BuildOutcome = BuildReport["outcome"];
type StepName = (typeof BUILD_STEPS)[number];

export interface BuildRun {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly store: ReleaseStore;
  readonly bootId: string;
  /** The control plane's address, and what a request to it carries. */
  readonly url: string;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly limits: Policy["artifacts"];
  readonly git: Omit<GitOptions, "spawn" | "state">;
  readonly programPath: string;
  readonly workerId: string;
  readonly project: string;
  readonly worker: string;
  readonly build: Omit<Build, "deployId" | "number">;
  /** Where its output goes. */
  readonly spool: string;
  readonly users: ProjectUsers | null;
  readonly house: KeeperHouse | null;
  readonly buildLimits: Policy["build"];
  /** Of the host. */
  readonly memoryBytes: number;
  readonly onStep: (steps: readonly BuildStep[]) => void;
}

type Built = Extract<BuildOutcome, { kind: "succeeded" }>;

export class BuildJob {
  readonly #run: BuildRun;
  #steps: BuildStep[] = [];
  #child: Running | null = null;
  #box: BuildBox | null = null;
  #ended: Failure | null = null;
  readonly #abort = new AbortController();
  /** Has the turn to write a tree. */
  #exclusive = false;

  constructor(run: BuildRun) {
    this.#run = run;
  }

  get steps(): readonly BuildStep[] {
    return this.#steps;
  }

  /** Ends it soon, as canceled. */
  cancel(): void {
    this.#end(new Failure("canceled", "The build was canceled."));
  }

  async run(): Promise<BuildOutcome> {
    const { world, log, spool, build, workerId } = this.#run;
    let outcome: BuildOutcome;
    const begun = world.elapsed();
    try {
      mkdirSync(dirname(spool), { recursive: true, mode: 0o700 });
      closeSync(openSync(spool, "a", 0o600));
      outcome = await this.#make();
    } catch (error) {
      outcome = this.#failed(error);
    }
    const { kind } = outcome;
    const reason = outcome.kind === "failed" ? outcome.reason : undefined;
    log.info("build ended", {
      workerId,
      ref: build.ref,
      kind,
      reason,
      ms: Math.round(world.elapsed() - begun),
    });
    return outcome;
  }

  /** Within the deadline, which does not run while another build has its turn. */
  async #limited<T>(work: () => Promise<T>): Promise<T> {
    const { world, build } = this.#run;
    const minutes = Math.round(build.deadlineMs / 6_000) / 10;
    const late = new Failure("build_timeout", `The build took longer than ${minutes} min.`);
    const timer = world.after(build.deadlineMs, () => this.#end(late));
    try {
      return await work();
    } finally {
      timer.cancel();
    }
  }

  async #make(): Promise<BuildOutcome> {
    const { build, world, state } = this.#run;
    const { spawn } = world;
    const git = new Git({ ...this.#run.git, spawn, state }, (child) => this.#adopt(child));
    const commit = await this.#limited(() => this.#resolve(git));
    const { repo, rootDir, buildCommand } = build;
    const source = Source.parse({ repo, commit, rootDir, buildCommand });
    const made = await this.#obtain(git, source);
    if (!build.pack) return made;
    return (await this.#handIn(source, made)) ?? (await this.#remake(git, source, made.digest));
  }

  async #obtain(git: Git, source: Source): Promise<Built> {
    const { store } = this.#run;
    const there = await this.#reuse(source);
    return there ?? store.exclusively(() => this.#limited(() => this.#makeTree(git, source)));
  }

  /** Null where the tree is not any more what was made. */
  async #handIn(source: Source, made: Built): Promise<Built | null> {
    const delivered = await this.#limited(() => this.#deliver(source, made.digest));
    return delivered.kind === "changed" ? null : { ...made, artifact: delivered.artifact };
  }

  /** Of a tree that changed on the disk nothing is handed in. */
  async #remake(git: Git, source: Source, digest: string): Promise<Built> {
    const { store } = this.#run;
    this.#note("==> The release on this host's disk is not what was built: made anew.");
    await store.alone(source, async () => {
      // Another build may have made it anew by now.
      if (store.find(source)?.digest === digest) await store.discard(source);
    });
    this.#steps = this.#steps.filter(({ name }) => name === "resolve");
    const made = await this.#handIn(source, await this.#obtain(git, source));
    if (made !== null) return made;
    const why = "The release changed on the disk while it was packed: does something write to it?";
    throw new Failure("upload_failed", why);
  }

  #resolve(git: Git): Promise<string> {
    const { build } = this.#run;
    return this.#step("resolve", async () => {
      const resolved = await git.resolve(build, build.ref);
      if (!resolved.ok) throw new Failure(resolved.reason, resolved.message);
      return { value: resolved.commit, detail: resolved.commit };
    });
  }

  async #reuse(source: Source): Promise<Built | null> {
    const { store, bootId, log, workerId } = this.#run;
    const whole = await isWhole({ store, source, bootId }, (path) => {
      this.#note(
        `==> The release on this host's disk is damaged (${path ?? "its seal"}): made anew.`,
      );
      log.warn("release damaged on the disk", { workerId, path });
    });
    const there = store.find(source);
    if (!whole || there === null) return null;
    for (const name of ["fetch", "build", "pack"] as const) this.#skip(name, "built before");
    const { digest, commit, message: commitMessage } = there;
    return { kind: "succeeded", commit, commitMessage, digest, cached: true };
  }

  #makeTree(git: Git, source: Source): Promise<Built> {
    return this.#run.store.alone(source, () => this.#makeAlone(git, source));
  }

  async #makeAlone(git: Git, source: Source): Promise<Built> {
    const { store, world, workerId, state } = this.#run;
    const { commit, buildCommand } = source;
    // Whoever had the turn before may have made the same release.
    const there = await this.#reuse(source);
    if (there !== null) return there;
    this.#exclusive = true;
    try {
      const commitMessage = await this.#fetch(git, source);
      if (buildCommand === null) this.#skip("build", "no build command");
      else await this.#build(source, buildCommand);
      const { digest, artifact } = await this.#pack(source);
      const marker = { digest, commit, message: commitMessage, workerId, artifact, sealed: true };
      store.commit(source, { ...marker, builtAt: world.now() });
      return { kind: "succeeded", commit, commitMessage, digest, cached: false };
    } catch (error) {
      await store.discard(source);
      throw error;
    } finally {
      this.#exclusive = false;
      forgetChild(state);
    }
  }

  #fetch(git: Git, source: Source): Promise<string> {
    const { build, store } = this.#run;
    return this.#step("fetch", async () => {
      const dir = await store.begin(source);
      const branch = build.ref === source.commit ? null : build.ref;
      const out = await git.checkout(build, { commit: source.commit, branch, dir });
      if (!out.ok) throw new Failure(out.reason, out.message);
      this.#note(`==> ${source.commit} ${out.message}`);
      const submodules = statSync(join(dir, ".gitmodules"), { throwIfNoEntry: false })
        ? await git.submodules(dir, source.commit)
        : [];
      const around = submodules.find((path) => `${source.rootDir}/`.startsWith(`${path}/`));
      if (around !== undefined)
        throw new Failure(
          "submodules",
          `The root directory \`${source.rootDir}\` lies in the submodule \`${around}\`, and submodules are not fetched: deploy that repository itself.`,
        );
      checkRootDir(dir, source.rootDir);
      const detail =
        submodules.length > 0 ? `Submodules are not fetched: ${submodules.join(", ")}.` : null;
      if (detail !== null) this.#note(`==> ${detail}`);
      return { value: out.message, detail };
    });
  }

  #build(source: Source, command: string): Promise<void> {
    return this.#step("build", async () => {
      const { state, workerId, world } = this.#run;
      const home = cacheDir(state, workerId);
      mkdirSync(home, { recursive: true, mode: 0o700 });
      utimesSync(home, world.now() / 1_000, world.now() / 1_000);
      this.#note(`$ ${command}`);
      const adopt = (child: Running, box: BuildBox) => this.#adopt(child, box);
      const how = await runBuildCommand(this.#run, { source, command, adopt });
      await this.#boundCache(home);
      this.#check();
      if (how === null) return { value: undefined, detail: null };
      const full = this.#tail().some(isDiskFull);
      throw new Failure(full ? "disk" : "build_failed", `\`${command}\` ${how}.`);
    });
  }

  async #boundCache(home: string): Promise<void> {
    const { cacheBytes } = this.#run.limits;
    if ((await sizeBelow(home, cacheBytes)) <= cacheBytes) return;
    this.#note(
      `==> The build cache has more than ${mb(cacheBytes)}: the next build begins with an empty one.`,
    );
    await removeTree(home);
  }

  #pack(source: Source) {
    const { build, bootId, limits, store, users } = this.#run;
    return this.#step("pack", async () => {
      const dir = store.treeDir(source);
      await rm(join(dir, ".git"), { recursive: true, force: true });
      checkRootDir(dir, source.rootDir);
      const packs = build.pack ? limits : null;
      const group = users?.program.gid ?? null;
      const { signal } = this.#abort;
      const made = await finishTree({ store, source, bootId, limits: packs, signal, group });
      if (made.kind !== "finished") throw refusal(made);
      const { artifact, note } = made;
      const packed = artifact === null ? "" : `, packed ${artifact.bytes} bytes`;
      const detail = `${made.entries} entries, ${made.bytes} bytes${packed}`;
      if (note !== null) this.#note(`==> ${note}: the release is not packed, each host builds it.`);
      return { value: made, detail };
    });
  }

  #deliver(source: Source, digest: string) {
    const { bootId, limits, store, users } = this.#run;
    const { signal } = this.#abort;
    return this.#step("upload", async (tell) => {
      const line = lineOf(this.#run, signal);
      const total = () => store.find(source)?.artifact?.bytes ?? 0;
      const onProgress = (bytes: number) => tell(`${mb(bytes)} of ${mb(total())}`);
      const group = users?.program.gid ?? null;
      const options = { store, source, digest, bootId, limits, signal, group, line, onProgress };
      const delivered = await deliver(options).catch((error) => {
        throw this.#ended ?? uploadFailure(error);
      });
      return handedIn(delivered);
    });
  }

  async #step<T>(
    name: StepName,
    work: (tell: (detail: string) => void) => Promise<{ value: T; detail: string | null }>,
  ): Promise<T> {
    const { world } = this.#run;
    const startedAt = world.now();
    const begun = world.elapsed();
    const lasted = () => Math.round(world.elapsed() - begun);
    const at = this.#steps.length;
    const set = (step: Pick<BuildStep, "state" | "durationMs" | "detail">) => {
      const detail = step.detail?.slice(0, 2_000) ?? null;
      this.#steps = [...this.#steps.slice(0, at), { name, startedAt, ...step, detail }];
      this.#run.onStep(this.#steps);
    };
    set({ state: "running", durationMs: null, detail: null });
    let told = begun;
    const tell = (detail: string) => {
      if (world.elapsed() - told < PROGRESS_MS) return;
      told = world.elapsed();
      set({ state: "running", durationMs: null, detail });
    };
    try {
      this.#check();
      const { value, detail } = await work(tell);
      this.#check();
      set({ state: "done", durationMs: lasted(), detail });
      return value;
    } catch (error) {
      const detail = this.#ended?.message ?? messageOf(error);
      set({ state: "failed", durationMs: lasted(), detail });
      throw error;
    }
  }

  #skip(name: StepName, detail: string): void {
    const step = { name, startedAt: this.#run.world.now(), durationMs: 0, detail };
    this.#steps = [...this.#steps, { ...step, state: "skipped" }];
    this.#run.onStep(this.#steps);
  }

  #failed(error: unknown): BuildOutcome {
    const outcome = outcomeOf(this.#ended ?? error, this.#tail());
    if (outcome.reason === "internal")
      this.#run.log.error("build broke", { message: outcome.message });
    return outcome;
  }

  #tail(): string[] {
    try {
      return tailOfFile(this.#run.spool, { lines: TAIL_LINES });
    } catch {
      return [];
    }
  }

  #note(line: string): void {
    appendFileSync(this.#run.spool, `${line}\n`);
  }

  #adopt(child: Running, box: BuildBox | null = null): void {
    const { world, state } = this.#run;
    this.#child = child;
    this.#box = box;
    if (this.#exclusive) noteChild(world, state, { child, box: box?.note ?? null });
    if (this.#ended !== null) this.#kill();
  }

  #kill(): void {
    this.#child?.killGroup("SIGKILL");
    this.#box?.kill();
  }

  #end(failure: Failure): void {
    this.#ended ??= failure;
    this.#abort.abort(this.#ended);
    this.#kill();
  }

  #check(): void {
    if (this.#ended !== null) throw this.#ended;
  }
}
