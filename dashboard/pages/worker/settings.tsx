// What the worker is made of, to be changed; and its end, which wants the name typed and says what dies with it.
import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import type { WorkerView } from "../../../protocol/rest.ts";
import { ApiError, deleteWorker, patchWorker } from "../../api/api.ts";
import { pageProject, pageWorker } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Foreign, Notice, Why } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { Needs, type NeedsDraft, needsOf, readNeeds } from "../../parts/needs.tsx";
import { may } from "../../session.ts";
import { plain } from "../../text/plain.ts";
import { Hooks } from "./hooks.tsx";
import { Publish } from "./publish.tsx";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

interface Draft extends NeedsDraft {
  readonly name: string;
  readonly repo: string;
  readonly branch: string;
  readonly rootDir: string;
  readonly buildCommand: string;
  readonly predeployCommand: string;
  readonly startCommand: string;
  /** Names, with commas between. */
  readonly groups: string;
  readonly stopSignal: string;
  readonly graceS: string;
}

function draftOf(worker: WorkerView): Draft {
  const { name, repo, branch, rootDir, startCommand, stopSignal } = worker;
  const buildCommand = worker.buildCommand ?? "";
  const predeployCommand = worker.predeployCommand ?? "";
  return {
    ...{ name, repo, branch, rootDir, buildCommand, predeployCommand, startCommand, stopSignal },
    graceS: String(worker.stopGraceMs / 1_000),
    groups: worker.groups.join(", "),
    ...needsOf(worker),
  };
}

/** Only the fields that differ, as the API takes them. */
function patchOf(from: Draft, to: Draft) {
  const changed = (field: keyof Draft) => from[field] !== to[field];
  const { body } = readNeeds(to);
  return {
    ...(changed("name") ? { name: to.name } : {}),
    ...(changed("repo") ? { repo: to.repo } : {}),
    ...(changed("branch") ? { branch: to.branch } : {}),
    ...(changed("rootDir") ? { rootDir: to.rootDir } : {}),
    ...(changed("startCommand") ? { startCommand: to.startCommand } : {}),
    ...(changed("buildCommand")
      ? { buildCommand: to.buildCommand === "" ? null : to.buildCommand }
      : {}),
    ...(changed("predeployCommand") ? { predeployCommand: to.predeployCommand || null } : {}),
    ...(changed("stopSignal") ? { stopSignal: to.stopSignal as (typeof SIGNALS)[number] } : {}),
    ...(changed("graceS") ? { stopGraceMs: Math.round(Number(to.graceS) * 1_000) } : {}),
    ...(changed("groups") ? { groups: to.groups.split(/[\s,]+/).filter(Boolean) } : {}),
    ...(changed("mode") ? { mode: body.mode } : {}),
    ...(changed("rollout") ? { rollout: body.rollout } : {}),
    ...(changed("memory") ? { memoryBytes: body.memoryBytes } : {}),
    ...(changed("cpus") ? { cpus: body.cpus } : {}),
    ...(changed("pids") ? { pids: body.pids } : {}),
    ...(changed("openFiles") ? { openFiles: body.openFiles } : {}),
    ...(changed("hosts") ? { hosts: body.hosts } : {}),
  };
}

const FIELDS = [
  ["repo", "Repository"],
  ["branch", "Branch"],
  ["rootDir", "Root directory"],
  ["buildCommand", "Build command"],
  ["predeployCommand", "Predeploy command"],
  ["startCommand", "Start command"],
] as const;

const isOptional = (field: string) => field === "buildCommand" || field === "predeployCommand";

