// What the repository itself says: its branches, and the ways to start it.
import type { Signal } from "@preact/signals";
import type { RepoView } from "../../../protocol/rest.ts";
import { Foreign } from "../../parts/basics.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import type { Draft } from "../new-worker.tsx";

interface BranchProps {
  readonly value: string;
  readonly set: (value: string) => void;
  readonly error: string | undefined;
  readonly seen: RepoView | null;
}

/** A list where the branches are known, a field where they are not. */
export function Branch({ seen, ...common }: BranchProps) {
  const branches = seen?.branches ?? [];
  if (branches.length === 0 || (common.value !== "" && !branches.includes(common.value))) {
    return <Field {...common} label="Branch" input={{ placeholder: "main", class: "mono" }} />;
  }
  return <Choice {...common} label="Branch" options={branches} />;
}

export function Suggestions(props: {
  seen: RepoView | null;
  draft: Signal<Draft>;
  typed: Signal<ReadonlySet<keyof Draft>>;
}) {
  const suggestions = props.seen?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  const take = (at: number) => {
    const chosen = suggestions[at];
    if (chosen === undefined) return;
    props.draft.value = {
      ...props.draft.value,
      startCommand: chosen.startCommand,
      buildCommand: chosen.buildCommand ?? "",
    };
    props.typed.value = new Set([...props.typed.value, "startCommand", "buildCommand"]);
  };
  return (
    <fieldset class="suggestions">
      <legend>Found in the repository</legend>
      {suggestions.map((one, at) => (
        <button
          key={`${one.source} ${one.startCommand}`}
          type="button"
          class="button quiet"
          aria-pressed={props.draft.value.startCommand === one.startCommand}
          onClick={() => take(at)}
        >
          <span class="soft">
            <Foreign text={one.source} />
          </span>{" "}
          <Foreign text={one.startCommand} mono />
        </button>
      ))}
    </fieldset>
  );
}
