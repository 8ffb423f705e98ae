// What is executed so that a command runs as the right user, without new privileges, with its limit of open files. Pure.
//
// 1. `/bin/sh -c command` is what is left in the end, under the pid that was spawned.
// 2. A limit that can't be set is said on the program's stderr; it is no reason not to run.

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

export interface LaunchOptions {
  readonly command: string;
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly openFiles: number | null;
  /** setpriv's path where the keeper's children do not have `no_new_privs` from it; null where it is not needed or not there. */
  readonly setpriv: string | null;
}

/** $1: open files, $2: the command. */
const LIMITED = `ulimit -n "$1" 2>/dev/null || echo "coppice: the limit of $1 open files can't be set here: at most $(ulimit -Hn)" >&2
exec /bin/sh -c "$2"`;

export function launch({ command, user, openFiles, setpriv }: LaunchOptions): Launch {
  const shell =
    openFiles === null
      ? ["/bin/sh", "-c", command]
      : ["/bin/sh", "-c", LIMITED, "sh", String(openFiles), command];
  const guarded = setpriv !== null && user !== null ? [setpriv, "--no-new-privs", ...shell] : shell;
  const [file = "/bin/sh", ...args] = guarded;
  return { file, args, ...(user ?? {}) };
}
