// The complete set that each host should have, its revision, and its way to the host.
//
// 1. A revision rises exactly when the content changes; releases never change, so their numbers stand for them.
// 2. A set is sent only on greeted channels, only whole, and only the newest: after each await it is looked up anew.
// 3. Variables, and what opens a repository, are in the clear in memory alone, from just before a send. What opens them is
//    kept here: a send needs no D1.
import { createHash } from "node:crypto";
import type {
  Build,
  Desired,
  DesiredJob,
  DesiredRelease,
  Tombstone,
} from "../../../protocol/channel.ts";
import { type GitCredential, repoOrigin } from "../../../protocol/git-credential.ts";
import { decryptSnapshot, EnvelopeError, type KeyPlace } from "../../db/envelope.ts";
import { openCredential } from "../../db/git-credentials.ts";
import type { Instance, Job } from "../../domain/worker.ts";
import type { EnvSnapshot, SealedCredential } from "../../rpc.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { KnownHost } from "./hosts.ts";
import type { WorkerMeta } from "./meta.ts";
import type { WorkerParts } from "./parts.ts";
import { NO_LIMITS } from "./releases.ts";
import { say } from "./system-lines.ts";

interface Content {
  readonly project: string;
  readonly worker: string;
  readonly run: Desired["run"];
  readonly stop: readonly Tombstone[];
  readonly releases: readonly number[];
  /** Numbers of the deploys to build. */
  readonly builds: readonly number[];
  readonly jobs: readonly DesiredJob[];
}

function contentFor(
  parts: WorkerParts,
  host: KnownHost,
  instances: readonly Instance[],
  deploys: readonly StoredDeploy[],
): Content {
  const jobs = parts.jobs.onHost(host.hostId).filter((one) => one.outcome === null);
  const begun = jobs.filter((one) => one.stop === null);
  const meta = parts.meta.get();
  const here = instances.filter((one) => one.hostId === host.hostId);
  const run = here.filter((one) => one.stop === null);
  const graceMs = meta?.spec.stopGraceMs ?? 30_000;
  const stop: Tombstone[] = here.flatMap((one) =>
    one.stop === null
      ? []
      : [
          {
            instanceId: one.id,
            reason: one.stop.reason,
            graceMs: parts.releases.get(one.release)?.stopGraceMs ?? graceMs,
          },
        ],
  );
  for (const one of jobs)
    if (one.stop) stop.push({ instanceId: one.id, reason: "stopped", graceMs: one.graceMs });
  for (const instanceId of host.strangers) stop.push({ instanceId, reason: "stopped", graceMs });
  return {
    project: meta?.project ?? "",
    worker: meta?.spec.name ?? "",
    run: run.map(({ id, slot, generation, release }) => ({
      instanceId: id,
      slot,
      generation,
      release,
    })),
    stop,
    releases: [...new Set([...run, ...begun].map((one) => one.release))].sort((a, b) => a - b),
    builds: deploys
      .filter((one) => one.status === "building" && one.buildHostId === host.hostId)
      .map((one) => one.number),
    jobs: begun.flatMap((one) => jobOf(parts, one)),
  };
}

function jobOf({ releases }: WorkerParts, { begun, generation, id, release }: Job): DesiredJob[] {
  const command = releases.get(release)?.predeployCommand;
  return command ? [{ jobId: id, generation, release, kind: "predeploy", command, begun }] : [];
}

/** Gives each host whose content changed its next revision. */
export function reviseAll(parts: WorkerParts): void {
  const instances = parts.instances.all();
  const deploys = parts.deploys.active();
  for (const host of parts.hosts.all()) {
    if (host.removed) continue;
    const content = contentFor(parts, host, instances, deploys);
    const digest = digestOf(content);
    if (digest !== host.content)
      parts.hosts.write({ ...host, content: digest, revision: host.revision + 1 });
  }
}

function digestOf(content: Content): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64");
}

