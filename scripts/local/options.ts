// What `npm start` was asked for: arguments, environment and what the last start left.

import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PreflightError, parsePort } from "./preflight.ts";
import { readMemory, type StatePaths, statePaths } from "./state.ts";

export const DEFAULT_PORT = 8787;

export interface StartOptions {
  readonly paths: StatePaths;
  readonly port: number;
  readonly demo: boolean;
  /** How many hosts; each is as good as a VM of its own. */
  readonly hosts: number;
}

const MOST_HOSTS = 20;

const HELP = `npm start [-- --no-demo] [--hosts N]        npm run fleet [-- --hosts N]

Starts Coppice on this machine: control plane, keeper, agent and a sample worker. Ctrl-C ends everything;
the next start goes on where this one was.

  --no-demo            leave the sample worker out
  --hosts N            run N hosts instead of one, each with keeper, agent and state of its own; type \`help\` then
  COPPICE_STATE_DIR    where everything is kept (default: .coppice in this folder)
  COPPICE_PORT         port on 127.0.0.1 (default: the last one used here, ${DEFAULT_PORT} at first)`;

/** Null where only help was wanted (and printed). */
export function readOptions(root: string, args: string[]): StartOptions | null {
  let values: { "no-demo"?: boolean; help?: boolean; hosts?: string };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        "no-demo": { type: "boolean" },
        hosts: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new PreflightError(
      `${error instanceof Error ? error.message : error} (npm start -- --help)`,
    );
  }
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const paths = statePaths(resolve(process.env.COPPICE_STATE_DIR || join(root, ".coppice")));
  const wished = process.env.COPPICE_PORT;
  const port = wished ? parsePort(wished) : (readMemory(paths).port ?? DEFAULT_PORT);
  const hosts = Number(values.hosts ?? 1);
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > MOST_HOSTS) {
    throw new PreflightError(`--hosts ${values.hosts} is not a number from 1 to ${MOST_HOSTS}`);
  }
  return { paths, port, demo: values["no-demo"] !== true, hosts };
}
