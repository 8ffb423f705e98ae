// Everything that the command line touches outside of itself; tests give their own.

export interface Sink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width of the terminal; null where it is none. */
  readonly columns: number | null;
}

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: { readonly isTTY: boolean; text(): Promise<string> };
  /** ms since the epoch. */
  now(): number;
  /** Aborts when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Before what failed in passing is tried again. */
  readonly retryMs: number;
  /** Opens an address in the user's browser; false where there is none. */
  openBrowser(url: string): Promise<boolean>;
}
