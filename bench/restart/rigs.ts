// What the host is compared with, a bare Node loop and a C loop, each behind the same few verbs; and the reading
// of what the children of all of them wrote.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { privateNode } from "../host.ts";

export interface Life {
  readonly what: "s" | "d";
  readonly ns: number;
}

/** What the children of one rig told, in order of time. */
export function readLives(file: string): Life[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "latin1").split("\n").filter(Boolean);
  const lives = lines.map((line) => ({ what: line[0] as "s" | "d", ns: Number(line.slice(2)) }));
  return lives.sort((a, b) => a.ns - b.ns);
}

/** From each death to the next first instruction, ms. */
export function gapsMs(lives: readonly Life[]): number[] {
  return lives.flatMap((life, at) => {
    const before = lives[at - 1];
    return life.what === "s" && before?.what === "d" ? [(life.ns - before.ns) / 1e6] : [];
  });
}

/** A process that answers each line with "done". */
export class LineRig {
  readonly process: ChildProcess;
  readonly #lines: Interface;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.process.stdout! });
  }

  async ask(line: string): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#lines.once("line", () => resolve()));
    this.process.stdin!.write(`${line}\n`);
    await answered;
  }

  close(): void {
    this.process.kill("SIGKILL");
  }
}

export function startBareNode(dir: string, command: string): LineRig {
  const node = privateNode(dir, "bare");
  return new LineRig(node, [join(import.meta.dirname, "bare-node.mjs"), command]);
}
