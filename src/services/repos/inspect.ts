// Looks into a repository before a worker is made of it. The control plane reads the branches of public ones itself;
// everything else, and what the files suggest, is read by a host of the project.
//
// 1. It always answers, within a bounded time; what could not be read is said for people.
// 2. The same addresses are allowed as for a worker.
import type { Inspected } from "../../../protocol/channel.ts";
import type { HostId } from "../../../protocol/ids.ts";
import type { InspectRepo, RepoView } from "../../../protocol/rest.ts";
import { onlineHosts } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { askHost, orNull } from "../reach.ts";
import { checkAsked } from "../workers/rules.ts";
import { type RefsAnswer, remoteRefs } from "./refs.ts";

const HOST_WAIT_MS = 22_000;
/** An online host that does not take the question is passed over. */
const HOSTS_ASKED = 2;

type Inspecting = Admitted<"repos.inspect">;
type HostAnswer = Inspected | "no_host" | "no_answer";

async function askHosts({ call, project }: Inspecting, input: InspectRepo): Promise<HostAnswer> {
  const online: HostId[] = await onlineHosts(call.db, project.id, HOSTS_ASKED);
  const wanted = {
    repo: input.repo,
    branch: input.branch ?? null,
    rootDir: input.rootDir,
    allowLocalRepo: call.env.COPPICE_ALLOW_LOCAL_REPOS === "1",
  };
  const until = Date.now() + HOST_WAIT_MS;
  for (const hostId of online) {
    const answer = await orNull(
      askHost(call, hostId, (stub) => stub.inspect(wanted)),
      until - Date.now(),
    );
    if (answer) return answer;
    if (Date.now() >= until) return "no_answer";
  }
  return online.length > 0 ? "no_answer" : "no_host";
}

const WORDS = {
  no_host: "no host of this project is online",
  no_answer: "no host answered in time",
} as const;

function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? "" : ".";
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}${end}`;
}

/** `refs` is null where the control plane does not read such an address itself. */
function combine(refs: RefsAnswer | null, host: HostAnswer): RepoView {
  if (typeof host === "object" && host.readable) {
    const { branches, defaultBranch, reason, suggestions } = host;
    return { branches, defaultBranch, suggestions, readable: true, reason };
  }
  const why =
    typeof host === "string" ? WORDS[host] : (host.reason ?? "the host could not read it");
  if (refs?.ok) {
    const { branches, defaultBranch } = refs;
    const reason = sentence(
      typeof host === "string" ? `${why}, so that nobody could read its files` : why,
    );
    return { branches, defaultBranch, suggestions: [], readable: true, reason };
  }
  const own = refs && typeof host === "string" ? `${refs.reason}; ${why}` : why;
  const reason = sentence(own);
  return { branches: [], defaultBranch: null, suggestions: [], readable: false, reason };
}

export async function inspectRepo(admitted: Inspecting, input: InspectRepo): Promise<RepoView> {
  checkAsked(admitted.call, { repo: input.repo });
  const [refs, host] = await Promise.all([
    input.repo.startsWith("https://") ? remoteRefs(input.repo) : null,
    askHosts(admitted, input),
  ]);
  return combine(refs, host);
}
