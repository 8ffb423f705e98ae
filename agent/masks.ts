// Which values are secret here: those of every release and build of a worker that this host was given and still has traces of.
//
// 1. They are on the disk, as private as the programs' own variables are, before anything starts that could print them: an
//    agent that starts anew covers what a program wrote meanwhile.
// 2. A set goes when it is neither desired nor has output or instances left.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Desired } from "../protocol/channel.ts";
import { readIfThere, replaceFile } from "./durable.ts";
import { Masker, NO_MASKER, type Secret } from "./logs/mask.ts";
import { type Log, messageOf } from "./world.ts";

const Stored = z.array(
  z.object({
    key: z.string(),
    secrets: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
);

/** What output and instances are of. */
export const releaseMask = (number: number) => `v${number}`;
export const buildMask = (deployId: string) => `d${deployId}`;

interface Holder {
  readonly env: Readonly<Record<string, string>>;
  readonly plain?: readonly string[] | undefined;
}

/** What opens a private repository is known to its builder alone, and its tools may quote it. */
function gitSecrets({ git }: Desired["builds"][number]): Secret[] {
  if (!git) return [];
  const value = git.kind === "token" ? git.token : git.privateKey;
  return [{ name: "git", value }];
}

function secretsOf({ env, plain = [] }: Holder): Secret[] {
  const open = new Set(plain);
  return Object.entries(env).flatMap(([name, value]) => (open.has(name) ? [] : [{ name, value }]));
}

export class Masks {
  readonly #path: string;
  readonly #log: Log;
  #sets = new Map<string, readonly Secret[]>();
  #masker = NO_MASKER;
  #written = "";
  #isKnown = false;

  constructor(options: { readonly state: string; readonly workerId: string; readonly log: Log }) {
    this.#path = join(options.state, "workers", options.workerId, "masks.json");
    this.#log = options.log;
    this.#load();
  }

  get masker(): Masker {
    return this.#masker;
  }

  /** False until they were read or told: nothing may leave before. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  #load(): void {
    const text = readIfThere(this.#path);
    if (text === null) return;
    try {
      const stored = Stored.parse(JSON.parse(text));
      this.#sets = new Map(stored.map(({ key, secrets }) => [key, secrets]));
      this.#written = text;
      this.#isKnown = true;
      this.#masker = new Masker([...this.#sets.values()].flat());
    } catch (error) {
      this.#log.error("masks can't be read; they are told anew", { message: messageOf(error) });
    }
  }

  /** Before a desired set is acted on. */
  take(desired: Pick<Desired, "releases" | "builds">, isInUse: (key: string) => boolean): void {
    const sets = new Map([...this.#sets].filter(([key]) => isInUse(key)));
    for (const release of desired.releases)
      sets.set(releaseMask(release.number), secretsOf(release));
    for (const build of desired.builds)
      sets.set(buildMask(build.deployId), [...secretsOf(build), ...gitSecrets(build)]);
    this.#isKnown = true;
    this.#sets = sets;
    const text = JSON.stringify([...sets].map(([key, secrets]) => ({ key, secrets })));
    if (text === this.#written) return;
    this.#masker = new Masker([...sets.values()].flat());
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      replaceFile(this.#path, text);
      this.#written = text;
    } catch (error) {
      // Stops must be obeyed on a full disk too; it is written with the next set, and known here meanwhile.
      this.#log.error("masks not written", { message: messageOf(error) });
    }
  }
}
