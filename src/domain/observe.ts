// Folds what a host reports into what the object knows: changed rows, ended ones, and what is worth telling.
//
// 1. A report never sets or lifts a tombstone; an instance that has one is shown as `stopping` until it ended.
// 2. An instance has ended once its host says `stopped`, or, asked to stop, is missing from a report that
//    has taken in the newest revision. Anything else that is missing is sent again, never forgotten.
// 3. An exit counts once: only exits that were not known before come in here.
import type { ExitReport, ObservedInstance, Report } from "../../protocol/channel.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { HostId } from "../../protocol/ids.ts";
import type { InstanceState } from "../../protocol/instance.ts";
import type { EventKind } from "../../protocol/rest.ts";
import { isCrash } from "./exits.ts";
import { mayMove } from "./lifecycle.ts";
import { hasProcess, type Instance } from "./worker.ts";

export interface ObserveInput {
  readonly hostId: HostId;
  /** All instances that are placed on this host. */
  readonly instances: readonly Instance[];
  readonly report: Report;
  /** Those of the report's exits that were not recorded before. */
  readonly freshExits: readonly ExitReport[];
  /** The newest revision that was sent to this host. */
  readonly sentRevision: number;
  readonly soakMs: number;
  readonly now: number;
}

/** Something for the Events tab, the log stream, or both. */
export interface Note {
  readonly event: EventKind | null;
  readonly message: string;
  /** A line for the log stream; null where the event is enough. */
  readonly system: string | null;
  readonly instance: string;
  readonly slot: number;
  readonly release: number;
  readonly bootId: string;
  readonly attempt: number;
  /** ms since the epoch, by the host's clock where it knows better. */
  readonly at: number;
}

export interface Observation {
  readonly updates: readonly Instance[];
  readonly gone: readonly Instance[];
  /** Reported, but no row here: the object decides whether it knows them to be ended. */
  readonly strangers: readonly ObservedInstance[];
  /** The host lacks something that it should have: send the desired set again. */
  readonly resend: boolean;
  readonly notes: readonly Note[];
}

export function observe(input: ObserveInput): Observation {
  const { report, instances } = input;
  const seen = new Map(report.instances.map((one) => [one.instanceId, one]));
  const known = new Set<string>(instances.map((one) => one.id));
  const current = report.revision >= input.sentRevision;
  const updates: Instance[] = [];
  const gone: Instance[] = [];
  const notes: Note[] = [];
  let resend = false;
  for (const before of instances) {
    const exited = foldExits(before, input);
    const report = seen.get(before.id);
    if (report) {
      const after = foldInstance(exited, report, input.now);
      notes.push(...notesOf(before, after, report, input.now));
      if (after.state === "stopped") gone.push(after);
      else if (changed(before, after)) updates.push(after);
    } else if (current && before.stop) {
      gone.push(exited);
    } else {
      resend ||= current;
      if (changed(before, exited)) updates.push(exited);
    }
  }
  const strangers = report.instances.filter((one) => !known.has(one.instanceId));
  return { updates, gone, strangers, resend, notes };
}

/** Counts crashes against the soak; an attempt that lived long enough has soaked, whoever saw it. */
function foldExits(instance: Instance, { freshExits, soakMs, now }: ObserveInput): Instance {
  let { healthyAt, soakCrashes, firstRunningAt } = instance;
  for (const exit of freshExits) {
    if (exit.instanceId !== instance.id) continue;
    if (exit.pid !== null) firstRunningAt ??= now;
    if (exit.uptimeMs >= soakMs) healthyAt ??= now;
    const blamed = exit.reason === "crash" || exit.reason === "stalled";
    if (blamed && healthyAt === null) soakCrashes += 1 + exit.collapsed;
  }
  return { ...instance, healthyAt, soakCrashes, firstRunningAt };
}

function foldInstance(instance: Instance, report: ObservedInstance, now: number): Instance {
  const state = nextState(instance, report.state);
  const runs = report.state === "running" || report.state === "healthy";
  return {
    ...instance,
    state,
    attempt: report.attempt,
    bootId: report.bootId,
    pid: report.pid,
    startedAt: report.startedAt,
    restarts: report.restarts,
    restartAt: report.restartInMs === null ? null : now + report.restartInMs,
    detail: report.detail,
    firstRunningAt: instance.firstRunningAt ?? (runs ? now : null),
    healthyAt: instance.healthyAt ?? (report.state === "healthy" ? now : null),
  };
}

