// `spawn` of the keeper: a program begins on the machine of whoever calls.
import { sim } from "../kernel/sim.ts";
import { existsSync, pathOfFd } from "./fs.ts";
import { mayWrite, taskNow } from "./machine.ts";
import { history, type Program, programs } from "./processes.ts";
import { begin } from "./programs.ts";

interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: readonly [string, number, number];
}

export type ChildProcess = ReturnType<typeof spawn>;

let onBegin: (program: Program) => void = () => {};
/** Told of each program before it does anything. */
export function watchBegins(told: (program: Program) => void): void {
  onBegin = told;
}

let nextPid = new Map<string, number>();
export function forgetPids(): void {
  nextPid = new Map();
}

const OUTPUT = /\/instances\/([^/]+)\/(.+)\.(\d+)\.stdout$/;

export function spawn(_shell: string, args: readonly string[], options: SpawnOptions) {
  mayWrite();
  const task = taskNow();
  const { machine } = task;
  const heard = new Map<string, (...args: never[]) => void>();
  const once = (event: string, hear: (...args: never[]) => void) => void heard.set(event, hear);
  if (!existsSync(options.cwd)) {
    const error = Object.assign(new Error("spawn /bin/sh ENOENT"), { code: "ENOENT" });
    sim().after(0, task, () => (heard.get("error") as ((e: Error) => void) | undefined)?.(error));
    return { pid: undefined, once };
  }
  const { env } = options;
  const stdout = pathOfFd(options.stdio[1]);
  const [, , , attempt] = OUTPUT.exec(stdout) ?? [];
  // Numbers begin anew with each boot, so that one may come again for another program.
  const key = `${machine.name}/${machine.bootId}`;
  const number = (nextPid.get(key) ?? 0) + 1;
  nextPid.set(key, number);
  const program: Program = {
    pid: Number(machine.name.slice(1)) * 100_000 + 300 + number,
    born: Math.floor(machine.elapsed() / 10) * 10 + machine.random.int(0, 9),
    machine,
    bootId: machine.bootId,
    instanceId: env.COPPICE_INSTANCE ?? "",
    workerId: env.HOME?.split("/").at(-1) ?? "",
    slot: Number(env.COPPICE_SLOT),
    generation: Number(env.COPPICE_GENERATION),
    attempt: attempt === undefined ? -1 : Number(attempt),
    release: Number(env.COPPICE_RELEASE),
    command: args.at(-1) ?? "",
    startedAt: sim().now,
    parent: task,
    onExit: (code, signal) =>
      (heard.get("exit") as ((c: number | null, s: string | null) => void) | undefined)?.(
        code,
        signal,
      ),
    alive: true,
    endedAt: null,
    end: null,
    straggler: false,
    termed: false,
    printed: { stdout: [], stderr: [] },
    mute: stdout === "/dev/null",
    unvouched: false,
    forgotten: false,
    survived: null,
  };
  programs.set(program.pid, program);
  history.push(program);
  onBegin(program);
  begin(program, { stdout, stderr: pathOfFd(options.stdio[2]) });
  return { pid: program.pid as number | undefined, once };
}
