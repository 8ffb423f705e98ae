// A labelled input with its hint and its error, all of which a screen reader is told.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly optional?: boolean;
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

function Frame(props: Common & { id: string; children: ComponentChildren }) {
  const { id, label, hint, error, optional, children } = props;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="soft"> (optional)</span>}
      </label>
      {children}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function describe(id: string, { hint, error }: Common) {
  const ids = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`];
  return {
    "aria-describedby": ids.filter(Boolean).join(" ") || undefined,
    "aria-invalid": error !== undefined,
  };
}

const HAND_TYPED = { autocomplete: "off", autocapitalize: "off", spellcheck: false } as const;

export function Field({ input, ...common }: Common & { input?: Attributes }) {
  const id = useId();
  return (
    <Frame {...common} id={id}>
      <input
        {...HAND_TYPED}
        {...input}
        {...describe(id, common)}
        id={id}
        value={common.value}
        onInput={(event) => common.set(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function TextArea({ rows, code, ...common }: Common & { rows: number; code?: boolean }) {
  const id = useId();
  return (
    <Frame {...common} id={id}>
      <textarea
        {...HAND_TYPED}
        {...describe(id, common)}
        id={id}
        rows={rows}
        class={code ? "mono" : undefined}
        value={common.value}
        onInput={(event) => common.set(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function Choice({ options, ...common }: Common & { options: readonly string[] }) {
  const id = useId();
  return (
    <Frame {...common} id={id}>
      <select
        {...describe(id, common)}
        id={id}
        value={common.value}
        onChange={(event) => common.set(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** How many: typed, or by one up and down. */
export function Stepper(props: {
  label: string;
  value: number;
  set: (value: number) => void;
  max?: number;
}) {
  const { label, value, set, max = 500 } = props;
  const id = useId();
  const clamp = (wish: number) => Math.max(0, Math.min(max, Math.round(wish) || 0));
  return (
    <span class="stepper">
      <label for={id}>{label}</label>
      <button
        type="button"
        aria-label={`One ${label.toLowerCase()} less`}
        disabled={value <= 0}
        onClick={() => set(clamp(value - 1))}
      >
        −
      </button>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        size={3}
        value={String(value)}
        onInput={(event) => set(clamp(Number(event.currentTarget.value)))}
      />
      <button
        type="button"
        aria-label={`One ${label.toLowerCase()} more`}
        disabled={value >= max}
        onClick={() => set(clamp(value + 1))}
      >
        +
      </button>
    </span>
  );
}