/** Names of the variables that are no secrets: their values are not masked in logs. */
function plainNames(snapshot: EnvSnapshot | null): string[] {
  return (snapshot?.entries ?? []).flatMap(({ name, plain }) => (plain ? [name] : []));
}

/** So many sets of variables are kept in the clear; what is sent again is opened again. */
const CLEAR_SETS = 16;

/** Sends the newest sets to hosts that lack them; one of these runs for each host at a time. */
export class Pusher {
  readonly #parts: WorkerParts;
  /** By release and by deploy, `v2` and `d3`. */
  readonly #clear = new Map<string, Record<string, string>>();
  /** What opens the repository, by the number of the deploy that is built. */
  readonly #git = new Map<number, GitCredential>();
  readonly #busy = new Map<string, Promise<void>>();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  async pushAll(): Promise<void> {
    const hosts = new Set(this.#parts.sockets.greeted().map((ws) => this.#hostOf(ws)));
    await Promise.all([...hosts].map((hostId) => this.push(hostId)));
  }

  /** `again` sends the newest set even where it was sent before. */
  push(hostId: string, again = false): Promise<void> {
    if (again) {
      for (const ws of this.#parts.sockets.greeted(hostId))
        this.#parts.sockets.update(ws, { sent: 0 });
    }
    const busy = this.#busy.get(hostId);
    if (busy) return busy;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#busy.set(hostId, promise);
    void this.#push(hostId).then(resolve);
    return promise;
  }

  #hostOf(ws: WebSocket): string {
    return this.#parts.sockets.read(ws).hostId;
  }

  /** Said where people look, once; tried again and again. */
  #failed(hostId: string, error: unknown): void {
    const { agenda, deploys, instances, rim } = this.#parts;
    console.error(`desired set for ${hostId}`, error);
    agenda.set("push", hostId, rim.now() + rim.policy.objects.retryMs);
    if (!(error instanceof EnvelopeError)) return;
    const detail = `its variables do not open: ${error.message}`;
    for (const one of instances.onHost(hostId)) {
      const waits = one.state === "starting" && one.attempt === 0 && one.stop === null;
      if (waits && one.detail !== detail) instances.write({ ...one, detail });
    }
    for (const one of deploys.active()) {
      if (one.status === "building" && one.buildHostId === hostId && one.reason !== detail) {
        deploys.write({ ...one, reason: detail });
        say(this.#parts, [{ text: `deploy ${one.number} waits: ${detail}` }]);
      }
    }
  }