function nextState(instance: Instance, reported: InstanceState): InstanceState {
  const told = instance.stop && reported !== "stopped" ? "stopping" : reported;
  return mayMove(standOf(instance), told) ? told : instance.state;
}

/** What is placed has begun; what its host stopped without a tombstone, going down itself, may begin again. */
function standOf({ state, stop }: Instance): InstanceState {
  return state === "pending" || (state === "stopping" && !stop) ? "starting" : state;
}

function notesOf(before: Instance, after: Instance, report: ObservedInstance, now: number): Note[] {
  const base = {
    instance: after.id,
    slot: after.slot,
    release: after.release,
    bootId: report.bootId,
    attempt: report.attempt,
  };
  const notes: Note[] = [];
  const isNew = before.bootId !== after.bootId || before.attempt !== after.attempt;
  if (isNew && report.pid !== null && hasProcess({ ...after, state: report.state })) {
    const first = before.firstRunningAt === null;
    const system = `started · attempt ${report.attempt} · pid ${report.pid}`;
    const message = `Instance ${after.slot} started (release v${after.release}).`;
    const at = report.startedAt ?? now;
    notes.push({ ...base, event: first ? "instance_started" : null, message, system, at });
  }
  if (before.healthyAt === null && after.healthyAt !== null) {
    const message = `Instance ${after.slot} is healthy (release v${after.release}).`;
    notes.push({ ...base, event: "instance_healthy", message, system: null, at: now });
  }
  if (before.state === "unknown" && after.state !== "unknown") {
    const message = `Instance ${after.slot} is heard of again; its host came back.`;
    notes.push({ ...base, event: "host_returned", message, system: "heard of again", at: now });
  }
  return notes;
}

function changed(before: Instance, after: Instance): boolean {
  return (Object.keys(after) as (keyof Instance)[]).some((key) => before[key] !== after[key]);
}

/** What an exit looks like in the timeline and in the log stream. */
export function exitNote(exit: ExitReport): Note {
  const how = describeExit(exit);
  const next = exit.restartInMs === null ? "" : ` · restarting ${whenNext(exit.restartInMs)}`;
  const more =
    exit.collapsed > 0 ? ` · ${exit.collapsed} earlier exits were not kept one by one` : "";
  return {
    event: isCrash(exit.reason) ? "instance_crashed" : "instance_stopped",
    message: `Instance ${exit.slot} ${how}.`,
    system: `${how}${next}${more}`,
    instance: exit.instanceId,
    slot: exit.slot,
    release: exit.release,
    bootId: exit.bootId,
    attempt: exit.attempt,
    at: exit.exitedAt,
  };
}

function whenNext(delayMs: number): string {
  return delayMs === 0 ? "at once" : `in ${formatDuration(delayMs)}`;
}

function describeExit(exit: ExitReport): string {
  const after = `after ${formatDuration(exit.uptimeMs)}`;
  const cause = exit.signal ? `by ${exit.signal}` : `with exit code ${exit.exitCode ?? "unknown"}`;
  switch (exit.reason) {
    case "crash":
      if (exit.oom) return `ran out of memory and was killed ${after}`;
      if (exit.exitCode === null && exit.signal === null) {
        return `could not be started${exit.detail ? `: ${exit.detail}` : ""}`;
      }
      return exit.signal ? `crashed, killed ${cause}, ${after}` : `crashed ${cause} ${after}`;
    case "stalled":
      return `stalled and was killed ${after}`;
    case "unknown":
      return `ended ${after}; nobody saw how`;
    case "host_rebooted":
      return "ended because its host rebooted";
    case "fenced":
      return `was fenced ${after}: its lease was not renewed`;
    case "stopped":
    case "replaced":
      return `${exit.reason === "stopped" ? "stopped" : "was replaced"} ${cause} ${after}`;
  }
}
