// Which values are secret here: those of every release and build of a worker that this host was given and still has traces of.
//
// 1. They are on the disk, as private as the programs' own variables are, before anything starts that could print them: an
//    agent that starts anew covers what a program wrote meanwhile.
// 2. A set goes when it is neither desired nor has output or instances left.
// 3. What opens a repository is in memory alone. An agent that starts anew knows only that there was such a thing, and
//    ships nothing before it is told again.
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
    /** Something was known besides that is never written. */
    more: z.boolean().default(false),
  }),
);

interface MaskSet {
  readonly secrets: readonly Secret[];
  /** Never written. */
  readonly fleeting: readonly Secret[];
}

function maskerOf(sets: ReadonlyMap<string, MaskSet>): Masker {
  return new Masker([...sets.values()].flatMap((one) => [...one.secrets, ...one.fleeting]));
}

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
  #sets = new Map<string, MaskSet>();
  #masker = NO_MASKER;
  /** The newest sets, to tell whether another telling is news. */
  #told = "";
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
      this.#sets = new Map(stored.map(({ key, secrets }) => [key, { secrets, fleeting: [] }]));
      this.#written = text;
      this.#isKnown = !stored.some(({ more }) => more);
      this.#masker = maskerOf(this.#sets);
    } catch (error) {
      this.#log.error("masks can't be read; they are told anew", { message: messageOf(error) });
    }
  }

  /** Before a desired set is acted on. */
  take(desired: Pick<Desired, "releases" | "builds">, isInUse: (key: string) => boolean): void {
    const sets = new Map([...this.#sets].filter(([key]) => isInUse(key)));
    for (const release of desired.releases)
      sets.set(releaseMask(release.number), { secrets: secretsOf(release), fleeting: [] });
    for (const build of desired.builds) {
      const set = { secrets: secretsOf(build), fleeting: gitSecrets(build) };
      sets.set(buildMask(build.deployId), set);
    }
    const told = JSON.stringify([...sets]);
    if (told !== this.#told) this.#masker = maskerOf(sets);
    this.#told = told;
    this.#isKnown = true;
    this.#sets = sets;
    this.#write();
  }

  #write(): void {
    const stored = [...this.#sets].map(([key, { secrets, fleeting }]) => ({
      ...{ key, secrets },
      more: fleeting.length > 0,
    }));
    const text = JSON.stringify(stored);
    if (text === this.#written) return;
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
