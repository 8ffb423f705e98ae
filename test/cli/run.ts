// Runs the command line inside the test: arguments in; exit code and what was printed where out.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Io } from "../../cli/io.ts";
import { runCli } from "../../cli/run.ts";
import { TOKEN } from "./views.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Told of each piece on stdout. */
  readonly onStdout?: (text: string) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder without coppice.toml or .coppice above it; gone when the tests of the file are over. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "coppice-cli-"));
  folders.push(folder);
  return folder;
}

/** Just after the times of the fake control plane. */
export const NOW = Date.parse("2026-11-23T10:00:05.000Z");

export async function cli(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const columns = options.tty ? (options.columns ?? 80) : null;
  const isTTY = options.tty === true;
  const io: Io = {
    env: { HOME: "/nonexistent", ...options.env },
    cwd: options.cwd ?? emptyFolder(),
    stdout: {
      write(text) {
        stdout += text;
        options.onStdout?.(text);
      },
      isTTY,
      columns,
    },
    stderr: {
      write(text) {
        stderr += text;
      },
      isTTY,
      columns,
    },
    stdin: { isTTY: false, text: async () => options.stdin ?? "" },
    now: () => NOW,
    signal: options.signal ?? new AbortController().signal,
    retryMs: 1,
    openBrowser: async () => false,
  };
  const code = await runCli(argv, io);
  return { code, stdout, stderr };
}

/** The variables that lead to a control plane. */
export const at = (url: string, token = TOKEN) => ({ COPPICE_URL: url, COPPICE_TOKEN: token });
