// Looks into the repository while the form is filled in: half a second after the last key, the newest wish wins.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RepoView } from "../../../protocol/rest.ts";
import { inspectRepo } from "../../api/api.ts";
import type { Draft } from "../new-worker.tsx";

const PAUSE_MS = 500;
/** Worth asking about: an address or a path, not half a word. */
const LIKELY = /^(https:\/\/[^/\s]+\/\S+|ssh:\/\/\S+\/\S+|\S+@\S+:\S+|file:\/\/\/\S+|\/\S+)$/;

export interface Seen {
  readonly view: RepoView | null;
  /** What to say below the field. */
  readonly words: string;
}

const HINT = "https or ssh. Private ones are read with the SSH key of your host.";

export function useInspection(
  project: string,
  draft: Signal<Draft>,
  typed: Signal<ReadonlySet<keyof Draft>>,
): Signal<Seen> {
  const seen = useSignal<Seen>({ view: null, words: HINT });
  const { repo, branch, rootDir } = draft.value;
  useEffect(() => {
    const address = repo.trim();
    if (!LIKELY.test(address)) {
      seen.value = { view: null, words: HINT };
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      seen.value = { view: seen.value.view, words: "Looking into the repository …" };
      const body = {
        repo: address,
        ...(branch === "" ? {} : { branch }),
        ...(rootDir === "" ? {} : { rootDir }),
      };
      const view = await inspectRepo(project, body).catch((error: Error) => error);
      if (!current) return;
      if (view instanceof Error) {
        seen.value = { view: null, words: `${view.message} You may go on without.` };
        return;
      }
      seen.value = { view, words: sentence(view) };
      fill(view, draft, typed.value);
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [project, repo, branch, rootDir]);
  return seen;
}

function sentence({ readable, branches, suggestions, reason }: RepoView): string {
  if (!readable) return reason ?? "It could not be read from here; you may go on without.";
  const count = branches.length === 1 ? "one branch" : `${branches.length} branches`;
  return suggestions.length > 0
    ? `Found: ${count}, and a way to start it.`
    : `Found: ${count}. ${reason ?? "Nothing in it says how to start it."}`;
}

/** Only what nobody typed is filled in. */
function fill(view: RepoView, draft: Signal<Draft>, typed: ReadonlySet<keyof Draft>): void {
  const [first] = view.suggestions;
  const next = { ...draft.value };
  if (!typed.has("branch") && next.branch === "" && view.defaultBranch !== null)
    next.branch = view.defaultBranch;
  if (first && !typed.has("startCommand")) next.startCommand = first.startCommand;
  if (first && !typed.has("buildCommand")) next.buildCommand = first.buildCommand ?? "";
  if (JSON.stringify(next) !== JSON.stringify(draft.value)) draft.value = next;
}
