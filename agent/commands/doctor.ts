// `coppice-agent doctor`: what stands between this machine and being online; each failure with its fix.
import { examine } from "../doctor/probes.ts";
import { type Check, verdict } from "../doctor/verdicts.ts";
import type { Args } from "./args.ts";

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

/** True where nothing fails. */
export async function doctor({ state, json }: Args): Promise<boolean> {
  const checks: Check[] = [];
  for await (const finding of examine(state)) {
    const check = verdict(finding);
    checks.push(check);
    if (json) continue;
    process.stdout.write(`${MARKS[check.state]}  ${check.what.padEnd(10)}  ${check.found}\n`);
    if (check.fix !== null) process.stdout.write(`${" ".repeat(18)}→ ${check.fix}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
  return checks.every((check) => check.state !== "fail");
}
