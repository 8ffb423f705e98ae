// Hands git what opens a private repository, for one command of git at a time.
//
// 1. It is in files of a directory that only we may read, never in an argument, in the environment or in the checkout's
//    configuration; they are there while the command runs, and whatever a killed agent left goes with the next start.
// 2. A token is given to the repository's own host alone, wherever that redirects to.
// 3. Servers: where known_hosts lines were given, no other key is believed. Else the first key that a server shows is
//    kept on this host, and another one later is refused.
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GitCredential } from "../../protocol/git-credential.ts";

/** Git asks it for `Username for 'https://host': ` and `Password for 'https://name@host': `. */
const ASKPASS = `#!/bin/sh
d=\${0%/*}
own=
while read -r h; do
  case $1 in
  *"'https://$h'"* | *"'https://"*"@$h'"*) own=1 ;;
  esac
done < "$d/hosts"
[ -n "$own" ] || exit 1
case $1 in
Username*) cat "$d/username" ;;
Password*) cat "$d/token" ;;
*) exit 1 ;;
esac
`;

export interface GitAuth {
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

const NONE: GitAuth = { env: {}, close: () => {} };

export function openAuth(state: string, repo: string, credential: GitCredential | null): GitAuth {
  if (credential === null) return NONE;
  const isHttps = repo.startsWith("https://");
  if ((credential.kind === "token") !== isHttps) return NONE;
  const root = join(state, "git-auth");
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const dir = join(root, `auth-${randomBytes(9).toString("hex")}`);
  mkdirSync(dir, { mode: 0o700 });
  const put = (name: string, text: string, mode = 0o600) => {
    writeFileSync(join(dir, name), text, { mode });
    return join(dir, name);
  };
  const close = () => rmSync(dir, { recursive: true, force: true });
  if (credential.kind === "token") {
    put(
      "hosts",
      authorities(repo)
        .map((name) => `${name}\n`)
        .join(""),
    );
    put("username", credential.username);
    put("token", credential.token);
    return { env: { GIT_ASKPASS: put("askpass", ASKPASS, 0o700) }, close };
  }
  const key = put("key", `${credential.privateKey.trim()}\n`);
  const { knownHosts } = credential;
  const known =
    knownHosts === null ? join(root, "known_hosts") : put("known_hosts", `${knownHosts.trim()}\n`);
  const options = [
    ...["BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "ConnectTimeout=20"],
    `StrictHostKeyChecking=${knownHosts === null ? "accept-new" : "yes"}`,
    `UserKnownHostsFile=${quotedForSsh(known)}`,
    "GlobalKnownHostsFile=/dev/null",
  ];
  const words = ["ssh", "-F", "/dev/null", "-i", key, ...options.flatMap((one) => ["-o", one])];
  return { env: { GIT_SSH_COMMAND: words.map(quoted).join(" ") }, close };
}

/** How git may call the repository's host: mostly as it was typed, where a URL writes it small and without a usual port. */
function authorities(repo: string): string[] {
  const [typed = ""] = repo.slice("https://".length).split(/[/?#]/);
  const plain = typed.replace(/:0*(\d+)$/, ":$1");
  return [...new Set([typed, plain, new URL(repo).host])];
}

/** What an agent that was killed left. The servers' keys stay. */
export function forgetAuth(state: string, list: (dir: string) => string[]): void {
  const root = join(state, "git-auth");
  for (const name of list(root))
    if (name.startsWith("auth-")) rmSync(join(root, name), { recursive: true, force: true });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function quotedForSsh(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}
