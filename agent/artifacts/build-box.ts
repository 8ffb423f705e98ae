// Where a build command runs: behind the programs in everything, within limits of its own, and ended whole.
//
// 1. Nothing that it started outlives it. Where it has a cgroup or a user of its own that holds for daemons too, which
//    leave session and environment behind; else for all that carry its mark.
// 2. It is in its cgroups and limits before its first line runs.
// 3. One build command runs at a time on a host (the store's turn), so cgroup and user are that one's alone.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeeperHouse } from "../../protocol/keeper.ts";
import type { Policy } from "../../protocol/policy.ts";
import { type Controller, OPTIONAL_FILES, settings1, settings2 } from "../keeper/mechanism.ts";
import type { User } from "../users/verdict.ts";
import { codeOf, type Log, messageOf, type Running, type World } from "../world.ts";

export interface BoxOptions {
  readonly world: World;
  readonly log: Log;
  readonly house: KeeperHouse | null;
  /** Null: it runs as the agent does. */
  readonly user: User | null;
  readonly limits: Policy["build"];
  /** Of the host, bytes. */
  readonly memoryBytes: number;
  /** An entry of its environment. */
  readonly mark: string;
}

export interface BoxedCommand {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly outputFd: number;
}

/** What an agent needs to know to end it whole, when the agent that began it is gone. */
export interface BoxNote {
  readonly mark: string;
  readonly cgroup: string | null;
  readonly uid: number | null;
}

interface Group {
  readonly version: 1 | 2;
  readonly controller: Controller | null;
  readonly dir: string;
}

/** Programs have 100 in version 2, and 1024 in version 1. */
const WEIGHT_2 = "10";
const SHARES_1 = "64";

export class BuildBox {
  readonly #options: BoxOptions;
  readonly #groups: readonly Group[];
  readonly #limitBytes: number;
  #oomKills = 0;

  constructor(options: BoxOptions) {
    this.#options = options;
    const { limits, memoryBytes } = options;
    this.#limitBytes = Math.round(limits.memoryShare * memoryBytes);
    this.#groups = groupsOf(options.house).filter((group) => this.#open(group));
  }

  get note(): BoxNote {
    const cgroup = this.#groups.find(({ version }) => version === 2)?.dir ?? null;
    return { mark: this.#options.mark, cgroup, uid: this.#options.user?.uid ?? null };
  }

  spawn({ command, cwd, env, outputFd }: BoxedCommand): Running {
    const { limits, user, world } = this.#options;
    this.#oomKills = this.#countOomKills();
    return world.spawn({
      command: "/bin/sh",
      args: ["-c", WAITING, "sh", command],
      cwd,
      env,
      outputFd,
      nice: limits.nice,
      ...(user === null ? {} : { user }),
      admit: (pid) => this.#admit(pid),
    });
  }

  /** KILL to all that is left of it. */
  kill(): void {
    endBoxed(this.#options.world, this.note);
  }

  /** Why it was killed, where that was for its memory; ask once it has ended. */
  whyKilled(): string | null {
    if (this.#countOomKills() <= this.#oomKills) return null;
    return `was killed for memory: a build has ${Math.round(this.#limitBytes / 1_048_576)} MB here`;
  }

  /** Lets go of its cgroups; those in which something is still ending are the next build's. */
  close(): void {
    for (const { dir } of this.#groups) {
      try {
        rmdirSync(dir);
      } catch {}
    }
  }

  #open({ controller, dir, version }: Group): boolean {
    try {
      mkdirSync(dir, { recursive: true });
    } catch {
      return false;
    }
    const amounts = { memoryBytes: this.#limitBytes, cpus: null, pids: this.#options.limits.pids };
    const settings =
      version === 2
        ? [...settings2(amounts, ALL), ["cpu.weight", WEIGHT_2] as const]
        : controller === "cpu"
          ? [["cpu.shares", SHARES_1] as const]
          : settings1(amounts, controller ?? "memory");
    for (const [file, value] of settings) {
      try {
        writeFileSync(join(dir, file), value, { flag: "r+" });
      } catch (error) {
        // In version 2 a controller that is not ours has no files.
        if (codeOf(error) === "ENOENT" && (version === 2 || OPTIONAL_FILES.has(file))) continue;
        // What an earlier build left there may be more than a smaller limit: the next one finds it gone.
        this.#options.log.warn("a build's limit is not in force", { file, ...reason(error) });
      }
    }
    return true;
  }

  #admit(pid: number): void {
    for (const { dir } of this.#groups) {
      try {
        writeFileSync(join(dir, "cgroup.procs"), String(pid), { flag: "r+" });
      } catch (error) {
        this.#options.log.warn("a build is outside of its cgroup", { dir, ...reason(error) });
      }
    }
  }

  #countOomKills(): number {
    let kills = 0;
    for (const { dir, version, controller } of this.#groups) {
      if (version === 1 && controller !== "memory") continue;
      const file = join(dir, version === 2 ? "memory.events" : "memory.oom_control");
      kills += Number(/^oom_kill (\d+)$/m.exec(readText(file))?.[1] ?? 0);
    }
    return kills;
  }
}

const ALL: ReadonlySet<Controller> = new Set(["memory", "cpu", "pids"]);

/** Begins once it was let: descriptor 3 ends. Then $1, behind everything on the disk and without new privileges. */
const WAITING = `read -r _ <&3
exec 3<&-
[ -x /usr/bin/ionice ] && /usr/bin/ionice -c 3 -p $$ 2>/dev/null
[ -x /usr/bin/setpriv ] && exec /usr/bin/setpriv --no-new-privs /bin/sh -c "$1"
exec /bin/sh -c "$1"`;

/** Beside the programs' own base in each hierarchy. */
function groupsOf(house: KeeperHouse | null): Group[] {
  if (house === null) return [];
  const { cgroup2, cpu, memory, pids } = house.cgroups;
  const of = (base: string | null, version: 1 | 2, controller: Controller | null): Group[] =>
    base === null ? [] : [{ version, controller, dir: `${base}-build` }];
  return [
    ...of(cgroup2, 2, null),
    ...of(memory, 1, "memory"),
    ...of(cpu, 1, "cpu"),
    ...of(pids, 1, "pids"),
  ];
}

/** Ends what an earlier agent's build left, too. */
export function endBoxed(world: World, { mark, cgroup, uid }: BoxNote): void {
  // By its user only where there is no cgroup: another agent of this machine might have the same number.
  if (!killGroup(cgroup) && uid !== null) world.killUser(uid);
  world.killMarked(mark);
}

/** False where there is none to kill. */
function killGroup(cgroup: string | null): boolean {
  if (cgroup === null || !existsSync(cgroup)) return false;
  try {
    writeFileSync(join(cgroup, "cgroup.kill"), "1", { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function reason(error: unknown): { readonly message: string } {
  return { message: messageOf(error) };
}
