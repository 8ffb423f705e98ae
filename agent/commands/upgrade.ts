// `coppice-agent upgrade`: brings this host to the version that its control plane serves.
import { loadIdentity } from "../identity.ts";
import { UpgradeError } from "../upgrade/download.ts";
import { installedPrefix } from "../upgrade/layout.ts";
import { tidyVersions } from "../upgrade/tidy.ts";
import { upgrade as bring } from "../upgrade/upgrade.ts";
import { type Args, Refusal } from "./args.ts";

export async function upgrade({ state, from, trialS, agentOnly }: Args): Promise<void> {
  const prefix = installedPrefix(process.env);
  if (prefix === null)
    throw new Refusal(
      "this agent was not installed by the installer: whoever starts it upgrades it",
    );
  const loaded = loadIdentity(state);
  const base = from ?? (loaded.ok ? loaded.identity.url : null);
  if (base === null) throw new Refusal(loaded.ok ? "--from is missing" : loaded.message);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    await bring({ state, prefix, from: base, trialS, keeper: !agentOnly, say });
  } catch (error) {
    if (error instanceof UpgradeError) throw new Refusal(error.message);
    throw error;
  }
  tidyVersions(prefix);
}
