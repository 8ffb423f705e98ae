// Objects that answer at once and remember what they were asked: what the API does with them is what is tested.
import type { Inspect, Inspected } from "../../protocol/channel.ts";
import type { DeployId } from "../../protocol/ids.ts";
import type { LiveEnv } from "../../protocol/live-env.ts";
import type { DeployView, InstanceView, LogLine } from "../../protocol/rest.ts";
import type {
  ApplyInput,
  BuildLogInput,
  BuildLogPage,
  DeployInput,
  LogInput,
  LogPage,
  NewestDeploy,
  SnapshotInput,
  WorkerSnapshot,
} from "../../src/rpc.ts";

const NO_PAGE = { items: [], next: null };

/** What a stand-in for a worker's object was told, and how it is to answer. */
export class FakeWorker {
  applied: ApplyInput[] = [];
  started: DeployView[] = [];
  inputs: DeployInput[] = [];
  notes: { eventId: string; message: string }[] = [];
  lines: LogLine[] = [];
  /** What it says that its live release runs with. */
  liveEnv: LiveEnv | null = null;
  rekeyed: string[] = [];
  /** Every deploy is refused. */
  refusing = false;
  #newest: NewestDeploy | null = null;
  /** Calls that fail from now on. */
  failing = 0;
  calls = 0;
  sockets: WebSocket[] = [];
  watchers: WebSocket[] = [];
  rollbacks: { deployId: DeployId; release: number | null; actor: string }[] = [];

