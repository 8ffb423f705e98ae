// The installer of hosts, as it is served: it knows where it came from.
import { ProblemError } from "../../../protocol/problems.ts";
import script from "./install.sh";

/** Nothing in it means anything to a shell. */
const ORIGIN = /^https?:\/\/[a-z0-9.:[\]-]+$/;

export function installScript(origin: string): string {
  if (!ORIGIN.test(origin))
    throw new ProblemError("invalid_request", "Ask for it at the control plane's own address.");
  return script.replaceAll("@ORIGIN@", origin);
}
