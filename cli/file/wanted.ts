// What a coppice.toml or a Procfile comes to: what is sent to the API, and the workers in it.
import type { WantedWorker } from "../../protocol/config.ts";
import type { RawConfig } from "./toml.ts";

export type { WantedWorker } from "../../protocol/config.ts";

export interface Wanted {
  /** The file it was read from. */
  readonly file: string;
  readonly project: string | null;
  /** Its content, completed from the checkout. */
  readonly config: RawConfig;
  readonly workers: readonly WantedWorker[];
  /** What a person should know of how the file was understood. */
  readonly notes: readonly string[];
}
