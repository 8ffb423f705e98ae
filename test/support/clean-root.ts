// A clean Debian as a machine of its own: a debootstrapped root, made once and kept, under an overlay that holds what
// one test changes, in mount and pid namespaces that take every process along when they end.
//
// 1. It shares the network, so loopback reaches the control plane; nothing else of this machine is seen or changed.
// 2. There is no systemd in it: a `systemctl` of our own notes what it is asked, and runs the units' ExecStart lines
//    again whenever they end.
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { childrenOf } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";

const SUITE = "bookworm";
const PACKAGES = ["ca-certificates", "curl", "git"];
const MAKE_WITHIN_MS = 300_000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const SYSTEMCTL = `#!/bin/sh
# Stands for systemd: notes each call, and keeps the units' ExecStart lines running.
echo "$*" >>/run/systemctl.log
verb= now= named=
for word in "$@"; do
  case $word in
    --now) now=yes ;;
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else named="$named $word"; fi ;;
  esac
done
alive() { kill -0 "$(cat "/run/units/$1.$2" 2>/dev/null || echo x)" 2>/dev/null; }
start() {
  mkdir -p /run/units
  if alive "$1" loop; then return; fi
  setsid /usr/lib/run-unit "$1" </dev/null >>"/run/units/$1.log" 2>&1 &
}
stop() {
  if alive "$1" loop; then kill -KILL "$(cat "/run/units/$1.loop")"; fi
  if alive "$1" main; then kill -TERM "$(cat "/run/units/$1.main")"; fi
  while alive "$1" main; do sleep 0.1; done
}
for unit in $named; do
  case $verb in
    start) start "$unit" ;;
    stop) stop "$unit" ;;
    restart) stop "$unit"; start "$unit" ;;
    enable) if [ -n "$now" ]; then start "$unit"; fi ;;
    disable) if [ -n "$now" ]; then stop "$unit"; fi ;;
  esac
done
exit 0
`;

const RUN_UNIT = `#!/bin/sh
echo $$ >"/run/units/$1.loop"
file=/etc/systemd/system/$1
while :; do
  # shellcheck disable=SC2046 # words
  env -i PATH=$PATH $(sed -n 's/^Environment=//p' "$file") $(sed -n 's/^ExecStart=//p' "$file") &
  echo $! >"/run/units/$1.main"
  wait $!
  echo "$1 ended with $?"
  sleep 0.3
done
`;

const rootPath = join(
  tmpdir(),
  `coppice-${SUITE}-${createHash("sha256").update(`${SUITE} ${PACKAGES}`).digest("hex").slice(0, 8)}`,
);

/**
 * Makes the read-only root below all machines where it is not there yet, which takes one to two minutes and needs
 * Debian's packages. Why there can be no such machine here, or null.
 */
export async function whyNoCleanRoot(): Promise<string | null> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  for (const tool of ["debootstrap", "unshare", "nsenter"]) {
    if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) return `needs ${tool}`;
  }
  const mount = ["--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "t", "/mnt"];
  if (spawnSync("unshare", mount).status !== 0) return "namespaces or mounts are not allowed here";
  if (existsSync(rootPath)) return null;
  const fresh = `${rootPath}.${process.pid}`;
  const args = ["--variant=minbase", `--include=${PACKAGES}`, SUITE, fresh];
  try {
    await promisify(execFile)("debootstrap", args, {
      timeout: MAKE_WITHIN_MS,
      maxBuffer: 16 * 1_048_576,
    });
    rmSync(join(fresh, "var/cache/apt"), { recursive: true, force: true });
    renameSync(fresh, rootPath);
    return null;
  } catch {
    return "debootstrap made no root: are Debian's packages within reach?";
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

export interface Said {
  readonly code: number | null;
  /** stdout and stderr. */
  readonly said: string;
}

export class CleanRoot {
  readonly #directory: string;
  readonly #holder: ChildProcess;
  readonly #init: number;

  private constructor(directory: string, holder: ChildProcess, init: number) {
    this.#directory = directory;
    this.#holder = holder;
    this.#init = init;
  }

  static async start({ systemd }: { systemd: boolean }): Promise<CleanRoot> {
    const directory = mkdtempSync(join(tmpdir(), "coppice-root-"));
    const [upper, work, merged] = ["upper", "work", "merged"].map((name) => join(directory, name));
    for (const path of [upper, work, merged]) mkdirSync(path!);
    // As the first process of its namespace, the shell collects what nobody else does.
    const script = `
      set -e
      mount -t overlay overlay -o lowerdir=${rootPath},upperdir=${upper},workdir=${work} ${merged}
      mount -t proc proc ${merged}/proc
      mount --rbind /dev ${merged}/dev
      : >${directory}/up
      while :; do sleep 0.2; done`;
    const holder = spawn(
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", script],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    await waitUntil({ what: "the clean root", withinMs: 10_000 }, () =>
      existsSync(join(directory, "up")),
    );
    const root = new CleanRoot(directory, holder, childrenOf(holder.pid!)[0]!);
    if (systemd) await root.#addSystemd();
    return root;
  }

  async #addSystemd(): Promise<void> {
    await this.run("mkdir -p /run/systemd/system /etc/systemd/system /run/units");
    await this.write("/usr/bin/systemctl", SYSTEMCTL, 0o755);
    await this.write("/usr/lib/run-unit", RUN_UNIT, 0o755);
  }

  /** Runs a script as root in there, off a terminal. */
  run(script: string, env: Readonly<Record<string, string>> = {}): Promise<Said> {
    const child = spawn(
      "nsenter",
      [
        `--target=${this.#init}`,
        "--mount",
        "--pid",
        "chroot",
        join(this.#directory, "merged"),
        "sh",
        "-c",
        script,
      ],
      { env: { PATH, HOME: "/root", ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    // Services that were started may hold the pipes open.
    return new Promise((resolve) =>
      child.once("exit", (code) => setImmediate(() => resolve({ code, said }))),
    );
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const target = join(`/proc/${this.#init}/root`, this.#directory, "merged", path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    chmodSync(target, mode);
  }

  /** All that differs from the clean root, with what a change of it would change. */
  changes(): string[] {
    return this.#find(["-printf", "%P %y %m %s %T@ %l\n"]);
  }

  /** The same by path alone, without what was removed. */
  paths(): string[] {
    return this.#find(["-not", "-type", "c", "-printf", "/%P\n"]);
  }

  #find(args: readonly string[]): string[] {
    const upper = join(this.#directory, "upper");
    const text = execFileSync("find", [upper, "-mindepth", "1", ...args], { encoding: "utf8" });
    return text.trim().split("\n").sort();
  }

  read(path: string): string {
    return readFileSync(join(this.#directory, "upper", path), "utf8");
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((done) => this.#holder.once("exit", () => done()));
    this.#holder.kill("SIGKILL");
    await ended;
    // The overlay goes with the last process of its namespace.
    await waitUntil({ what: "the root to be let go", withinMs: 10_000 }, () => {
      try {
        rmSync(this.#directory, { recursive: true, force: true });
        return true;
      } catch {
        return null;
      }
    });
  }
}
