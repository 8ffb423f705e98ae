// The variables of a worker: names and versions. Values go in and never come out. Changes are typed as .env text, or
// marked for removal, compared by name before they are saved, and in force with the next deploy.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { EnvView } from "../../../protocol/rest.ts";
import { changeEnv, deploy, getEnv } from "../../api/api.ts";
import { pageDeploy } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Age, Foreign, Loading, Notice, Why } from "../../parts/basics.tsx";
import { TextArea } from "../../parts/field.tsx";
import { may } from "../../session.ts";
import { plain } from "../../text/plain.ts";
import { type Difference, difference, isEmpty, namesIn } from "./env-difference.ts";

export default function EnvTab({ live }: { live: WorkerLive }) {
  const { project, name } = live;
  const { route } = useLocation();
  const env = useSignal<EnvView | null>(null);
  const text = useSignal("");
  const removed = useSignal<ReadonlySet<string>>(new Set());
  const replace = useSignal(false);
  const warnings = useSignal<readonly string[]>([]);
  const error = useSignal<Error | null>(null);
  const read = () =>
    getEnv(project, name).then(
      (view) => {
        env.value = view;
      },
      (refused) => {
        error.value = refused;
      },
    );
  useEffect(() => {
    void read();
  }, [project, name, live.worker.value?.release]);
  if (env.value === null) {
    return error.value === null ? <Loading what="the variables" /> : <Why error={error.value} />;
  }

  const { items, version, liveVersion } = env.value;
  const known = items.map((item) => item.name);
  const change = difference({
    known,
    typed: namesIn(text.value),
    removed: removed.value,
    replace: replace.value,
  });
  const save = async () => {
    error.value = null;
    const gone = [...removed.value].filter((one) => !namesIn(text.value).includes(one));
    if (gone.length > 0 && !replace.value) {
      await changeEnv(project, name, { set: Object.fromEntries(gone.map((one) => [one, null])) });
    }
    if (text.value.trim() !== "" || replace.value) {
      const answer = await changeEnv(project, name, { dotenv: text.value, replace: replace.value });
      const idle = answer.changed.length === 0 && gone.length === 0;
      warnings.value = idle
        ? ["Every value was set so already: nothing changed.", ...answer.warnings]
        : answer.warnings;
    }
    text.value = "";
    removed.value = new Set();
    replace.value = false;
    await read();
  };
  const onError = (refused: Error) => {
    error.value = refused;
  };
  const ship = async () => route(pageDeploy(project, name, (await deploy(project, name)).number));
  const toggle = (one: string) => {
    const next = new Set(removed.value);
    if (!next.delete(one)) next.add(one);
    removed.value = next;
  };
  const waiting = version > 0 && version !== liveVersion;
  return (
    <div class="two even">
      <section aria-labelledby="variables">
        <h2 id="variables">Variables</h2>
        {waiting && (
          <Notice tone="busy">
            <p>
              Version {version} is saved; the live release runs with{" "}
              {liveVersion === null ? "none yet" : `version ${liveVersion}`}. Changes act with the
              next deploy.
            </p>
            {may("developer") && <Action run={ship}>Deploy now</Action>}
          </Notice>
        )}
        {items.length === 0 && <p class="soft">None yet.</p>}
        {items.length > 0 && (
          <Variables
            env={env.value}
            removed={removed.value}
            toggle={may("developer") ? toggle : null}
          />
        )}
      </section>
      {may("developer") && (
        <section aria-labelledby="change" class="stack">
          <h2 id="change">Change them</h2>
          <TextArea
            label=".env text"
            code
            rows={8}
            value={text.value}
            set={(value) => {
              text.value = value;
            }}
            hint={
              <>
                One <code>NAME=value</code> a line, as in a <code>.env</code> file. What is not
                named here stays as it is.
              </>
            }
          />
          <label class="check">
            <input
              type="checkbox"
              checked={replace.value}
              onChange={(event) => {
                replace.value = event.currentTarget.checked;
              }}
            />
            This is all of it: remove the variables that are not named here
          </label>
          <Changes change={change} />
          <Why error={error.value} />
          {warnings.value.length > 0 && (
            <Notice tone="warn">
              <p>Saved, but look at this:</p>
              <ul>
                {warnings.value.map((one) => (
                  <li key={one}>{plain(one)}</li>
                ))}
              </ul>
            </Notice>
          )}
          <p class="row">
            <Action
              kind="main"
              disabled={isEmpty(change)}
              onError={onError}
              run={async () => {
                await save();
                await ship();
              }}
            >
              Save and deploy
            </Action>
            <Action disabled={isEmpty(change)} onError={onError} run={save}>
              Save
            </Action>
          </p>
        </section>
      )}
    </div>
  );
}

function Variables(props: {
  env: EnvView;
  removed: ReadonlySet<string>;
  toggle: ((name: string) => void) | null;
}) {
  const { env, removed, toggle } = props;
  return (
    <table class="variables">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
          <th scope="col" class="wide">
            Changed
          </th>
          {toggle && (
            <th scope="col">
              <span class="hidden">Remove</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {env.items.map(({ name, version, updatedAt }) => (
          <tr key={name} class={removed.has(name) ? "going" : undefined}>
            <th scope="row">
              <Foreign text={name} mono />
            </th>
            <td class="masked">
              <span aria-hidden="true">••••••</span>
              <span class="hidden">hidden</span> <span class="soft small">v{version}</span>
            </td>
            <td class="wide soft">
              <Age at={updatedAt} />
            </td>
            {toggle && (
              <td class="end">
                <button
                  type="button"
                  class="button quiet small"
                  aria-label={`${removed.has(name) ? "Keep" : "Remove"} ${plain(name)}`}
                  onClick={() => toggle(name)}
                >
                  {removed.has(name) ? "Keep" : "Remove"}
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What would become of the names; values are nowhere to compare. */
function Changes({ change }: { change: Difference }) {
  if (isEmpty(change)) return <p class="soft small">Nothing to save yet.</p>;
  const kinds = [
    ["added", "+", change.added],
    ["changed", "~", change.changed],
    ["removed", "−", change.removed],
  ] as const;
  return (
    <div role="status">
      <ul class="difference" aria-label="What will change">
        {kinds.flatMap(([word, sign, names]) =>
          names.map((name) => (
            <li key={`${word} ${name}`} class={word}>
              <span aria-hidden="true">{sign}</span> <Foreign text={name} mono />{" "}
              <span class="soft">{word}</span>
            </li>
          )),
        )}
      </ul>
    </div>
  );
}
