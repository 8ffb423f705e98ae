// `node:fs/promises`, as far as agent and keeper use it: syncing takes its time.
import { sim } from "../kernel/sim.ts";
import * as fs from "./fs.ts";
import { taskNow } from "./machine.ts";

export async function open(path: string) {
  const fd = fs.openSync(path, "r");
  const task = taskNow();
  return {
    sync: () =>
      new Promise<void>((resolve) => {
        sim().after(task.machine.random.int(1, 8), task, () => {
          fs.fsyncSync(fd);
          resolve();
        });
      }),
    close: async () => fs.closeSync(fd),
    read: async () => ({ bytesRead: 0 }),
  };
}

export async function rm(path: string, options: { force?: boolean } = {}): Promise<void> {
  fs.rmSync(path, options);
}

function notSimulated(): never {
  throw new Error("not simulated");
}
export const chmod = notSimulated;
export const copyFile = notSimulated;
export const lchown = notSimulated;
export const mkdir = notSimulated;
export const rename = notSimulated;
export const utimes = notSimulated;
export const stat = notSimulated;
export const lstat = notSimulated;
export const readdir = notSimulated;
export const readlink = notSimulated;
