// The build's child that runs now, on the disk: an agent that was killed can't end it, so the next one does.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere } from "../durable.ts";
import type { Running, World } from "../world.ts";
import { type BoxNote, endBoxed } from "./build-box.ts";

const Noted = z.object({
  pid: z.int().min(2),
  born: z.string(),
  box: z
    .object({ mark: z.string(), cgroup: z.string().nullable(), uid: z.int().min(1).nullable() })
    .nullish(),
});

function notePath(state: string): string {
  return join(state, "builds", "child.json");
}

/** `box`: where it runs, if it is a build command. */
export function noteChild(
  world: World,
  state: string,
  { child, box }: { readonly child: Running; readonly box: BoxNote | null },
): void {
  const born = child.pid === null ? null : world.bornAt(child.pid);
  if (born === null) return;
  mkdirSync(join(state, "builds"), { recursive: true, mode: 0o700 });
  writeFileSync(notePath(state), JSON.stringify({ pid: child.pid, born, box }), { mode: 0o600 });
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
      if (noted.data.box) endBoxed(world, noted.data.box);
    }
  } catch {}
  forgetChild(state);
}
