// What a change does to the names of the variables. Values are never known here.
export interface Difference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Names that `.env` text assigns, each once. The server reads the values; this is only to show what will happen. */
export function namesIn(text: string): string[] {
  const names = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/gm)];
  return [...new Set(names.map((match) => match[1] ?? ""))];
}

export function difference(input: {
  readonly known: readonly string[];
  readonly typed: readonly string[];
  readonly removed: ReadonlySet<string>;
  readonly replace: boolean;
}): Difference {
  const { known, typed, removed, replace } = input;
  return {
    added: typed.filter((name) => !known.includes(name)),
    changed: typed.filter((name) => known.includes(name)),
    removed: known.filter((name) => !typed.includes(name) && (replace || removed.has(name))),
  };
}

export function isEmpty({ added, changed, removed }: Difference): boolean {
  return added.length + changed.length + removed.length === 0;
}
