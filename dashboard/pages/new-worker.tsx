// New service → Worker: one form. The repository is looked into as soon as it is named, and what it suggests is filled
// in where nothing was typed. Deploy lands on the live build log.
//
// 1. Variables are read by the server alone: with any, the worker is made first, then given them, then deployed.
//    Where a later step is refused, the next try goes on from there and makes nothing twice.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import type { WorkerView } from "../../protocol/rest.ts";
import { ApiError, changeEnv, createWorker, deploy } from "../api/api.ts";
import { pageDeploy, pageProject } from "../api/paths.ts";
import { Why } from "../parts/basics.tsx";
import { Field, Stepper, TextArea } from "../parts/field.tsx";
import { Needs, NO_NEEDS, needsWords, readNeeds } from "../parts/needs.tsx";
import { may } from "../session.ts";
import { useInspection } from "./new-worker/inspect.ts";
import { Branch, Suggestions } from "./new-worker/suggest.tsx";

export interface Draft {
  readonly repo: string;
  readonly branch: string;
  readonly rootDir: string;
  readonly name: string;
  readonly buildCommand: string;
  readonly predeployCommand: string;
  readonly startCommand: string;
}

const BLANK: Draft = {
  repo: "",
  branch: "",
  rootDir: "",
  name: "",
  buildCommand: "",
  predeployCommand: "",
  startCommand: "",
};

/** `https://github.com/acme/Shop.git` → `shop` */
export function nameFrom(repo: string): string {
  const last =
    repo
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .at(-1) ?? "";
  return last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

export default function NewWorkerPage() {
  const { project = "" } = useRoute().params;
  const { route } = useLocation();
  const draft = useSignal<Draft>(BLANK);
  const typed = useSignal<ReadonlySet<keyof Draft>>(new Set());
  const instances = useSignal(1);
  const needs = useSignal(NO_NEEDS);
  const dotenv = useSignal("");
  const made = useSignal<WorkerView | null>(null);
  const error = useSignal<Error | null>(null);
  const busy = useSignal(false);
  const seen = useInspection(project, draft, typed);
  useEffect(() => {
    document.title = "New worker · Coppice";
  }, []);

  const set = (field: keyof Draft) => (value: string) => {
    const filled = field === "repo" && !typed.value.has("name") ? { name: nameFrom(value) } : {};
    draft.value = { ...draft.value, ...filled, [field]: value };
    typed.value = new Set([...typed.value, field]);
  };
  const wrong = (field: string) => {
    const { value } = error;
    return value instanceof ApiError
      ? value.errors.find((one) => one.path.split(".")[0] === field)?.message
      : undefined;
  };
  const make = async () => {
    const { repo, branch, rootDir, name, startCommand } = draft.value;
    const { buildCommand, predeployCommand } = draft.value;
    const { body, isFine } = readNeeds(needs.value);
    if (!isFine) throw new Error("What it asks of its hosts can't be read; see there.");
    const withEnv = dotenv.value.trim() !== "";
    made.value ??= await createWorker(project, {
      ...{ name, repo: repo.trim(), startCommand, instances: instances.value, deploy: !withEnv },
      ...body,
      ...(branch === "" ? {} : { branch }),
      ...(rootDir === "" ? {} : { rootDir }),
      ...(buildCommand === "" ? {} : { buildCommand }),
      ...(predeployCommand === "" ? {} : { predeployCommand }),
    });
    if (withEnv) {
      await changeEnv(project, made.value.name, { dotenv: dotenv.value, replace: true });
      await deploy(project, made.value.name);
    }
    route(pageDeploy(project, made.value.name, 1));
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    error.value = null;
    await make().catch((refused) => {
      error.value = refused;
    });
    busy.value = false;
  };
  const names = [...dotenv.value.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)];
  const field = (name: keyof Draft) => ({
    value: draft.value[name],
    set: set(name),
    error: wrong(name),
  });

  return (
    <div class="page narrow">
      <p class="crumb">
        <a href={pageProject(project)}>Workers</a>
      </p>
      <h1>New worker</h1>
      <form class="stack" onSubmit={submit}>
        <Field
          {...field("repo")}
          label="Repository"
          input={{ required: true, placeholder: "https://github.com/acme/shop", class: "mono" }}
          hint={seen.value.words}
        />
        <div class="pair">
          <Branch {...field("branch")} seen={seen.value.view} />
          <Field
            {...field("rootDir")}
            label="Root directory"
            optional
            input={{ placeholder: ".", class: "mono" }}
            hint="Where your program lies in the repository."
          />
        </div>
        <Suggestions seen={seen.value.view} draft={draft} typed={typed} />
        <Field
          {...field("startCommand")}
          label="Start command"
          input={{ required: true, placeholder: "node worker.js", class: "mono" }}
          hint="Run by a shell. It should not end: each exit is a crash, and it is started again."
        />
        <Field
          {...field("buildCommand")}
          label="Build command"
          optional
          input={{ placeholder: "npm ci", class: "mono" }}
        />
        <Field
          {...field("predeployCommand")}
          label="Predeploy command"
          optional
          input={{ placeholder: "node migrate.js", class: "mono" }}
          hint="Run once for each deploy, after the build and before the rollout."
        />
        <div class="pair">
          <Field
            {...field("name")}
            label="Name"
            input={{
              required: true,
              pattern: "[a-z0-9]+(-[a-z0-9]+)*",
              maxLength: 63,
              class: "mono",
            }}
            hint="Lower-case letters, digits, single hyphens."
          />
          <div class="field">
            <Stepper
              label="Instances"
              value={instances.value}
              set={(value) => {
                instances.value = value;
              }}
            />
            <p class="hint">So many are kept running.</p>
          </div>
        </div>
        <details class="more">
          <summary>Mode and hosts: {needsWords(needs.value)}</summary>
          <div class="stack">
            <Needs
              value={needs.value}
              set={(value) => {
                needs.value = value;
              }}
              refused={wrong}
            />
          </div>
        </details>
        <details class="more">
          <summary>
            Environment
            {names.length > 0 && `: ${names.length} variable${names.length > 1 ? "s" : ""}`}
          </summary>
          <TextArea
            label="Paste a .env file"
            code
            rows={6}
            value={dotenv.value}
            set={(value) => {
              dotenv.value = value;
            }}
            error={wrong("dotenv") ?? wrong("set")}
            hint="Encrypted at once; values are never shown again."
          />
        </details>
        {made.value !== null && (
          <p class="soft">
            The worker <code>{made.value.name}</code> is made and waits for its first deploy.
          </p>
        )}
        <Why error={error.value} />
        <p class="row">
          <button
            type="submit"
            class="button main"
            aria-busy={busy.value}
            disabled={!may("developer")}
          >
            Deploy
          </button>
          <a class="button" href={pageProject(project)}>
            Cancel
          </a>
        </p>
      </form>
    </div>
  );
}
