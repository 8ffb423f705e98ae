// How the command line ends: one table of exit codes, and the error that carries one together with what to do next.

export const EXIT = {
  ok: 0,
  /** It was tried and did not work; a failed deploy too. */
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  conflict: 5,
  timeout: 124,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected end that is not success: said in one sentence, with the commands that lead on. */
export class CliError extends Error {
  readonly code: ExitCode;
  readonly next: readonly string[];
  constructor(code: ExitCode, message: string, next: readonly string[] = []) {
    super(message);
    this.name = "CliError";
    this.code = code;
    this.next = next;
  }
}

/** Ends with a code after everything was said already. */
export class QuietEnd extends Error {
  readonly code: ExitCode;
  constructor(code: ExitCode) {
    super(`ended with ${code}`);
    this.name = "QuietEnd";
    this.code = code;
  }
}
