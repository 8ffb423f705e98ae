// The build's child that runs now, on the disk: an agent that was killed can't end it, so the next one does.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere } from "../durable.ts";
import type { Running, World } from "../world.ts";

const Noted = z.object({ pid: z.int().min(2), born: z.string(), mark: z.string().nullish() });

function notePath(state: string): string {
  return join(state, "builds", "child.json");
}

/** `mark`: an entry of the environment that whatever it starts has too. */
export function noteChild(
  world: World,
  state: string,
  { child, mark }: { readonly child: Running; readonly mark: string | null },
): void {
  const born = child.pid === null ? null : world.bornAt(child.pid);
  if (born === null) return;
  mkdirSync(join(state, "builds"), { recursive: true, mode: 0o700 });
  writeFileSync(notePath(state), JSON.stringify({ pid: child.pid, born, mark }), { mode: 0o600 });
}

export function forgetChild(state: string): void {
  rmSync(notePath(state), { force: true });
}

/** Call before anything is built anew. */
export function endLeftover(world: World, state: string): void {
  try {
    const noted = Noted.safeParse(JSON.parse(readIfThere(notePath(state)) ?? "null"));
    if (noted.success) {
      world.killLeftover(noted.data);
      if (noted.data.mark) world.killMarked(noted.data.mark);
    }
  } catch {}
  forgetChild(state);
}
