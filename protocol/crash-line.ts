// The line of a program's last words that most likely says why it ended; for people, and for telling kinds of crash apart.

const NAMES_AN_ERROR = /error|exception|panic|fatal|refused|denied|traceback/i;
/** Says that there is more elsewhere, not what went wrong. */
const SAYS_NOTHING =
  /^\s*(at |File "|\^|~|Traceback \(most recent|Node\.js v\d|exit status \d|goroutine \d)/;

/** The last line that names an error, else the last that is not blank; "" where nothing was written. */
export function tellingLine(tail: readonly string[]): string {
  const written = tail.filter((line) => line.trim() !== "");
  const saying = written.filter((line) => !SAYS_NOTHING.test(line));
  return (
    saying.findLast((line) => NAMES_AN_ERROR.test(line)) ?? saying.at(-1) ?? written.at(-1) ?? ""
  );
}
