// Follows a drain until the host is empty: what has moved, what still stands there and why, how long it has.
//
// 1. On a terminal the lines are rewritten; elsewhere each change is a line of its own.
// 2. The follower only looks: Ctrl-C leaves the drain going on, and says so.
// 3. Two clocks are never compared: the deadline counts from when the drain was asked for, by this machine's clock.
// 4. What stood there when the deadline passed, without a healthy successor, was stopped.
import { ApiError, LinkError, ok, pause, type Schemas } from "../../client/index.ts";
import type { Cli } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { counted, span } from "../output/time.ts";
import type { Session } from "../session.ts";
import { LiveLines } from "./live.ts";
import { readStanding, type Standing } from "./standing.ts";

/** Looks in a row that may find nobody: the control plane may be away for a moment. */
const MOST_FAILURES = 25;
const MOST_SHOWN = 8;

type Host = Schemas["Host"];

export interface Drained {
  readonly host: Host;
  /** Empty, or silent with the deadline passed: then nobody can say that what stands there ended. */
  readonly ended: "empty" | "silent";
  readonly moved: readonly string[];
  readonly stopped: readonly Standing[];
}

interface Begun {
  readonly host: Host;
  /** What stood there before. */
  readonly before: readonly Standing[];
  readonly deadlineMs: number;
}

function mayPass(error: unknown): boolean {
  return error instanceof LinkError || (error instanceof ApiError && error.status >= 500);
}

export class DrainWatch {
  readonly #cli: Cli;
  readonly #session: Session;
  readonly #begun: Begun;
  readonly #lines: LiveLines;
  #host: Host;
  #standing: readonly Standing[];
  #stopped: readonly Standing[] = [];
  #dueAt: number;
  #overdue = false;
  #said = "";
  #failures = 0;

  constructor(cli: Cli, session: Session, begun: Begun) {
    this.#cli = cli;
    this.#session = session;
    this.#begun = begun;
    this.#host = begun.host;
    this.#standing = begun.before;
    this.#dueAt = performance.now() + begun.deadlineMs;
    this.#lines = new LiveLines(cli.out);
  }

  async run(): Promise<Drained> {
    const { io, out } = this.#cli;
    try {
      for (;;) {
        await this.#look();
        if (this.#host.used === 0) return this.#result("empty");
        const silent = this.#host.status !== "online" && this.#host.status !== "joining";
        if (this.#overdue && silent) return this.#result("silent");
        this.#lines.show([
          (spin) => `${out.dress("cyan", spin)} ${this.#headline()}`,
          ...this.#why().map((line) => () => out.dress("dim", line)),
        ]);
        // Four times the shortest wait between two tries: each second.
        await pause(io.retryMs * 4, io.signal);
      }
    } finally {
      this.#lines.end();
    }
  }

  async #look(): Promise<void> {
    try {
      const params = { path: await this.#session.atHost(this.#host.id) };
      const [host, standing] = await Promise.all([
        ok(this.#session.client.GET("/v1/projects/{project}/hosts/{host}", { params })),
        readStanding(this.#session, this.#host.id),
      ]);
      this.#failures = 0;
      this.#take(host, standing);
    } catch (error) {
      if (!mayPass(error) || ++this.#failures > MOST_FAILURES) throw error;
    }
  }

  #take(host: Host, standing: readonly Standing[]): void {
    const { drainUntil, name } = host;
    if (drainUntil === null) {
      throw new CliError(EXIT.conflict, `Somebody ended the drain of ${clean(name)}.`, [
        "coppice hosts",
      ]);
    }
    // Somebody gave it another deadline.
    if (this.#host.drainUntil !== null)
      this.#dueAt += Date.parse(drainUntil) - Date.parse(this.#host.drainUntil);
    this.#host = host;
    const overdue = performance.now() >= this.#dueAt;
    if (overdue && !this.#overdue) this.#noteDeadline(standing);
    this.#overdue = overdue;
    this.#standing = standing;
    if (!this.#cli.out.lively && host.used > 0) this.#sayChange();
  }

  /** What stood there at the last look counts: what is told to stop may be gone already. */
  #noteDeadline(standing: readonly Standing[]): void {
    const now = new Map(standing.map((one) => [one.id, one]));
    this.#stopped = this.#standing.filter((one) => !(now.get(one.id) ?? one).replaced);
    if (this.#stopped.length === 0) return;
    const count = counted(this.#stopped.length, "instance");
    this.#lines.print([`The deadline passed: ${count} left there, which stop now.`]);
  }

  #sayChange(): void {
    const why = this.#why();
    const saying = [this.#host.used, this.#overdue, ...why].join("\n");
    if (saying === this.#said) return;
    this.#said = saying;
    this.#lines.print([this.#headline(), ...why]);
  }

  #headline(): string {
    const { out } = this.#cli;
    const { name, status, used } = this.#host;
    const leftMs = this.#dueAt - performance.now();
    const until = this.#overdue
      ? "the deadline passed, they stop"
      : `${span(leftMs)} to the deadline`;
    return [
      out.dress("bold", clean(name)),
      ...(status === "online" ? [] : [status]),
      `${counted(used, "instance")} left`,
      out.dress("dim", until),
    ].join("  ");
  }

  #why(): string[] {
    const lines = this.#standing.map((one) => `  ${clean(`${one.instance}  ${one.why}`)}`);
    const more = lines.length - MOST_SHOWN;
    return more > 0 ? [...lines.slice(0, MOST_SHOWN), `  and ${more} more`] : lines;
  }

  #result(ended: Drained["ended"]): Drained {
    const left = new Set(this.#stopped.map((one) => one.id));
    const moved = this.#begun.before.filter((one) => !left.has(one.id));
    return {
      ...{ ended, host: this.#host, stopped: this.#stopped },
      moved: moved.map((one) => one.instance),
    };
  }
}