  #enter(): void {
    this.calls++;
    if (this.failing > 0) {
      this.failing--;
      throw Object.assign(new Error("object was reset"), { retryable: true });
    }
  }

  async apply(input: ApplyInput) {
    this.#enter();
    this.applied.push(structuredClone(input));
    if (input.initialDeploy && this.started.length === 0) {
      this.#add({ ...input.initialDeploy, kind: "deploy", ref: null, actor: input.actor });
    }
    return { ok: true as const, appliedVersion: input.specVersion };
  }

  #add(input: DeployInput): DeployView {
    const known = this.started.find(({ id }) => id === input.deployId);
    if (known) return known;
    this.inputs.push(input);
    const spec = this.applied.at(-1)?.spec;
    if (input.kind === "deploy" && spec) {
      const { groups = [], version } = input.env ?? { version: 0 };
      this.#newest = { made: spec, ref: input.ref ?? spec.branch, env: { version, groups } };
    }
    const deploy: DeployView = {
      id: input.deployId,
      number: this.started.length + 1,
      kind: input.kind,
      status: "queued",
      reason: null,
      ref: input.ref,
      commit: null,
      commitMessage: null,
      release: null,
      restores: null,
      steps: [],
      tail: [],
      actor: input.actor,
      createdAt: new Date().toISOString(),
      endedAt: null,
    };
    this.started.push(deploy);
    return deploy;
  }

  async deploy(input: DeployInput) {
    this.#enter();
    if (this.refusing)
      return { ok: false as const, code: "conflict" as const, message: "Not now." };
    return { ok: true as const, deploy: this.#add(input) };
  }

  async cancelDeploy({ number }: { number: number }) {
    this.#enter();
    const deploy = this.started[number - 1];
    if (!deploy)
      return { ok: false as const, code: "not_found" as const, message: "No such deploy." };
    return { ok: true as const, deploy: { ...deploy, status: "canceled" as const } };
  }

  async rollback(input: { deployId: DeployId; release: number | null; actor: string }) {
    this.#enter();
    this.rollbacks.push(input);
    const made = { deployId: input.deployId, ref: null, env: null, git: null, actor: input.actor };
    return { ok: true as const, deploy: this.#add({ ...made, kind: "restart" }) };
  }

  async releaseDiff({ to, against }: { to: number; against: number | null }) {
    this.#enter();
    if (to > 2) return { ok: false as const, code: "not_found" as const, message: `No v${to}.` };
    const side = (release: number) => ({ release, commit: "c".repeat(40), commitMessage: null });
    const env = { added: [], removed: [], changed: [] };
    return { ok: true as const, diff: { from: side(against ?? 2), to: side(to), fields: [], env } };
  }

  async note(input: { eventId: string; message: string }) {
    this.#enter();
    this.notes.push(input);
  }

  async rekey({ wrappedKey }: { wrappedKey: string }) {
    this.#enter();
    this.rekeyed.push(wrappedKey);
  }

  async overview() {
    this.#enter();
    const last = this.applied.at(-1);
    if (!last) return null;
    return {
      status: "deploying" as const,
      statusReason: null,
      running: 0,
      release: null,
      liveEnv: this.liveEnv,
      lastDeployAt: null,
      lastCrashAt: null,
      appliedVersion: last.specVersion,
      newest: this.#newest,
    };
  }

  here: InstanceView[] = [];
  async instances() {
    this.#enter();
    return this.here;
  }
  async deploys(): Promise<{ items: DeployView[]; next: null }> {
    return { items: this.started.toReversed(), next: null };
  }
  async deployByNumber(number: number) {
    return this.started[number - 1] ?? null;
  }
  async releases() {
    return NO_PAGE;
  }
  async crashes() {
    return NO_PAGE;
  }
  async crashGroups() {
    return [];
  }
  async events() {
    return NO_PAGE;
  }
  async flush() {}

  /** What a look finds; `change` alters it and tells the watchers. */
  seen: WorkerSnapshot | null = null;
  async snapshot({ after }: SnapshotInput): Promise<WorkerSnapshot> {
    this.#enter();
    const { items } = await this.events();
    const overview = await this.overview();
    const instances: WorkerSnapshot["instances"] = [];
    const bare = { overview, instances, deploys: this.started.slice(-5), events: items };
    const seen = this.seen ?? { ...bare, cursor: "0", more: false };
    const newest = seen.events.at(-1)?.cursor ?? seen.cursor;
    const from = Number(after ?? newest);
    const events = seen.events.filter(({ cursor }) => Number(cursor) > from);
    return { ...seen, events, cursor: events.at(-1)?.cursor ?? String(from) };
  }

  async change(change: Partial<WorkerSnapshot>): Promise<void> {
    this.seen = { ...(this.seen ?? (await this.snapshot({ after: null }))), ...change };
    for (const socket of this.watchers) socket.send(JSON.stringify({ type: "news" }));
  }

  building: BuildLogPage | null = null;
  async buildLog({ cursor, limit, number }: BuildLogInput): Promise<BuildLogPage | null> {
    this.#enter();
    if (!this.started[number - 1]) return null;
    const all = this.building ?? {
      lines: [],
      cursor: "0.0",
      more: false,
      status: "building" as const,
      building: true,
      complete: false,
    };
    const rest = all.lines.filter((line) => Number(line.cursor) > Number(cursor ?? 0));
    const lines = rest.slice(0, limit);
    const more = rest.length > lines.length;
    const at = lines.at(-1)?.cursor ?? cursor ?? "0";
    return { ...all, lines, more, cursor: at, complete: all.complete && !more };
  }

  async logs(input: LogInput): Promise<LogPage> {
    this.#enter();
    const all = this.lines.filter((line) => !input.text || line.text.includes(input.text));
    const end = this.lines.at(-1)?.cursor ?? "0";
    if (input.cursor === null) {
      const until = Number(input.before ?? Number.POSITIVE_INFINITY);
      const lines = all.filter(({ cursor }) => Number(cursor) < until).slice(-input.limit);
      const earlier = lines[0] && lines[0] !== all[0] ? lines[0].cursor : null;
      const cursor = input.before === null ? end : String(until - 1);
      return { lines, cursor, more: input.before !== null, earlier };
    }
    const rest = all.filter(({ cursor }) => Number(cursor) > Number(input.cursor));
    const lines = rest.slice(0, input.limit);
    const more = rest.length > lines.length;
    const cursor = more ? lines.at(-1)!.cursor : end;
    return { lines, cursor, more, earlier: lines[0]?.cursor ?? input.cursor };
  }

  async fetch(request: Request): Promise<Response> {
    this.#enter();
    const { pathname } = new URL(request.url);
    if (pathname !== "/watch" && pathname !== "/watch/state")
      return new Response(null, { status: 404 });
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    server.accept();
    (pathname === "/watch" ? this.sockets : this.watchers).push(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  write(...texts: string[]): void {
    for (const text of texts) {
      this.lines.push({
        at: new Date().toISOString(),
        stream: "stdout",
        slot: 0,
        instance: null,
        release: 1,
        text,
        cursor: String(this.lines.length + 1),
      });
    }
    for (const socket of this.sockets) socket.send(JSON.stringify({ type: "news" }));
  }

  /** As when the object is reset: its sockets close. */
  reset(): void {
    for (const socket of [...this.sockets.splice(0), ...this.watchers.splice(0)])
      socket.close(1011, "reset");
  }
}

export class FakeHost {
  registered = 0;
  removed = 0;
  failing = 0;
  async register() {
    if (this.failing-- > 0) throw new Error("object was reset");
    this.registered++;
  }
  async remove() {
    this.removed++;
  }
  async overview() {
    return null;
  }
  holders: string[] = [];
  async workers() {
    return this.holders;
  }
  /** What it finds in a repository; null while it is not connected. */
  found: Omit<Inspected, "type" | "id"> | null = null;
  asked: Omit<Inspect, "type" | "id">[] = [];
  async inspect(input: Omit<Inspect, "type" | "id">): Promise<Inspected | null> {
    this.asked.push(input);
    return this.found && { type: "inspected", id: "1", ...this.found };
  }
  async fetch(request: Request) {
    return new Response(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
  }
}

export function namespaceOf<T>(make: () => T) {
  const objects = new Map<string, T>();
  const at = (name: string): T => {
    const found = objects.get(name) ?? make();
    objects.set(name, found);
    return found;
  };
  const namespace = { idFromName: (name: string) => name, get: at };
  return { namespace: namespace as unknown as DurableObjectNamespace, at };
}
