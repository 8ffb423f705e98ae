// A terminal of the end-to-end test: runs the bundled command line in a folder, and keeps a transcript in which ids, times,
// ports and folders are made the same for every run.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TerminalOptions {
  readonly bundle: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What stands for what in the transcript, in this order. */
  readonly names: readonly Rule[];
}

type Rule = readonly [what: string | RegExp, name: string | ((found: string) => string)];

const ALWAYS: readonly Rule[] = [
  [/\b([0-9a-f]{40})\b/g, "4f1c2ab09d3e5f60718293a4b5c6d7e8f9012345"],
  [/\b[0-9a-f]{7}(?= [A-Z])/g, "4f1c2ab"],
  [/\b(crs|tok|ins|hst|wrk|dep|prj)_[0-9a-f]{32}/g, "$1_01a2094b72d274d3ba31238f9adb1913"],
  [/cop_(join_|in_)?[0-9a-f]{20,}/g, "cop_$1…"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-11-23T10:00:12.000Z"],
  [/\b\d\d:\d\d:\d\d\b/g, "10:00:12"],
  [/^[0-9a-f]{8}(?= +\w+\.\d)/gm, "3f9a1c2e"],
  [/(?<=^\w+\.\d .*? )\d{3,7}$/gm, (found) => "424242".slice(0, found.length)],
  [/pid \d+/g, "pid 4242"],
  [/\b(code \d+|SIG[A-Z]+,?) after [\d.]+ (ms|s)\b/g, "$1 after 4.2 s"],
  [/in \d+ ms/g, "in 5 ms"],
];

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #steps: { readonly title: string; readonly text: string }[] = [];
  readonly commands: string[] = [];

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  #start(argv: readonly string[]) {
    const { bundle, cwd, env } = this.#options;
    return spawn(process.execPath, [bundle, ...argv], { cwd, env: { ...env }, stdio: "pipe" });
  }

  /** Runs to its end, and interrupts it once `until` fits what it printed. Not in the transcript. */
  run(
    argv: readonly string[],
    input: { readonly stdin?: string; readonly until?: RegExp } = {},
  ): Promise<Ran & { both: string }> {
    const child = this.#start(argv);
    let [stdout, stderr, both] = ["", "", ""];
    let asked = false;
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      both += chunk;
      if (input.until?.test(stdout) && !asked) {
        asked = true;
        child.kill("SIGINT");
      }
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      both += chunk;
    });
    child.stdin.end(input.stdin ?? "");
    return new Promise((done) => child.on("close", (code) => done({ code, stdout, stderr, both })));
  }

  /** Runs and writes it down. */
  async show(
    title: string,
    argv: readonly string[],
    input: { readonly stdin?: string; readonly until?: RegExp } = {},
  ): Promise<Ran> {
    const ran = await this.run(argv, input);
    const typed = `coppice ${argv.map((word) => (/^[\w=./:@-]+$/.test(word) ? word : `'${word}'`)).join(" ")}`;
    this.commands.push(this.#same(typed));
    const code = ran.code === 0 ? "" : `\n# exit code ${ran.code}`;
    const text = `$ ${typed}\n${ran.both}${input.until ? "^C" : ""}`.trimEnd() + code;
    this.#steps.push({ title, text: this.#same(text) });
    return ran;
  }

  /** Something typed that is not ours, with what it printed. */
  note(title: string, text: string): void {
    this.#steps.push({ title, text: this.#same(text.trimEnd()) });
  }

  #same(text: string): string {
    return [...this.#options.names, ...ALWAYS].reduce<string>(
      (now, [what, name]) => now.replaceAll(what, name as string),
      text,
    );
  }

  transcript(): string {
    const parts = this.#steps.map(
      ({ title, text }) => `**${title}**\n\n\`\`\`console\n${text}\n\`\`\``,
    );
    return `${parts.join("\n\n")}\n`;
  }
}

const BEGIN = "<!-- transcript: made by `npm run docs:cli` -->\n";
const END = "<!-- end of the transcript -->";

export function writeTranscript(file: string, text: string): void {
  const [before = "", rest = ""] = readFileSync(file, "utf8").split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(file, `${before}${BEGIN}\n${text}\n${after}`);
}
