// The three processes of a local Coppice and how each is started: used by `npm start` and by the end-to-end tests.
import { dirname, join, resolve } from "node:path";
import { AGENT_NODE_FLAGS } from "../../agent/flags.ts";
import { KEEPER_ENV, KEEPER_NODE_FLAGS } from "../../agent/keeper/flags.ts";
import type { AgentBundles } from "../bundle-agent.ts";
import { Part, type PartEvents } from "../supervisor.ts";
import { recordRun } from "./run-record.ts";
import type { StatePaths } from "./state.ts";

const root = resolve(import.meta.dirname, "../..");

interface AnyPartOptions {
  readonly paths: StatePaths;
  readonly events?: PartEvents;
}

export interface HostPartOptions extends AnyPartOptions {
  readonly bundles: AgentBundles;
  /** A command in whose place the process runs, like `nsenter --net=…`; empty for none. It must exec what follows it. */
  readonly within?: readonly string[];
  /** Pretends that the host was rebooted: another boot id than the machine's. */
  readonly bootId?: string;
}

export interface ControlPlaneOptions extends AnyPartOptions {
  readonly port: number;
  /** The address to listen on; 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** JSON of PolicyOverrides. */
  readonly policy?: string;
}

/** The environment of our own processes: what they need to run, nothing that npm or a test runner added. */
function ownEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "COPPICE_POLICY",
    "COPPICE_PUBLIC_URL",
  ];
  const base = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(base), ...extra };
}

function recorded(options: AnyPartOptions, name: string, mark: string): PartEvents {
  return {
    ...options.events,
    spawned: (pid) => {
      recordRun(options.paths, name, pid, mark);
      options.events?.spawned?.(pid);
    },
  };
}

function nodeCommand({ within = [] }: HostPartOptions, args: readonly string[]) {
  const [command = process.execPath, ...rest] = [...within, process.execPath, ...args];
  return { command, args: rest };
}

export function controlPlanePart(options: ControlPlaneOptions): Part {
  const { paths, port, policy } = options;
  return new Part(
    {
      name: "control-plane",
      command: process.execPath,
      args: [
        "--disable-warning=ExperimentalWarning",
        join(root, "scripts/control-plane.ts"),
        "--state",
        paths.root,
        "--port",
        String(port),
        ...(options.host === undefined ? [] : ["--host", options.host]),
      ],
      env: ownEnv({ NO_COLOR: "1", ...(policy === undefined ? {} : { COPPICE_POLICY: policy }) }),
      logFile: join(paths.logs, "control-plane.log"),
      ipc: true,
      graceMs: 5_000,
    },
    recorded(options, "control-plane", "control-plane.ts"),
  );
}

export function keeperPart(options: HostPartOptions): Part {
  const { paths, bundles, bootId } = options;
  const reboot = bootId === undefined ? [] : ["--boot-id", bootId];
  return new Part(
    {
      name: "keeper",
      ...nodeCommand(options, [
        ...[...KEEPER_NODE_FLAGS, bundles.keeper, "--state", paths.host, ...reboot],
      ]),
      env: ownEnv(KEEPER_ENV),
      logFile: join(paths.logs, "keeper.log"),
      ipc: false,
      graceMs: 5_000,
    },
    recorded(options, "keeper", bundles.keeper),
  );
}

export function agentPart(options: HostPartOptions): Part {
  const { paths, bundles } = options;
  return new Part(
    {
      name: "agent",
      ...nodeCommand(options, [
        ...[...AGENT_NODE_FLAGS, bundles.agent, "run", "--state", paths.host],
        ...["--program-path", programPath()],
      ]),
      env: ownEnv(),
      logFile: join(paths.logs, "agent.log"),
      ipc: false,
      graceMs: 5_000,
    },
    recorded(options, "agent", bundles.agent),
  );
}

/** PATH of the programs: the user's own without what npm put in front; a Node is always on it. */
export function programPath(): string {
  const entries = (process.env.PATH ?? "")
    .split(":")
    .filter((entry) => entry !== "" && !/\/node_modules\/|\/node-gyp-bin$/.test(`${entry}/`));
  return [...new Set([...entries, dirname(process.execPath)])].join(":");
}
