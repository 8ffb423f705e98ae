// Takes in what a host reports: folds it into the rows, records exits once, decides anew, then acknowledges.
//
// 1. The acknowledgement is sent after the write; the output gate holds it until the write is durable.
// 2. An exit that is known already is acknowledged again and changes nothing.
// 3. A report of an older epoch is not taken in.
// 4. A stranger is stopped only where this object knows that it ended: its generation was given out here.
import type {
  ExitReport,
  ObservedInstance,
  ObservedJob,
  Report,
} from "../../../protocol/channel.ts";
import { isCrash } from "../../domain/exits.ts";
import { exitNote, type Note, type Observation, observe } from "../../domain/observe.ts";
import { takeBuilds } from "./builds.ts";
import { forgetInstance } from "./commit.ts";
import { recordCrash } from "./crash-groups.ts";
import type { KnownHost } from "./hosts.ts";
import { takeJobs } from "./jobs.ts";
import { loseNoMore } from "./loss.ts";
import { atomically, type WorkerParts } from "./parts.ts";
import { say } from "./system-lines.ts";

export interface Taken {
  /** Something may have to be decided. */
  readonly news: boolean;
  /** The host lacks something that it should have. */
  readonly resend: boolean;
}

const NOTHING: Taken = { news: false, resend: false };

export function onReport(
  parts: WorkerParts,
  ws: WebSocket,
  report: Report,
  settle: () => void,
): Taken {
  const { hosts, sockets } = parts;
  const { hostId, epoch } = sockets.read(ws);
  const host = hosts.get(hostId);
  if (!host || epoch === 0 || report.epoch < host.epoch) {
    sockets.close(ws, "superseded", "say hello with the newest epoch first");
    return NOTHING;
  }
  if (parts.meta.get() === null) return NOTHING;
  return atomically(parts, () => takeIn(parts, ws, report, host, settle));
}

function takeIn(
  parts: WorkerParts,
  ws: WebSocket,
  report: Report,
  host: KnownHost,
  settle: () => void,
): Taken {
  const { instances, rim, sockets, timeline } = parts;
  loseNoMore(parts, host.hostId, report.epoch, "own channel");
  const given = parts.meta.get()?.nextGeneration ?? 0;
  const exits = report.exits.filter(
    (exit) => exit.generation < given && isOfHost(parts, host, exit),
  );
  const fresh = distinct(exits).filter((exit) => !timeline.knowsExit(exit));
  const seen = observe({
    hostId: host.hostId,
    instances: instances.onHost(host.hostId),
    report,
    freshExits: fresh,
    sentRevision: host.revision,
    soakMs: rim.policy.rollout.soakMs,
    now: rim.now(),
  });
  for (const one of seen.updates) instances.write(one);
  for (const one of seen.gone) forgetInstance(parts, one);
  record(parts, fresh, seen.notes);
  const builds = takeBuilds(parts, host.hostId, report.builds);
  const jobs = takeJobs(parts, host.hostId, report);
  const strangers = judgeStrangers(parts, host, report, { ...seen, jobs: jobs.strange });
  if (report.revision > host.acked) parts.hosts.update(host.hostId, { acked: report.revision });
  const news =
    seen.updates.length + seen.gone.length + fresh.length > 0 ||
    builds.news ||
    jobs.news ||
    strangers.news;
  if (news) settle();
  const gone = [...seen.gone.map((one) => one.id), ...strangers.gone, ...jobs.gone];
  const acked = exits.map(({ instanceId, bootId, attempt }) => ({ instanceId, bootId, attempt }));
  if (acked.length + builds.acked.length + gone.length > 0)
    sockets.send(ws, { type: "ack", exits: acked, builds: builds.acked, gone });
  return { news, resend: seen.resend };
}

/** Nobody speaks for what is placed elsewhere; what is gone has no place any more. */
function isOfHost(parts: WorkerParts, host: KnownHost, exit: ExitReport): boolean {
  const known = parts.instances.byGeneration(exit.generation);
  return !known || (known.id === exit.instanceId && known.hostId === host.hostId);
}

/** One report may name an exit twice. */
function distinct(exits: readonly ExitReport[]): ExitReport[] {
  const byKey = new Map(
    exits.map((one) => [`${one.generation}/${one.bootId}/${one.attempt}`, one]),
  );
  return [...byKey.values()];
}

/** Exits and starts in the order in which they happened, of one millisecond the exit first: one row of lines for all. */
function record(parts: WorkerParts, fresh: readonly ExitReport[], notes: readonly Note[]): void {
  const { timeline } = parts;
  const told: { readonly note: Note; readonly crash: string | undefined }[] = [];
  for (const exit of fresh) {
    timeline.addExit(exit);
    const note = exitNote(exit);
    if (!isCrash(exit.reason)) told.push({ note, crash: undefined });
    else {
      const { crash, note: more } = recordCrash(parts, exit);
      told.push({ note: { ...note, message: note.message + more }, crash });
    }
  }
  for (const note of notes) told.push({ note, crash: undefined });
  told.sort((a, b) => a.note.at - b.note.at);
  for (const { note, crash } of told) {
    if (note.event === null) continue;
    const { at, event: kind, instance, message, release, slot } = note;
    const event = { kind, at, instance, message, release, slot };
    timeline.add(crash === undefined ? event : { ...event, crash });
  }
  const lines = told.flatMap(({ note: { at, instance, release, slot, system } }) =>
    system === null ? [] : [{ at, instance, release, slot, text: system }],
  );
  say(parts, lines);
}

/** Reported, but unknown here. */
function judgeStrangers(
  parts: WorkerParts,
  host: KnownHost,
  report: Report,
  { jobs, strangers }: Observation & { readonly jobs: readonly ObservedJob[] },
): { readonly gone: string[]; readonly news: boolean } {
  const given = parts.meta.get()?.nextGeneration ?? 0;
  const ended = strangers.filter((one: ObservedInstance) => one.generation < given);
  const gone = ended.filter((one) => one.state === "stopped").map((one) => one.instanceId);
  const lost = jobs.filter((one) => one.generation < given && one.state !== "waiting");
  const running = [
    ...ended.filter((one) => one.state !== "stopped").map((one) => one.instanceId),
    ...lost.map((one) => one.jobId),
  ];
  // A tombstone stays until a report that has taken it in no longer names the instance.
  const there = [...report.instances.map((one) => one.instanceId), ...lost.map((o) => o.jobId)];
  const here = new Set(there);
  const kept = host.strangers.filter(
    (id) => !gone.includes(id) && (here.has(id) || report.revision < host.revision),
  );
  const next = [...new Set([...kept, ...running])].sort();
  const news = next.join() !== host.strangers.join();
  if (news) parts.hosts.update(host.hostId, { strangers: next });
  return { gone, news };
}
