// Is the control plane there, and can it read its own store?

import { ProblemError } from "../../protocol/problems.ts";
import { ping } from "../db/idempotency.ts";
import { type Call, logLine } from "./call.ts";

export async function health(call: Call): Promise<void> {
  try {
    await ping(call.db);
  } catch (error) {
    logLine("error", "d1_unreachable", { requestId: call.requestId, error: String(error) });
    throw new ProblemError("unavailable", "The database is not reachable for the moment.");
  }
}
