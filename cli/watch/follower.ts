// One deploy as it is followed: how it stands, what is new of it, and the line that says so.
import { ok, type Schemas } from "../../client/index.ts";
import { clean } from "../output/sanitise.ts";
import { type Paint, showState } from "../output/style.ts";
import { span } from "../output/time.ts";
import type { Session } from "../session.ts";
import type { Begun } from "./begun.ts";
import { BuildLog } from "./build-log.ts";

export type DeployView = Schemas["Deploy"];

const UNDER_WAY = new Set<DeployView["status"]>(["queued", "building", "predeploy", "rolling_out"]);
/** Lines of the failed step or of the fallen program that are shown. */
const TAIL_LINES = 20;

export const hasEnded = (deploy: DeployView) =>
  deploy.endedAt !== null || !UNDER_WAY.has(deploy.status);

function commitOf({ commit, commitMessage }: DeployView): string {
  return commit === null ? "" : `${commit.slice(0, 7)} ${clean(commitMessage ?? "")}`.trim();
}

export interface News {
  /** The stage or the step is another one. */
  readonly stage: boolean;
  /** What the build wrote. */
  readonly lines: readonly string[];
}

export class Follower {
  readonly worker: string;
  readonly number: number;
  view: DeployView | null = null;
  readonly #session: Session;
  readonly #log: BuildLog;
  #said = "";
  #logged = 0;

  constructor(session: Session, begun: Begun) {
    this.#session = session;
    this.worker = begun.worker;
    this.number = begun.number;
    this.#log = new BuildLog(session, begun);
  }

  get ended(): boolean {
    return this.view !== null && hasEnded(this.view);
  }

  get #step(): string | null {
    if (this.ended) return null;
    return this.view?.steps.findLast(({ state }) => state === "running")?.name ?? null;
  }

  async look(): Promise<News> {
    const path = { ...(await this.#session.at(this.worker)), number: this.number };
    this.view = await ok(
      this.#session.client.GET("/v1/projects/{project}/workers/{worker}/deploys/{number}", {
        params: { path },
      }),
    );
    const lines = await this.#log.more();
    this.#logged += lines.length;
    const saying = `${this.view.status} ${this.#step}`;
    const stage = saying !== this.#said;
    this.#said = saying;
    return { stage, lines };
  }

  /** `mailer  deploy 3  ● live  v3  a1b2c3d Fix the queue  12 s`. */
  headline(paint: Paint, now: number, width: number): string {
    const name = paint("bold", clean(this.worker).padEnd(width));
    if (!this.view) return name;
    const { status, release, createdAt, endedAt } = this.view;
    const step = this.#step;
    const end = endedAt === null ? now : Date.parse(endedAt);
    return [
      `${name}  deploy ${this.number}`,
      showState(paint, status) + (step ? paint("dim", ` (${step})`) : ""),
      release === null ? "" : `v${release}`,
      paint("dim", commitOf(this.view)),
      paint("dim", span(end - Date.parse(createdAt))),
    ]
      .filter((part) => part !== "" && part !== paint("dim", ""))
      .join("  ");
  }

  /** Why it is not live, and the last words; of a build only where they were not shown as it ran. */
  whyNot(paint: Paint): string[] {
    if (!this.view || this.view.status === "live") return [];
    const { reason, tail, steps } = this.view;
    const seen = this.#logged > 0 && steps.some(({ state }) => state === "failed");
    return [
      ...(reason ? [`  ${paint("red", clean(reason))}`] : []),
      ...(seen ? [] : tail.slice(-TAIL_LINES).map((line) => paint("dim", `  │ ${clean(line)}`))),
    ];
  }
}
