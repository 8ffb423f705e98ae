// What a coppice.toml or a Procfile comes to: the workers that `up` is to see to.
import type { MODES, ROLLOUTS, STOP_SIGNALS } from "../../protocol/spec.ts";

export interface WantedWorker {
  readonly name: string;
  readonly repo: string;
  readonly branch: string;
  readonly rootDir: string;
  readonly buildCommand: string | null;
  readonly predeployCommand: string | null;
  readonly startCommand: string;
  /** Null where the file says nothing: one at first, later whatever it was scaled to. */
  readonly instances: number | null;
  readonly mode: (typeof MODES)[number];
  readonly rollout: (typeof ROLLOUTS)[number];
  /** Limits of each instance; null where the file says nothing: then there is none. */
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pids: number | null;
  readonly openFiles: number | null;
  /** Labels that a host must have. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly stopSignal: (typeof STOP_SIGNALS)[number];
  readonly stopGraceMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that must have a value before it is deployed. */
  readonly secrets: readonly string[];
}

export interface Wanted {
  /** The file it was read from. */
  readonly file: string;
  readonly project: string | null;
  readonly workers: readonly WantedWorker[];
  /** What a person should know of how the file was understood. */
  readonly notes: readonly string[];
}
