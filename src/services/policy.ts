// The numbers in force for what the services decide: the defaults and what the operator set.
import { makePolicy, type Policy, parseOverrides } from "../../protocol/policy.ts";
import type { Env } from "../env.ts";

let known: { readonly json: string | undefined; readonly policy: Policy } | null = null;

export function policyOf(env: Env): Policy {
  const json = env.COPPICE_POLICY;
  if (known === null || known.json !== json)
    known = { json, policy: makePolicy(parseOverrides(json)) };
  return known.policy;
}
