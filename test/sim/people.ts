// What people do: make workers and hosts, change them, deploy good and bad releases, and lose patience.
// Each wish goes through the real verbs of the API, and may fail as it may fail a person.
import { makeId } from "../../protocol/ids.ts";
import { CreateWorker, ROLLOUTS } from "../../protocol/spec.ts";
import { sim } from "./kernel/sim.ts";
import { pushes } from "./machine/build-job.ts";
import type { Host } from "./machine/host.ts";
import { type Kind, LASTING } from "./machine/programs.ts";
import type { StoredWorker } from "./product.ts";
import { trueWall, type World } from "./world.ts";

export interface UserWorker {
  readonly id: string;
  readonly name: string;
  /** Asked for and not refused. */
  isDeleted: boolean;
}

const REPO = "https://git.test/shop";

export class People {
  readonly #world: World;
  readonly workers: UserWorker[] = [];
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  #call() {
    const { env, product } = this.#world;
    return product.makeCall(env, {
      requestId: `req_${++this.#count}`,
      now: sim().wall(),
      waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
    });
  }

  /** In the API's name: what goes wrong there is told to the person and to nobody else. */
  #ask(what: string, work: () => Promise<unknown>, then: () => void = () => {}): void {
    const { api } = this.#world;
    sim().trace(`a person asks: ${what}`);
    sim().after(0, api, () => {
      void work().then(then, (error: unknown) =>
        sim().trace(`a person is told that ${what} failed: ${(error as Error).message}`),
      );
    });
  }

  #admitted(call: { readonly db: unknown }, action: string, worker?: StoredWorker): object {
    const { projectId } = this.#world;
    const project = { id: projectId, name: "shop", wrappedKey: "", createdAt: 0 };
    const actor = { kind: "operator", id: "operator", name: "operator" };
    return { call, actor, action, project, worker, admitAgain: async () => {} };
  }

  async #stored(call: { readonly db: unknown }, id: string): Promise<StoredWorker> {
    const found = await this.#world.product.workerById(call.db, id);
    if (found === null || found.row.deletedAt !== null) throw new Error("there is no such worker");
    return found;
  }

  #on(worker: UserWorker, what: string, verb: (admitted: object) => Promise<unknown>): void {
    this.#ask(`${what} of ${worker.name}`, async () => {
      const call = this.#call();
      await verb(this.#admitted(call, what, await this.#stored(call, worker.id)));
    });
  }

  #seed() {
    const bytes = new Uint8Array(32);
    this.#world.random.fill(bytes);
    return { at: trueWall(), random: bytes, key: null };
  }

  createWorker(): void {
    const { product, random } = this.#world;
    const name = `w${this.workers.length + 1}`;
    const kind = random.chance(0.07) ? "poison" : random.pick(["steady", ...LASTING] as const);
    const seed = this.#seed();
    // As the API reads it: what is not said here has its default.
    const input = CreateWorker.parse({
      name,
      repo: REPO,
      predeployCommand: random.chance(0.25) ? "serve migration" : null,
      rollout: random.pick(ROLLOUTS),
      startCommand: `serve ${kind}`,
      instances: random.int(1, 3),
      mode: this.#world.hasOld || random.chance(0.5) ? "available" : "exclusive",
      stopGraceMs: random.pick([1_000, 5_000, 30_000, 120_000]),
      deploy: random.chance(0.85),
    });
    const id = makeId("worker", seed.at, seed.random);
    this.workers.push({ id, name, isDeleted: false });
    this.#ask(`create ${name} (${input.startCommand}, ${input.instances})`, () => {
      const call = this.#call();
      return product.createWorker(this.#admitted(call, "workers.create"), input, seed);
    });
  }

  patch(worker: UserWorker, patch: object): void {
    const { product } = this.#world;
    this.#on(worker, `patch ${JSON.stringify(patch)}`, (admitted) =>
      product.patchWorker(admitted, { patch, expected: null }),
    );
  }

  stop(worker: UserWorker): void {
    this.#on(worker, "stop", (admitted) => this.#world.product.stopWorker(admitted));
  }

  start(worker: UserWorker): void {
    this.#on(worker, "start", (admitted) => this.#world.product.startWorker(admitted));
  }

  delete(worker: UserWorker): void {
    this.#on(worker, "delete", (admitted) =>
      this.#world.product.deleteWorker(admitted, { expected: null }),
    );
  }

  restart(worker: UserWorker): void {
    const seed = this.#seed();
    this.#on(worker, "restart", (admitted) => this.#world.product.restartWorker(admitted, seed));
  }

  /** To what was live before; refused where nothing was. */
  rollback(worker: UserWorker): void {
    const seed = this.#seed();
    this.#on(worker, "rollback", (admitted) => this.#world.product.rollBack(admitted, {}, seed));
  }

  /** What was pushed since is deployed; another command makes another program of it. */
  deploy(worker: UserWorker): void {
    const { random } = this.#world;
    if (random.chance(0.7)) pushes.set(`${REPO}#main`, (pushes.get(`${REPO}#main`) ?? 0) + 1);
    const seed = this.#seed();
    this.#on(worker, "deploy", (admitted) =>
      this.#world.product.createDeploy(admitted, { ref: null }, seed),
    );
  }

  /** Change the command and deploy it at once. */
  release(worker: UserWorker, kind: Kind): void {
    this.patch(worker, { startCommand: `serve ${kind}` });
    sim().after(this.#world.random.int(0, 4_000), sim().nature, () => this.deploy(worker));
  }

  cancel(worker: UserWorker): void {
    const { objects, product } = this.#world;
    const found = objects.get(worker.id);
    const active = found?.db.first<{ number: number }>(
      "SELECT number FROM deploys WHERE ended_at IS NULL ORDER BY number DESC LIMIT 1",
    );
    if (!active) return;
    this.#on(worker, `cancel deploy ${active.number}`, (admitted) =>
      product.cancelDeploy(admitted, active.number),
    );
  }

  join(host: Host): void {
    const { projectId, d1, product } = this.#world;
    const hostId = makeId("host", trueWall(), this.#seed().random);
    const capacity = { slots: host.slots, memoryBytes: 1e9, cpus: 2 };
    const facts = { agentVersion: "sim", os: "linux", arch: "x64", containment: "cgroup" };
    d1.db.run(
      "INSERT INTO hosts (id, project_id, name, public_key, capacity, facts, joined_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      [
        hostId,
        projectId,
        host.name,
        host.publicKey,
        JSON.stringify(capacity),
        JSON.stringify(facts),
        trueWall(),
      ],
    );
    host.join(hostId, projectId);
    host.startKeeper();
    host.startAgent();
    this.#ask(`join ${host.name}`, () => product.sweep(this.#call()));
  }

  #onHost(host: Host, what: string, verb: (admitted: object) => Promise<unknown>): void {
    this.#ask(`${what} ${host.name}`, () => verb(this.#admitted(this.#call(), what)));
  }

  /** Its machine is not touched: what runs there may run on. */
  removeHost(host: Host): void {
    const { product } = this.#world;
    host.removed = true;
    this.#onHost(host, "remove", (admitted) => product.removeHost(admitted, host.name));
  }

  cordon(host: Host, on: boolean): void {
    const { cordonHost, uncordonHost } = this.#world.product;
    const verb = on ? cordonHost : uncordonHost;
    this.#onHost(host, on ? "cordon" : "uncordon", (admitted) => verb(admitted, host.name));
  }

  drain(host: Host, on: boolean): void {
    const { product, random } = this.#world;
    const deadlineMs = random.skewed(5_000, 300_000);
    this.#onHost(host, on ? "drain" : "undrain", (admitted) =>
      on
        ? product.drainHost(admitted, host.name, { deadlineMs })
        : product.undrainHost(admitted, host.name),
    );
  }

  thaw(): void {
    const { product } = this.#world;
    this.#ask("thaw", () => product.thawHosts(this.#admitted(this.#call(), "hosts.thaw")));
  }

  /** The cron's work of each minute. */
  sweep(): void {
    const { api, product } = this.#world;
    sim().after(0, api, () => {
      void product
        .sweep(this.#call())
        .catch((error: unknown) => sim().trace(`the sweep failed: ${(error as Error).message}`));
    });
  }
}
