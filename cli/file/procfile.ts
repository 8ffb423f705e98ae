// A Procfile: `name: command`, one a line. Names become those of workers; `web` and `release` mean something of their own.

export interface ProcfileEntry {
  /** As it stands in the file. */
  readonly type: string;
  /** As a worker may be named; null where nothing of the name can stay. */
  readonly name: string | null;
  readonly command: string;
}

/** `Image_Resizer` → `image-resizer`. */
export function workerName(text: string): string | null {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return name === "" ? null : name;
}

/** Lines that are not of the form are given back as such. */
export function parseProcfile(text: string): {
  readonly entries: readonly ProcfileEntry[];
  readonly strange: readonly string[];
} {
  const entries: ProcfileEntry[] = [];
  const strange: string[] = [];
  for (const raw of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, type, command] = /^([A-Za-z0-9_-]+)\s*:\s*(\S.*)$/.exec(line) ?? [];
    if (type && command) entries.push({ type, name: workerName(type), command });
    else strange.push(line);
  }
  return { entries, strange };
}
