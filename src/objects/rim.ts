// The rim of an object: clock, randomness and policy, handed to the parts so that tests can replace them.
import { type IdKind, makeId } from "../../protocol/ids.ts";
import {
  DEFAULT_POLICY,
  makePolicy,
  type Policy,
  type PolicyOverrides,
} from "../../protocol/policy.ts";

export interface Rim {
  now: () => number;
  random: (bytes: number) => Uint8Array;
  policy: Policy;
  /** As the operator gave them; passed on to the agents, which make the same policy of it. */
  overrides: PolicyOverrides;
}

export function makeRim(policyJson: string | undefined): Rim {
  const overrides = parseOverrides(policyJson);
  return {
    now: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    policy: makePolicy(overrides),
    overrides,
  };
}

export function newId<K extends IdKind>(rim: Rim, kind: K) {
  return makeId(kind, rim.now(), rim.random(10));
}

function parseOverrides(json: string | undefined): PolicyOverrides {
  if (!json) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null) return {};
    const known = Object.keys(DEFAULT_POLICY);
    return Object.fromEntries(Object.entries(value).filter(([key]) => known.includes(key)));
  } catch {
    console.error("COPPICE_POLICY is not JSON; the default policy is in force");
    return {};
  }
}