export default function SettingsTab({ live }: { live: WorkerLive }) {
  const worker = live.worker.value;
  const wish = useSignal<Draft | null>(null);
  const error = useSignal<Error | null>(null);
  const saved = useSignal(false);
  const { route } = useLocation();
  if (worker === null) return null;
  const now = draftOf(worker);
  const shown = wish.value ?? now;
  const patch = patchOf(now, shown);
  const dirty = Object.keys(patch).length > 0;
  const set = (field: keyof Draft) => (value: string) => {
    saved.value = false;
    wish.value = { ...shown, [field]: value };
  };
  const wrong = (field: string) =>
    error.value instanceof ApiError
      ? error.value.errors.find((one) => one.path.split(".")[0] === field)?.message
      : undefined;
  const save = async (event: Event) => {
    event.preventDefault();
    error.value = null;
    try {
      live.worker.value = await patchWorker(live.project, live.name, patch);
      wish.value = null;
      saved.value = true;
      if (patch.name) route(pageWorker(live.project, patch.name, "settings"), true);
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  const field = (name: keyof Draft) => ({ value: shown[name], set: set(name), error: wrong(name) });
  return (
    <div class="narrow stack">
      <form class="stack" onSubmit={save}>
        <h2>Settings</h2>
        <Field {...field("name")} label="Name" input={{ required: true, class: "mono" }} />
        {FIELDS.map(([name, label]) => (
          <Field
            {...field(name)}
            key={name}
            label={label}
            optional={isOptional(name)}
            input={{ required: !isOptional(name), class: "mono" }}
          />
        ))}
        <Field
          {...field("groups")}
          label="Groups of variables"
          optional
          hint="Names with commas between; a later group beats an earlier one."
          input={{ class: "mono", placeholder: "shared" }}
        />
        <div class="pair">
          <Choice
            {...field("stopSignal")}
            error={wrong("stopSignal")}
            label="Stop signal"
            options={SIGNALS}
          />
          <Field
            {...field("graceS")}
            error={wrong("stopGraceMs")}
            label="Grace before KILL, seconds"
            input={{ type: "number", min: 1, max: 3_600, step: "any", required: true }}
          />
        </div>
        <Needs
          value={shown}
          set={(needs) => {
            saved.value = false;
            wish.value = { ...shown, ...needs };
          }}
          refused={wrong}
        />
        <p class="hint">
          Repository, branch, commands, groups, limits and mode act with the next deploy; labels
          where the next instance is placed.
        </p>
        <Why error={error.value} />
        {saved.value && (
          <Notice tone="good">
            <p role="status">Saved.</p>
          </Notice>
        )}
        {may("developer") && (
          <p class="row">
            <button type="submit" class="button main" disabled={!dirty || !readNeeds(shown).isFine}>
              Save
            </button>
            {dirty && (
              <Action
                run={() => {
                  wish.value = null;
                }}
              >
                Undo
              </Action>
            )}
          </p>
        )}
      </form>
      {may("developer") && <Hooks key={`hooks ${live.name}`} live={live} />}
      <Publish key={live.name} live={live} />
      {may("developer") && <Delete live={live} worker={worker} />}
    </div>
  );
}

function Delete({ live, worker }: { live: WorkerLive; worker: WorkerView }) {
  const { route } = useLocation();
  const asking = useSignal(false);
  const typed = useSignal("");
  const error = useSignal<Error | null>(null);
  const remove = async () => {
    await deleteWorker(live.project, live.name);
    live.close();
    route(pageProject(live.project), true);
  };
  const close = () => {
    asking.value = false;
  };
  return (
    <section class="danger-zone" aria-labelledby="delete">
      <h2 id="delete">Delete this worker</h2>
      <p>There is no way back. To pause it instead, stop it.</p>
      <Action
        kind="danger"
        run={() => {
          asking.value = true;
        }}
      >
        Delete …
      </Action>
      {asking.value && (
        <Dialog title={`Delete ${plain(worker.name)}?`} close={close}>
          <p>With it go, for good:</p>
          <ul>
            <li>
              {worker.running} running {worker.running === 1 ? "instance" : "instances"}, ended with{" "}
              {worker.stopSignal}
            </li>
            <li>
              all its releases and deploys{worker.release !== null && `, up to v${worker.release}`}
            </li>
            <li>its variables, its logs, its crashes and its timeline</li>
          </ul>
          <Field
            label={`Type ${plain(worker.name)} to go on`}
            value={typed.value}
            set={(value) => {
              typed.value = value;
            }}
            input={{ class: "mono" }}
          />
          <Why error={error.value} />
          <p class="row">
            <Action
              kind="danger"
              disabled={typed.value !== worker.name}
              run={remove}
              onError={(refused) => {
                error.value = refused;
              }}
            >
              Delete <Foreign text={worker.name} />
            </Action>
            <Action run={close}>Keep it</Action>
          </p>
        </Dialog>
      )}
    </section>
  );
}
