// The numbers in force: the defaults, and what the control plane's `welcome` overrides.
import {
  DEFAULT_POLICY,
  makePolicy,
  type Policy,
  type PolicyOverrides,
} from "../protocol/policy.ts";

/** Keeps what is a known number and drops everything else: a strange policy must not stop an agent. */
export function readOverrides(value: unknown): PolicyOverrides {
  const overrides: Record<string, Record<string, number>> = {};
  if (typeof value !== "object" || value === null) return {};
  for (const [section, defaults] of Object.entries(DEFAULT_POLICY)) {
    const given = (value as Record<string, unknown>)[section];
    if (typeof given !== "object" || given === null) continue;
    for (const name of Object.keys(defaults)) {
      const number = (given as Record<string, unknown>)[name];
      if (typeof number !== "number" || !Number.isFinite(number) || number < 0) continue;
      overrides[section] = { ...overrides[section], [name]: number };
    }
  }
  return overrides as PolicyOverrides;
}

export function policyFrom(value: unknown): Policy {
  return makePolicy(readOverrides(value));
}
