// `coppice-agent join`: spends a join token for a host of its own. The token comes in TOKEN: arguments are public.
import { availableParallelism, hostname, totalmem } from "node:os";
import type { Capacity, HostFacts } from "../../protocol/channel.ts";
import { type Identity, joinProject } from "../identity.ts";
import { type Args, Refusal } from "./args.ts";

const DEFAULT_SLOTS = 100;

/** What the host offers: what was said when it joined, else all that the machine has. */
export function capacityOf(said: Pick<Identity, "slots" | "memoryBytes" | "cpus">): Capacity {
  return {
    slots: said.slots,
    memoryBytes: said.memoryBytes ?? totalmem(),
    cpus: said.cpus ?? availableParallelism(),
  };
}

export async function join(args: Args, facts: Omit<HostFacts, "containment">): Promise<void> {
  const { state, url, name, slots = DEFAULT_SLOTS, memoryBytes, cpus, labels, region } = args;
  const token = process.env.TOKEN;
  delete process.env.TOKEN;
  if (url === undefined) throw new Refusal("--url is missing: give the control plane's address");
  if (!token) throw new Refusal("no join token: put it into the environment variable TOKEN");
  const outcome = await joinProject({
    state,
    url,
    token,
    name: name ?? hostName(),
    capacity: capacityOf({ slots, memoryBytes, cpus }),
    said: { slots, ...(memoryBytes && { memoryBytes }), ...(cpus && { cpus }) },
    place: { labels, ...(region !== undefined && { region }) },
    facts: { ...facts, containment: "best_effort" },
    fetch,
  });
  if (!outcome.ok) throw new Refusal(outcome.message);
  const { identity } = outcome;
  process.stdout.write(`joined project ${identity.project} as host ${identity.name}\n`);
}

/** The machine's name, as a host may be called. */
function hostName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name.slice(0, 63).replace(/-+$/, "") || "host";
}
