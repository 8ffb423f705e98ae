// Files that say where we are: `.coppice/local.json` of a running checkout and coppice.toml, each looked for upward.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest file of that name in this folder or one above it. */
export function findUpward(cwd: string, name: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return null;
  }
}

export interface LocalPlace {
  readonly file: string;
  readonly url: string;
  readonly token: string;
  readonly project: string;
}

/** What `npm start` left for scripts; COPPICE_STATE_DIR says where where it is not `.coppice`. */
export function readLocal(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): LocalPlace | null {
  const file = env.COPPICE_STATE_DIR
    ? join(env.COPPICE_STATE_DIR, "local.json")
    : findUpward(cwd, join(".coppice", "local.json"));
  if (file === null) return null;
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as Partial<LocalPlace>;
    if (!known.url || !known.token || !known.project) return null;
    return { file, url: known.url, token: known.token, project: known.project };
  } catch {
    return null;
  }
}

/** What commands other than `up` want of coppice.toml: a broken file is no reason for `logs` to fail. */
export interface Hint {
  readonly file: string;
  readonly project: string | null;
  readonly workers: readonly string[];
}

export async function readHint(cwd: string): Promise<Hint | null> {
  const file = findUpward(cwd, "coppice.toml");
  if (file === null) return null;
  const { parse } = await import("smol-toml");
  try {
    const { project, workers } = parse(readFileSync(file, "utf8"));
    return {
      file,
      project: typeof project === "string" ? project : null,
      workers: typeof workers === "object" && workers !== null ? Object.keys(workers) : [],
    };
  } catch {
    return { file, project: null, workers: [] };
  }
}
