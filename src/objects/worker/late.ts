// A worker that is over, and a host that comes late: whatever it still runs of it gets a tombstone.
import type { Report } from "../../../protocol/channel.ts";
import type { WorkerParts } from "./parts.ts";

/** Answers a report without keeping anything: the store holds only the marker. */
export function answerLate(parts: WorkerParts, ws: WebSocket, report: Report): void {
  const { hosts, meta, sockets } = parts;
  const known = meta.get();
  const host = hosts.get(sockets.read(ws).hostId);
  if (!known || !host) return;
  const { spec, project, projectId } = known;
  const jobs = report.jobs.map(({ jobId, outcome }) => ({ id: jobId, over: outcome !== null }));
  const instances = report.instances.map((one) => {
    return { id: one.instanceId, over: one.state === "stopped" };
  });
  const running = [...instances, ...jobs].filter((one) => !one.over);
  sockets.send(ws, {
    type: "ack",
    exits: report.exits.map(({ attempt, bootId, instanceId }) => ({ attempt, bootId, instanceId })),
    builds: report.builds.map((one) => one.deployId),
    gone: [...instances, ...jobs].flatMap((one) => (one.over ? [one.id] : [])),
  });
  if (running.length === 0) return;
  const revision = Math.max(host.revision, report.revision) + 1;
  sockets.send(ws, {
    type: "desired",
    revision,
    projectId,
    project,
    worker: spec.name,
    releases: [],
    run: [],
    stop: running.map((one) => ({
      instanceId: one.id,
      reason: "stopped",
      graceMs: spec.stopGraceMs,
    })),
    builds: [],
    jobs: [],
  });
}