  async #push(hostId: string): Promise<void> {
    try {
      await this.#bringUpToDate(hostId);
    } catch (error) {
      this.#failed(hostId, error);
    } finally {
      this.#busy.delete(hostId);
    }
  }

  async #bringUpToDate(hostId: string): Promise<void> {
    for (;;) {
      const { hosts, instances, deploys, sockets } = this.#parts;
      const host = hosts.get(hostId);
      const behind = sockets
        .greeted(hostId)
        .filter((ws) => host !== null && sockets.read(ws).sent < host.revision);
      if (!host || behind.length === 0) return;
      const content = contentFor(this.#parts, host, instances.all(), deploys.active());
      if (digestOf(content) !== host.content) {
        // Something was placed since the last decision: a revision never names two contents.
        reviseAll(this.#parts);
        continue;
      }
      const waiting = this.#openAll(content);
      if (waiting) {
        await waiting;
        continue;
      }
      const message = this.#messageOf(host, content);
      for (const ws of behind) {
        sockets.update(ws, { sent: host.revision });
        sockets.send(ws, message);
      }
    }
  }

  /** Null where all that the content needs in the clear is in memory already. */
  #openAll(content: Content): Promise<unknown> | null {
    const { deploys, releases } = this.#parts;
    const closed: [string, EnvSnapshot | null][] = [
      ...content.releases.map((one): [string, EnvSnapshot | null] => [
        `v${one}`,
        releases.get(one)?.env ?? null,
      ]),
      ...content.builds.map((one): [string, EnvSnapshot | null] => [
        `d${one}`,
        deploys.byNumber(one)?.env ?? null,
      ]),
    ];
    const isMissing = ([key]: [string, unknown]) => !this.#clear.has(key);
    const sealed = content.builds.flatMap((number): [number, SealedCredential][] => {
      const { git, recipe } = deploys.byNumber(number) ?? {};
      // The repository may have moved to another server since the deploy was asked for: nothing opens it there.
      const fits = git && git.origin === repoOrigin(recipe?.repo ?? "");
      return fits && !this.#git.has(number) ? [[number, git]] : [];
    });
    if (sealed.length === 0 && !closed.some(isMissing)) return null;
    if (this.#clear.size > CLEAR_SETS) this.#clear.clear();
    for (const number of this.#git.keys())
      if (!deploys.byNumber(number)?.git) this.#git.delete(number);
    return Promise.all([
      ...closed.filter(isMissing).map(([key, snapshot]) => this.#open(key, snapshot)),
      ...sealed.map(([number, git]) => this.#openGit(number, git)),
    ]);
  }

  /** Null before the first spec. */
  #place(): (KeyPlace & Pick<WorkerMeta, "projectId" | "workerId">) | null {
    const { env, meta } = this.#parts;
    const known = meta.get();
    if (!known) return null;
    const { projectId, workerId } = known;
    const { COPPICE_MASTER_KEY: masterKey, COPPICE_MASTER_KEY_PREVIOUS: previousKey } = env;
    return { masterKey, previousKey, projectId, workerId };
  }

  async #openGit(number: number, git: SealedCredential): Promise<void> {
    const place = this.#place();
    if (place) this.#git.set(number, await openCredential(git, place));
  }

  async #open(key: string, snapshot: EnvSnapshot | null): Promise<void> {
    const place = this.#place();
    this.#clear.set(key, place && snapshot ? await decryptSnapshot(snapshot, place) : {});
  }

  #messageOf(host: KnownHost, content: Content): Desired {
    const meta = this.#parts.meta.get();
    const { project, worker, run, stop } = content;
    return {
      type: "desired",
      revision: host.revision,
      projectId: meta?.projectId ?? "",
      project,
      worker,
      releases: content.releases.flatMap((number) => this.#releaseOf(number) ?? []),
      run,
      stop: [...stop],
      builds: content.builds.flatMap((number) => this.#buildOf(number) ?? []),
      jobs: [...content.jobs],
    };
  }

  get #allowLocalRepo(): boolean {
    return this.#parts.env.COPPICE_ALLOW_LOCAL_REPOS === "1";
  }

  #releaseOf(number: number): DesiredRelease | null {
    const release = this.#parts.releases.get(number);
    if (!release) return null;
    const { artifact, source, digest, startCommand, stopSignal, stopGraceMs } = release;
    const { limits, mode } = release;
    return {
      number,
      source,
      digest,
      artifact,
      startCommand,
      stopSignal,
      stopGraceMs,
      mode,
      limits: limits ?? NO_LIMITS,
      env: this.#clear.get(`v${number}`) ?? {},
      plain: plainNames(release.env),
      allowLocalRepo: this.#allowLocalRepo,
    };
  }

  #buildOf(number: number): Build | null {
    const deploy = this.#parts.deploys.byNumber(number);
    if (!deploy?.recipe) return null;
    const { repo, rootDir, buildCommand } = deploy.recipe;
    return {
      deployId: deploy.id,
      number,
      repo,
      ref: deploy.ref ?? "HEAD",
      rootDir,
      buildCommand,
      env: this.#clear.get(`d${number}`) ?? {},
      plain: plainNames(deploy.env),
      allowLocalRepo: this.#allowLocalRepo,
      deadlineMs: this.#parts.rim.policy.rollout.buildDeadlineMs,
      git: this.#git.get(number) ?? null,
      pack: true,
    };
  }
}
