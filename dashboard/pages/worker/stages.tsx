// The stages of a deploy with how long each took: queued → building (step by step) → rolling out → live.
import type { DeployView } from "../../../protocol/rest.ts";
import { plain } from "../../text/plain.ts";
import { now, span } from "../../text/time.ts";

type Mark = "done" | "running" | "failed" | "waiting" | "missed" | "skipped";

interface Stage {
  readonly name: string;
  readonly mark: Mark;
  readonly ms: number | null;
  readonly detail: string | null;
}

const STEP_NAMES = {
  resolve: "Find the commit",
  fetch: "Fetch",
  build: "Build",
  pack: "Pack",
  upload: "Upload",
  predeploy: "Predeploy command",
} as const;
const MARK_WORDS = {
  done: "done",
  running: "under way",
  failed: "failed",
  waiting: "to come",
  missed: "not reached",
  skipped: "not needed",
} as const satisfies Record<Mark, string>;

/** Where a deploy that ended otherwise than well came to its end. */
function endMark(deploy: DeployView): Mark {
  return deploy.status === "failed" || deploy.status === "reverted" ? "failed" : "missed";
}

export function stagesOf(deploy: DeployView, at: number): Stage[] {
  const { status, steps, kind } = deploy;
  const created = Date.parse(deploy.createdAt);
  const ended = deploy.endedAt === null ? at : Date.parse(deploy.endedAt);
  const over = deploy.endedAt !== null;
  const [first] = steps;
  const built = steps.every((step) => step.state === "done" || step.state === "skipped");
  const rolled = deploy.release !== null;
  const rollsFrom = steps.reduce(
    (latest, step) => Math.max(latest, Date.parse(step.startedAt) + (step.durationMs ?? 0)),
    created,
  );
  const queued: Stage = {
    name: "Queued",
    mark: status === "queued" ? "running" : "done",
    ms: (first ? Date.parse(first.startedAt) : status === "queued" ? at : created) - created,
    detail: null,
  };
  const building: Stage[] =
    kind === "deploy" && steps.length === 0 && !rolled
      ? [
          {
            name: "Build",
            mark: over ? endMark(deploy) : status === "queued" ? "waiting" : "running",
            ms: null,
            detail: null,
          },
        ]
      : steps.map((step) => ({
          name: STEP_NAMES[step.name],
          mark: step.state,
          ms:
            step.state === "skipped"
              ? null
              : (step.durationMs ?? (over ? null : at - Date.parse(step.startedAt))),
          detail: step.detail?.replace(/^[0-9a-f]{40}$/, (id) => id.slice(0, 7)) ?? null,
        }));
  const rolling: Stage = {
    name: "Roll out",
    mark:
      status === "live"
        ? "done"
        : status === "rolling_out"
          ? "running"
          : !over
            ? "waiting"
            : rolled && built
              ? endMark(deploy)
              : "missed",
    ms: rolled && built && (over || status === "rolling_out") ? ended - rollsFrom : null,
    detail: null,
  };
  const live: Stage = {
    name: "Live",
    mark: status === "live" ? "done" : over ? "missed" : "waiting",
    ms: null,
    detail: null,
  };
  return [queued, ...building, rolling, live];
}

export function Stages({ deploy }: { deploy: DeployView }) {
  const over = deploy.endedAt !== null;
  return (
    <ol class="stages" aria-label="Stages of the deploy">
      {stagesOf(deploy, over ? 0 : now.value).map((stage) => (
        <li key={stage.name} class={stage.mark}>
          <span class="mark" aria-hidden="true" />
          <span class="name">{stage.name}</span>
          <span class="soft small">
            {stage.ms !== null && stage.mark !== "waiting"
              ? span(Math.max(0, stage.ms))
              : MARK_WORDS[stage.mark]}
            {stage.mark !== "done" &&
              stage.ms !== null &&
              stage.mark !== "waiting" &&
              ` · ${MARK_WORDS[stage.mark]}`}
          </span>
          {stage.detail !== null && <span class="small detail">{plain(stage.detail)}</span>}
        </li>
      ))}
    </ol>
  );
}
