// The rim of an object: clock, randomness and policy, handed to the parts so that tests can replace them.
import { type IdKind, makeId } from "../../protocol/ids.ts";
import {
  makePolicy,
  type Policy,
  type PolicyOverrides,
  parseOverrides,
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
