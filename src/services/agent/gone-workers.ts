// Which of the workers that a host has something of are deleted: what it keeps of them can go.
//
// 1. Only a worker of the host's own project that was deleted is named; of what is not known nothing is said.
import type { GoneWorkers } from "../../../protocol/artifact.ts";
import { deletedWorkers } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { identifyHost } from "./identify.ts";

export async function goneWorkers(
  call: Call,
  request: Request,
  asked: GoneWorkers,
): Promise<GoneWorkers> {
  const { projectId } = await identifyHost(call, request);
  return { workers: await deletedWorkers(call.db, projectId, asked.workers) };
}
