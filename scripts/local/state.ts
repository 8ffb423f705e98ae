// The state directory of a local Coppice: what lies where, and the secrets that are made once.
//
//   secrets.json          master key and operator token, 0600
//   local.json            {url, token, project} while it runs and after, 0600
//   launcher.json         what the next start has to know: port, project, whether the host has joined
//   start.lock            the launcher that holds this directory
//   run/NAME.json         pid, start time and command of each part, so that an orphan can be told and ended
//   control-plane/        D1, Durable Objects and R2 as workerd keeps them
//   host/                 state of keeper and agent
//   bin/                  agent and keeper, bundled
//   logs/NAME.log         what the parts write
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface StatePaths {
  readonly root: string;
  readonly secrets: string;
  readonly local: string;
  readonly launcher: string;
  readonly lock: string;
  readonly run: string;
  readonly controlPlane: string;
  readonly host: string;
  readonly keeperSocket: string;
  readonly bin: string;
  readonly logs: string;
}

export function statePaths(directory: string): StatePaths {
  const root = resolve(directory);
  return {
    root,
    secrets: join(root, "secrets.json"),
    local: join(root, "local.json"),
    launcher: join(root, "launcher.json"),
    lock: join(root, "start.lock"),
    run: join(root, "run"),
    controlPlane: join(root, "control-plane"),
    host: join(root, "host"),
    keeperSocket: join(root, "host", "keeper.sock"),
    bin: join(root, "bin"),
    logs: join(root, "logs"),
  };
}

export function makeState(paths: StatePaths): void {
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  for (const directory of [paths.run, paths.controlPlane, paths.host, paths.bin, paths.logs]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  chmodSync(paths.host, 0o700);
}

/** Replaces a file as a whole, 0600: a reader sees the old text or the new one. */
export function writePrivate(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** The parsed file, or null where there is none or it is cut off. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

export interface Secrets {
  /** 32 bytes, base64. */
  readonly masterKey: string;
  readonly operatorToken: string;
}

/** The control plane's secrets: made at the first start, the same ever after. Losing the key loses all variables. */
export function readSecrets(paths: StatePaths): Secrets {
  const known = readJson(paths.secrets) as Partial<Secrets> | null;
  if (known?.masterKey && known.operatorToken) {
    return { masterKey: known.masterKey, operatorToken: known.operatorToken };
  }
  const secrets: Secrets = {
    masterKey: randomBytes(32).toString("base64"),
    operatorToken: `cop_operator_${randomBytes(24).toString("hex")}`,
  };
  writePrivate(paths.secrets, secrets);
  return secrets;
}

/** What one start leaves for the next. */
export interface LauncherMemory {
  readonly port: number | null;
  readonly projectId: string | null;
  /** The project token that local.json holds. */
  readonly token: string | null;
  readonly hostJoined: boolean;
  readonly demoCreated: boolean;
}

export function readMemory(paths: StatePaths): LauncherMemory {
  const known = (readJson(paths.launcher) ?? {}) as Partial<LauncherMemory>;
  return {
    port: known.port ?? null,
    projectId: known.projectId ?? null,
    token: known.token ?? null,
    hostJoined: known.hostJoined ?? false,
    demoCreated: known.demoCreated ?? false,
  };
}

export function writeMemory(paths: StatePaths, memory: LauncherMemory): void {
  writePrivate(paths.launcher, memory);
}
