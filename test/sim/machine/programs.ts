// What the users' programs do: print, crash, end well, heed a signal or not. Their start command says which kind they are.
import type { Handle } from "../kernel/sim.ts";
import { sim } from "../kernel/sim.ts";
import type { FileNode } from "./disk.ts";
import { taskNow } from "./machine.ts";
import { endProgram, type Program } from "./processes.ts";

/** `serve KIND`: how long such a program lives, how it ends, how it takes TERM. */
export const KINDS = {
  steady: { meanLifeMs: 900_000, exits: [1], termMs: [5, 400] },
  flaky: { meanLifeMs: 40_000, exits: [1, 1, 0, 137], termMs: [5, 400] },
  quitter: { meanLifeMs: 60_000, exits: [0], termMs: [5, 100] },
  slow: { meanLifeMs: 900_000, exits: [1], termMs: [2_000, 9_000] },
  deaf: { meanLifeMs: 900_000, exits: [1], termMs: null },
  messy: { meanLifeMs: 90_000, exits: [1, 0], termMs: [5, 2_000] },
  /** Of a predeploy command: it ends, mostly well. */
  migration: { meanLifeMs: 6_000, exits: [0, 0, 0, 0, 1], termMs: [5, 3_000] },
  /** Never lives long: a release that must not stay. */
  poison: { meanLifeMs: 1_500, exits: [1], termMs: [5, 50] },
} as const satisfies Record<
  string,
  { meanLifeMs: number; exits: readonly number[]; termMs: readonly [number, number] | null }
>;
export type Kind = keyof typeof KINDS;

/** Set while the world is to come to rest: only poison still ends by itself. */
let calm = false;
export function setCalm(value: boolean): void {
  calm = value;
}

/** Those that are meant to go on. */
export const LASTING = (Object.keys(KINDS) as Kind[]).filter(
  (kind) => kind !== "poison" && kind !== "migration",
);

export function kindOf(command: string): Kind {
  const kind = command.split(" ")[1] ?? "";
  return kind in KINDS ? (kind as Kind) : "steady";
}

interface Output {
  readonly path: string;
  readonly file: FileNode | null;
}

const tasks = new WeakMap<Program, ReturnType<Program["machine"]["task"]>>();

export function begin(program: Program, paths: { stdout: string; stderr: string }): void {
  const { machine } = program;
  const task = machine.task(`program ${program.pid}`);
  tasks.set(program, task);
  sim().trace(
    `program ${program.instanceId.slice(-6)} slot ${program.slot} generation ${program.generation} attempt ${program.attempt} begins on ${machine.name} as ${program.pid}: ${program.command}`,
  );
  const fileOf = (path: string): Output => ({
    path,
    file: program.mute ? null : machine.disk.file(path),
  });
  const outputs = { stdout: fileOf(paths.stdout), stderr: fileOf(paths.stderr) };
  const printer = printOn(program, task, outputs);
  live(program, task, printer);
}

function live(program: Program, task: ReturnType<typeof taskOf>, print: () => void): void {
  const { meanLifeMs, exits } = KINDS[kindOf(program.command)];
  const random = program.machine.random;
  const lifeMs = Math.max(3, -Math.log(1 - random.next()) * meanLifeMs);
  sim().after(lifeMs, task, () => {
    if (!program.alive) return;
    if (calm && !["poison", "migration"].includes(kindOf(program.command))) return;
    if (random.chance(0.7)) print();
    if (kindOf(program.command) === "messy" && random.chance(0.5)) program.straggler = true;
    finish(program, { code: random.pick(exits), signal: null, end: "itself" });
  });
}

function taskOf(program: Program) {
  return tasks.get(program)!;
}

function finish(program: Program, how: Parameters<typeof endProgram>[1]): void {
  endProgram(program, how);
  program.machine.end(taskOf(program));
}

const MOST_LINES = 60;

function printOn(
  program: Program,
  task: ReturnType<typeof taskOf>,
  outputs: Record<"stdout" | "stderr", Output>,
): () => void {
  const random = program.machine.random.fork(`print ${program.pid} ${program.bootId}`);
  let lines = 0;
  const print = () => {
    const stream = random.chance(0.8) ? "stdout" : "stderr";
    const { file, path } = outputs[stream];
    if (!program.alive || file === null) return;
    let text = "";
    for (let more = random.int(1, 3); more > 0; more--) {
      text += `${program.instanceId.slice(-4)}.${program.attempt} ${stream} line ${++lines} ${"x".repeat(random.int(0, 40))}`;
      if (random.chance(0.95)) text += "\n";
    }
    const { disk } = program.machine;
    if (disk.full) return;
    const bytes = Buffer.from(text);
    file.write(bytes, file.size);
    program.printed[stream].push(bytes);
    disk.changed(path);
  };
  let next: Handle;
  const plan = () => {
    next = sim().after(random.skewed(300, 60_000), task, () => {
      print();
      if (lines < MOST_LINES) plan();
    });
  };
  plan();
  void next!;
  return print;
}

/** A signal to every process of the instance. */
export function signalProgram(program: Program, signal: string): void {
  const { machine } = program;
  if (signal === "SIGKILL") {
    sim().after(machine.random.int(0, 3), sim().nature, () => {
      if (machine.paused) return;
      program.straggler = false;
      if (program.alive) finish(program, { code: null, signal: "SIGKILL", end: "signal" });
    });
    return;
  }
  if (!program.alive || program.termed) return;
  program.termed = true;
  const { termMs } = KINDS[kindOf(program.command)];
  if (termMs === null) return;
  sim().after(machine.random.int(termMs[0], termMs[1]), taskOf(program), () => {
    if (!program.alive) return;
    const dies = machine.random.chance(0.5);
    finish(program, {
      code: dies ? null : 0,
      signal: dies ? signal : null,
      end: "signal",
    });
  });
}

/** The machine went away under it. */
export function losePower(program: Program): void {
  program.straggler = false;
  finish(program, { code: null, signal: null, end: "power" });
}

export function nameOfTask(): string {
  return taskNow().name;
}
