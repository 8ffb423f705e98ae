// Reads what a client sends: one JSON object per line, checked by hand, because the keeper has no dependencies.
// Unknown fields are ignored, so that an older keeper serves a newer agent.
import { type AttemptKey, STOP_REASONS } from "../../protocol/instance.ts";
import type { KeeperInstance, KeeperLease, ToKeeper } from "../../protocol/keeper.ts";

export type Parsed =
  | { readonly ok: true; readonly request: ToKeeper }
  | { readonly ok: false; readonly id: number; readonly message: string };

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"];
/** An id is part of a path and of a cgroup's name. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** setTimeout's limit, ms. */
const LONGEST_MS = 2 ** 31 - 1;

type Fields = Readonly<Record<string, unknown>>;

export function parseRequest(line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, id: 0, message: "not JSON" };
  }
  if (!isObject(value)) return { ok: false, id: 0, message: "not an object" };
  const id = isCount(value.id) ? value.id : null;
  const request = parseFields(value, id);
  return typeof request === "string"
    ? { ok: false, id: id ?? 0, message: request }
    : { ok: true, request };
}

function parseFields(value: Fields, id: number | null): ToKeeper | string {
  const { type } = value;
  if (type === "hello") {
    if (!isCount(value.protocol)) return "protocol: a number is missing";
    return { type, protocol: value.protocol };
  }
  if (id === null) return "id: a number is missing";
  switch (type) {
    case "ensure": {
      const instance = parseInstance(value.instance);
      return typeof instance === "string" ? `instance.${instance}` : { type, id, instance };
    }
    case "stop": {
      const { instanceId, graceMs } = value;
      const reason = STOP_REASONS.find((known) => known === value.reason);
      if (!isId(instanceId)) return "instanceId: not an id";
      if (!isDuration(graceMs)) return "graceMs: not a duration";
      if (reason === undefined) return `reason: none of ${STOP_REASONS.join(", ")}`;
      return { type, id, instanceId, graceMs, reason };
    }
    case "forget": {
      const { exits } = value;
      if (!Array.isArray(exits) || !exits.every(isAttemptKey)) return "exits: not attempt keys";
      return { type, id, exits };
    }
    case "remove": {
      const { instanceId } = value;
      return isId(instanceId) ? { type, id, instanceId } : "instanceId: not an id";
    }
    case "lease": {
      const { leases } = value;
      if (!Array.isArray(leases) || !leases.every(isLease)) return "leases: not leases";
      return { type, id, leases };
    }
    case "shutdown": {
      const { graceMs, only } = value;
      if (!isDuration(graceMs)) return "graceMs: not a duration";
      if (only === undefined) return { type, id, graceMs };
      if (only !== "exclusive" && only !== "available") return "only: not a mode";
      return { type, id, graceMs, only };
    }
    default:
      return "type: unknown";
  }
}

/** The instance, or what is wrong with it, beginning with the field's name. */
export function parseInstance(value: unknown): KeeperInstance | string {
  if (!isObject(value)) return "instanceId: not an object";
  const { once, restart } = value;
  if (!isId(value.instanceId)) return "instanceId: not an id";
  if (typeof value.workerId !== "string") return "workerId: not a string";
  for (const field of ["slot", "generation", "release"]) {
    if (!isCount(value[field])) return `${field}: not a number from 0`;
  }
  if (!isText(value.command)) return "command: not a text without NUL";
  if (!isText(value.cwd) || !value.cwd.startsWith("/")) return "cwd: not an absolute path";
  if (!isEnvironment(value.env)) return "env: not names and texts";
  if (!STOP_SIGNALS.includes(String(value.stopSignal))) return "stopSignal: unknown";
  if (!isDuration(value.graceMs)) return "graceMs: not a duration";
  if (value.mode !== "available" && value.mode !== "exclusive") return "mode: unknown";
  if (!isLimits(value.limits)) return "limits: not limits";
  if (!isUser(value.user)) return "user: not a user other than root";
  if (once !== undefined && !(isObject(once) && typeof once.bootId === "string"))
    return "once: not a boot";
  if (!isObject(restart)) return "restart: not an object";
  for (const field of ["baseMs", "capMs", "resetAfterMs"]) {
    if (!isDuration(restart[field])) return `restart.${field}: not a duration`;
  }
  const { jitter } = restart;
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) return "restart.jitter: not 0–1";
  return value as unknown as KeeperInstance;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LONGEST_MS;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

function isEnvironment(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[^=\0]+$/.test(name) && typeof text === "string" && !text.includes("\0"),
  );
}

/** Absent from an agent that knows of none. */
function isLimits(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  return ["memoryBytes", "cpus", "pids", "openFiles"].every((name) => {
    const amount = value[name];
    return amount === null || (typeof amount === "number" && amount > 0 && amount < 2 ** 53);
  });
}

/** setuid(0) by way of a user would be a mistake, never a wish. */
function isUser(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && isCount(value.uid) && isCount(value.gid) && value.uid * value.gid > 0;
}

/** Times are those of a clock that began with the boot. */
function isLease(value: unknown): value is KeeperLease {
  if (!isObject(value) || !isId(value.instanceId)) return false;
  const { termAtMs, killAtMs, sleptMs = 0 } = value;
  if (![termAtMs, killAtMs, sleptMs].every(Number.isFinite) || (sleptMs as number) < 0)
    return false;
  return 0 <= (termAtMs as number) && (termAtMs as number) <= (killAtMs as number);
}

function isAttemptKey(value: unknown): value is AttemptKey {
  return (
    isObject(value) &&
    typeof value.instanceId === "string" &&
    typeof value.bootId === "string" &&
    isCount(value.attempt)
  );
}
