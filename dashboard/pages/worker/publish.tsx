// What strangers see of the worker: whether it stands on the public status page, under which name and group.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { StatusPageView } from "../../../protocol/status-page.ts";
import { ApiError, getStatusPage, publishWorker } from "../../api/api.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Loading, Notice, Why } from "../../parts/basics.tsx";
import { Field } from "../../parts/field.tsx";
import { may } from "../../session.ts";

interface Draft {
  readonly public: boolean;
  readonly name: string;
  readonly group: string;
}

function draftOf({ public: shown, name, group }: StatusPageView): Draft {
  return { public: shown, name, group: group ?? "" };
}

/** Left empty, the name is the worker's own, and there is no group. */
function choiceOf(draft: Draft) {
  const name = draft.name.trim();
  const group = draft.group.trim();
  return { public: draft.public, ...(name ? { name } : {}), ...(group ? { group } : {}) };
}

export function Publish({ live }: { live: WorkerLive }) {
  const { project, name } = live;
  const view = useSignal<StatusPageView | null>(null);
  const wish = useSignal<Draft | null>(null);
  const error = useSignal<Error | null>(null);
  const saved = useSignal(false);
  const note = (refused: unknown) => {
    if (!(refused instanceof Error)) throw refused;
    error.value = refused;
  };
  useEffect(() => {
    getStatusPage(project, name).then((answer) => {
      view.value = answer;
    }, note);
  }, [project, name]);
  const now = view.value && draftOf(view.value);
  const shown = wish.value ?? now;
  const set = (change: Partial<Draft>) => {
    saved.value = false;
    if (shown) wish.value = { ...shown, ...change };
  };
  const wrong = (field: string) =>
    error.value instanceof ApiError
      ? error.value.errors.find((one) => one.path === field)?.message
      : undefined;
  const save = async (event: Event) => {
    event.preventDefault();
    if (!shown) return;
    error.value = null;
    try {
      view.value = await publishWorker(project, name, choiceOf(shown));
      wish.value = null;
      saved.value = true;
    } catch (refused) {
      note(refused);
    }
  };
  return (
    <section aria-labelledby="public" class="publish">
      <form class="stack" onSubmit={save}>
        <h2 id="public">Public status page</h2>
        <p class="hint">
          Anybody may read the <a href="/status">status page</a>. Of a worker that is on it they see
          the name and group below, the project's name, and how much of the time it ran; nothing
          else.
        </p>
        {shown === null && error.value === null && <Loading what="what is public" />}
        {shown && (
          <>
            <label class="check">
              <input
                type="checkbox"
                checked={shown.public}
                disabled={!may("developer")}
                onChange={(event) => set({ public: event.currentTarget.checked })}
              />
              Show on the public status page
            </label>
            <Field
              label="Public name"
              optional
              value={shown.name}
              set={(value) => set({ name: value })}
              error={wrong("name")}
              hint="Left empty, the worker's own name."
              input={{ maxLength: 80 }}
            />
            <Field
              label="Group"
              optional
              value={shown.group}
              set={(value) => set({ group: value })}
              error={wrong("group")}
              hint="A heading that several workers can share."
              input={{ maxLength: 80 }}
            />
          </>
        )}
        <Why error={error.value} />
        {saved.value && (
          <Notice tone="good">
            <p role="status">
              Saved. The <a href="/status">status page</a> follows within a minute.
            </p>
          </Notice>
        )}
        {may("developer") && shown && (
          <p class="row">
            <button
              type="submit"
              class="button main"
              disabled={JSON.stringify(shown) === JSON.stringify(now)}
            >
              Save
            </button>
          </p>
        )}
      </form>
    </section>
  );
}
