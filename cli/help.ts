// The text behind --help: usage, what it does, arguments, options, examples. Fits 100 columns.

export interface HelpFlag {
  readonly kind: string;
  readonly brief: string;
  readonly placeholder?: string;
  readonly default?: unknown;
  readonly values?: readonly string[];
  readonly withNegated?: boolean;
}

interface HelpArgument {
  readonly placeholder?: string;
  readonly brief: string;
  readonly optional?: boolean;
}

export interface HelpInput {
  readonly more: string;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, HelpFlag>>;
  readonly aliases: Readonly<Record<string, string>>;
  readonly positional:
    | { readonly kind: "tuple"; readonly parameters: readonly HelpArgument[] }
    | { readonly kind: "array"; readonly parameter: HelpArgument; readonly minimum?: number }
    | undefined;
}

const WIDTH = 100;
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** Two columns; the right one wraps below itself. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.flatMap(([name, brief]) => {
    const [first = "", ...rest] = wrap(brief, WIDTH - left - 4);
    return [
      `  ${name.padEnd(left)}  ${first}`.trimEnd(),
      ...rest.map((line) => `${" ".repeat(left + 4)}${line}`),
    ];
  });
}

function flagRow(name: string, flag: HelpFlag, letter: string | undefined): [string, string] {
  const negated = flag.kind === "boolean" && flag.default === true;
  const long = `--${negated ? "no-" : ""}${kebab(name)}`;
  const value =
    flag.kind === "boolean" ? "" : ` <${flag.values?.join("|") ?? flag.placeholder ?? "value"}>`;
  const normally =
    flag.kind !== "boolean" && flag.default !== undefined ? ` [${String(flag.default)}]` : "";
  const brief = negated
    ? `Do not ${flag.brief.charAt(0).toLowerCase()}${flag.brief.slice(1)}`
    : flag.brief;
  return [`${letter ? `-${letter}, ` : "    "}${long}${value}`, `${brief}${normally}`];
}

const shown = ({ placeholder = "value" }: HelpArgument) => placeholder;

function usage(prefix: readonly string[], { positional }: HelpInput): string {
  const words: string[] = [...prefix];
  if (positional?.kind === "array") {
    const name = `${shown(positional.parameter)}…`;
    words.push((positional.minimum ?? 0) > 0 ? `<${name}>` : `[${name}]`);
  }
  if (positional?.kind === "tuple") {
    words.push(
      ...positional.parameters.map((one) => (one.optional ? `[${shown(one)}]` : `<${shown(one)}>`)),
    );
  }
  return [...words, "[options]"].join(" ");
}

export function commandHelp(
  prefix: readonly string[],
  input: HelpInput,
  head: (text: string) => string,
): string {
  const letters = new Map(Object.entries(input.aliases).map(([letter, name]) => [name, letter]));
  const all =
    input.positional?.kind === "array"
      ? [input.positional.parameter]
      : (input.positional?.parameters ?? []);
  const rows = Object.entries(input.flags).map(([name, flag]) =>
    flagRow(name, flag, letters.get(name)),
  );
  const section = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? ["", head(title), ...lines] : [];
  return [
    `${head("Usage")}  ${usage(prefix, input)}`,
    ...section(
      "What it does",
      wrap(input.more.replaceAll("\n", " "), WIDTH - 2).map((line) => `  ${line}`),
    ),
    ...section("Arguments", columns(all.map((one) => [shown(one), one.brief]))),
    ...section("Options", columns([...rows, ["-h, --help", "Show this"]])),
    ...section(
      "Examples",
      input.examples.map((line) => `  ${line}`),
    ),
    "",
  ].join("\n");
}

export interface Group {
  readonly title: string;
  readonly names: readonly string[];
}

/** The front page: every command with its brief, by what one wants to do. */
export function frontPage(
  groups: readonly Group[],
  briefs: ReadonlyMap<string, string>,
  head: (text: string) => string,
): string {
  const width = Math.max(...[...briefs.keys()].map((name) => name.length));
  return [
    "Coppice: background workers that stay alive, on machines that you rent.",
    "",
    `${head("Usage")}  coppice <command> [options]`,
    ...groups.flatMap(({ title, names }) => [
      "",
      head(title),
      ...names.map((name) => `  ${name.padEnd(width)}  ${briefs.get(name) ?? ""}`),
    ]),
    "",
    head("Examples"),
    "  coppice init && coppice up    # from a Procfile to running workers",
    "  coppice logs mailer -f        # what it writes, and every crash",
    "  coppice scale mailer=3",
    "",
    "Every command takes --json, --project, --context and --help. `coppice COMMAND --help` has examples.",
    "",
  ].join("\n");
}

/** The page of a command that has commands of its own. */
export function groupHelp(
  prefix: readonly string[],
  input: { readonly brief: string; readonly entries: readonly (readonly [string, string])[] },
  head: (text: string) => string,
): string {
  const name = prefix.join(" ");
  return [
    `${head("Usage")}  ${name} <command> [options]`,
    "",
    head("Commands"),
    ...columns(input.entries),
    "",
    head("Examples"),
    ...input.entries.slice(0, 3).map(([entry]) => `  ${name} ${entry} --help`),
    "",
  ].join("\n");
}
