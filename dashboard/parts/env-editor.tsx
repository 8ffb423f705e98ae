// Variables of a worker or a group: names and versions. Values go in and never come out. Changes are typed as .env text, or
// marked for removal, and compared by name before they are saved.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { ChangeEnv, EnvView } from "../../protocol/rest.ts";
import { may } from "../session.ts";
import { plain } from "../text/plain.ts";
import { Action, Age, Foreign, Notice, Why } from "./basics.tsx";
import { type Difference, difference, isEmpty, namesIn } from "./env-difference.ts";
import { TextArea } from "./field.tsx";

interface Props {
  readonly items: EnvView["items"];
  /** What stands above and below the table. */
  readonly head?: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly change: (
    body: ChangeEnv,
  ) => Promise<{ readonly changed: readonly string[]; readonly warnings: readonly string[] }>;
  /** After a save. */
  readonly read: () => Promise<unknown>;
  readonly ship: () => Promise<unknown>;
}

export function EnvEditor({ items, head, foot, change, read, ship }: Props) {
  const text = useSignal("");
  const removed = useSignal<ReadonlySet<string>>(new Set());
  const replace = useSignal(false);
  const open = useSignal(false);
  const warnings = useSignal<readonly string[]>([]);
  const error = useSignal<Error | null>(null);
  const wanted = difference({
    known: items.map((item) => item.name),
    typed: namesIn(text.value),
    removed: removed.value,
    replace: replace.value,
  });
  const save = async () => {
    error.value = null;
    const gone = [...removed.value].filter((one) => !namesIn(text.value).includes(one));
    if (gone.length > 0 && !replace.value)
      await change({ set: Object.fromEntries(gone.map((one) => [one, null])), plain: false });
    if (text.value.trim() !== "" || replace.value) {
      const answer = await change({
        dotenv: text.value,
        replace: replace.value,
        plain: open.value,
      });
      const idle = answer.changed.length === 0 && gone.length === 0;
      warnings.value = idle
        ? ["Every value was set so already: nothing changed.", ...answer.warnings]
        : answer.warnings;
    }
    text.value = "";
    removed.value = new Set();
    replace.value = false;
    open.value = false;
    await read();
  };
  const toggle = (one: string) => {
    const next = new Set(removed.value);
    if (!next.delete(one)) next.add(one);
    removed.value = next;
  };
  const onError = (refused: Error) => {
    error.value = refused;
  };
  return (
    <div class="two even">
      <section aria-labelledby="variables">
        <h2 id="variables">Variables</h2>
        {head}
        {items.length === 0 && <p class="soft">None yet.</p>}
        {items.length > 0 && (
          <Variables
            items={items}
            removed={removed.value}
            toggle={may("developer") ? toggle : null}
          />
        )}
        {foot}
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
                named here stays as it is. <code>{"${{NAME}}"}</code> and{" "}
                <code>{"${{group.NAME}}"}</code> stand for other values.
              </>
            }
          />
          <Check signal={replace}>
            This is all of it: remove the variables that are not named here
          </Check>
          <Check signal={open}>No secrets: do not mask these values in logs</Check>
          <Changes change={wanted} />
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
              disabled={isEmpty(wanted)}
              onError={onError}
              run={async () => {
                await save();
                await ship();
              }}
            >
              Save and deploy
            </Action>
            <Action disabled={isEmpty(wanted)} onError={onError} run={save}>
              Save
            </Action>
          </p>
        </section>
      )}
    </div>
  );
}

function Check(props: { signal: { value: boolean }; children: ComponentChildren }) {
  const { children, signal } = props;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={signal.value}
        onChange={(event) => {
          signal.value = event.currentTarget.checked;
        }}
      />
      {children}
    </label>
  );
}

function Variables(props: {
  items: EnvView["items"];
  removed: ReadonlySet<string>;
  toggle: ((name: string) => void) | null;
}) {
  const { items, removed, toggle } = props;
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
        {items.map(({ name, plain: open, version, updatedAt }) => (
          <tr key={name} class={removed.has(name) ? "going" : undefined}>
            <th scope="row">
              <Foreign text={name} mono />
            </th>
            <td class="masked">
              <span aria-hidden="true">••••••</span>
              <span class="hidden">hidden</span>{" "}
              <span class="soft small">
                v{version}
                {open && " · no secret"}
              </span>
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
