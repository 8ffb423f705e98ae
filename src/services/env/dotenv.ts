// Text in the manner of `.env` files, read by Node's own parser; what it may have understood otherwise than meant
// comes back as warnings that name variables and never show values.
import { parseEnv } from "node:util";
import { ProblemError } from "../../../protocol/problems.ts";

export interface Dotenv {
  readonly vars: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

const ASSIGNMENT = /^\s*(?:export\s+)?([^=\s#]+)\s*=\s*(.*?)\s*$/;

/** `NAME=a#b` without quotes ends at the `#`: say so. Lines inside a quoted value are no assignments. */
function cutValues(text: string, vars: ReadonlyMap<string, string>): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = ASSIGNMENT.exec(line) ?? [];
    if (!name || !value || /^["'`]/.test(value) || !/[^\s]#/.test(value)) return [];
    if (vars.get(name) !== value.slice(0, value.indexOf("#")).trim()) return [];
    return [
      `${name}: everything from the # on was taken for a comment; put the value in quotes to keep it.`,
    ];
  });
}

export function readDotenv(text: string): Dotenv {
  const seen = new Set<string>();
  const warnings: string[] = [];
  if (text.includes("\u0000")) {
    throw new ProblemError("invalid_request", "The text is not a .env file.", [
      { path: "dotenv", message: "must not contain NUL" },
    ]);
  }
  const parsed = parseEnv(text.replace(/^\uFEFF/, "")) as Record<string, string>;
  const vars = new Map(Object.entries(parsed));
  for (const line of text.split(/\r?\n/)) {
    const name = ASSIGNMENT.exec(line)?.[1];
    if (!name || !vars.has(name)) continue;
    if (seen.has(name)) warnings.push(`${name}: is set more than once; the last one counts.`);
    seen.add(name);
  }
  return { vars, warnings: [...cutValues(text, vars), ...warnings] };
}
