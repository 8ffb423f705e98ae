// The small parts that every page is made of.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/api.ts";
import { plain } from "../text/plain.ts";
import { full, now, roughly } from "../text/time.ts";
import { fail } from "./failure.tsx";

/** Foreign text: made harmless, and kept from turning the words around it. */
export function Foreign({ text, mono = false }: { text: string; mono?: boolean }) {
  return <bdi class={mono ? "mono" : undefined}>{plain(text)}</bdi>;
}

/** "4 min ago", with the exact time at hand. */
export function Age({ at, never = "never" }: { at: string | null; never?: string }) {
  if (at === null) return <span class="soft">{never}</span>;
  const age = now.value - Date.parse(at);
  return (
    <time dateTime={at} title={full(at)}>
      {roughly(age)}
    </time>
  );
}

type Tone = "good" | "busy" | "warn" | "bad" | "idle" | "none";

/** A state as dot and word; hollow dots are for what does not run or is not known. */
export function State({ word, tone }: { word: string; tone: Tone }) {
  return (
    <span class={`state ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {word.replaceAll("_", " ")}
    </span>
  );
}

export interface ActionProps {
  readonly children: ComponentChildren;
  readonly run: () => unknown;
  readonly kind?: "plain" | "main" | "danger" | "quiet";
  readonly disabled?: boolean;
  readonly label?: string;
  readonly onError?: (error: Error) => void;
}

/** A button that is busy while what it began is under way, and says so when it failed. */
export function Action({ children, run, kind = "plain", disabled, label, onError }: ActionProps) {
  const busy = useSignal(false);
  const click = async () => {
    if (busy.value) return;
    busy.value = true;
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      (onError ?? fail)(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <button
      type="button"
      class={`button ${kind}`}
      disabled={disabled}
      aria-busy={busy.value}
      aria-label={label}
      onClick={click}
    >
      {children}
    </button>
  );
}

export function Notice({
  tone = "none",
  children,
  alert = false,
}: {
  tone?: Tone;
  children: ComponentChildren;
  alert?: boolean;
}) {
  return (
    <div class={`notice ${tone}`} role={alert ? "alert" : undefined}>
      {children}
    </div>
  );
}

/** Why something was refused, field by field where the API says so. */
export function Why({ error }: { error: Error | null }) {
  if (error === null) return null;
  const fields = error instanceof ApiError ? error.errors : [];
  return (
    <Notice tone="bad" alert>
      <p>{error.message}</p>
      {fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={field.path}>
              <code>{plain(field.path)}</code> {plain(field.message)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** A line to take away, with a button that copies it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2_000);
  };
  return (
    <div class="copyable">
      <pre tabIndex={0} aria-label={label} role="region">
        <code>{text}</code>
      </pre>
      <Action run={copy}>{copied.value ? "Copied" : "Copy"}</Action>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading soft" role="status">
      Reading {what} …
    </p>
  );
}
