// The commands by name, as help shows them.
import { buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { version } from "../package.json";
import { type Cli, group, headIn } from "./command.ts";
import { completion } from "./commands/completion.ts";
import { contexts } from "./commands/contexts.ts";
import { crashes } from "./commands/crashes.ts";
import { remove } from "./commands/delete.ts";
import { deploy } from "./commands/deploy.ts";
import { deploys } from "./commands/deploys.ts";
import { doctor } from "./commands/doctor.ts";
import { envList } from "./commands/env.ts";
import { envExport } from "./commands/env-export.ts";
import { envImport } from "./commands/env-import.ts";
import { envSet } from "./commands/env-set.ts";
import { envUnset } from "./commands/env-unset.ts";
import { groupsList } from "./commands/groups.ts";
import { groupsAttach } from "./commands/groups-attach.ts";
import { groupsCreate } from "./commands/groups-create.ts";
import { groupsDetach } from "./commands/groups-detach.ts";
import { groupsRemove } from "./commands/groups-rm.ts";
import { hooksList } from "./commands/hooks.ts";
import { hooksCreate } from "./commands/hooks-create.ts";
import { hooksRemove } from "./commands/hooks-rm.ts";
import { hooksRotate } from "./commands/hooks-rotate.ts";
import { hostsList } from "./commands/hosts.ts";
import { hostsAdd } from "./commands/hosts-add.ts";
import { hostsCordon } from "./commands/hosts-cordon.ts";
import { hostsDrain } from "./commands/hosts-drain.ts";
import { hostsRemove } from "./commands/hosts-rm.ts";
import { hostsThaw } from "./commands/hosts-thaw.ts";
import { hostsUncordon } from "./commands/hosts-uncordon.ts";
import { hostsUndrain } from "./commands/hosts-undrain.ts";
import { init } from "./commands/init.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { logs } from "./commands/logs.ts";
import { open } from "./commands/open.ts";
import { ps } from "./commands/ps.ts";
import { releases } from "./commands/releases.ts";
import { repoAuth } from "./commands/repo-auth.ts";
import { repoForget } from "./commands/repo-forget.ts";
import { repoList } from "./commands/repo-list.ts";
import { restart } from "./commands/restart.ts";
import { rollback } from "./commands/rollback.ts";
import { scale } from "./commands/scale.ts";
import { start } from "./commands/start.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";
import { tokensList } from "./commands/tokens.ts";
import { tokensCreate } from "./commands/tokens-create.ts";
import { tokensRevoke } from "./commands/tokens-revoke.ts";
import { up } from "./commands/up.ts";
import { whoami } from "./commands/whoami.ts";
import { frontPage, type Group } from "./help.ts";
import { clean } from "./output/sanitise.ts";

const env = group("Variables: list, set, unset, import, export", {
  ...{ list: envList, set: envSet, unset: envUnset, import: envImport, export: envExport },
});
const groups = group("Groups of variables: list, create, attach, detach, rm", {
  ...{ list: groupsList, create: groupsCreate, attach: groupsAttach, detach: groupsDetach },
  ...{ rm: groupsRemove },
});
const hooks = group("Deploy on push: list, create, rotate, rm", {
  ...{ list: hooksList, create: hooksCreate, rotate: hooksRotate, rm: hooksRemove },
});
const hosts = group("Hosts: list, add, cordon, uncordon, drain, undrain, rm, thaw", {
  ...{ list: hostsList, add: hostsAdd, cordon: hostsCordon, uncordon: hostsUncordon },
  ...{ drain: hostsDrain, undrain: hostsUndrain, rm: hostsRemove, thaw: hostsThaw },
});
const repo = group("Repositories of workers: list, auth, forget", {
  ...{ list: repoList, auth: repoAuth, forget: repoForget },
});
const tokens = group("Tokens: list, create, revoke", {
  ...{ list: tokensList, create: tokensCreate, revoke: tokensRevoke },
});

export const ROUTES = {
  init,
  up,
  status,
  deploy,
  deploys,
  releases,
  rollback,
  ps,
  scale,
  restart,
  stop,
  start,
  logs,
  crashes,
  env,
  groups,
  repo,
  hooks,
  hosts,
  tokens,
  delete: remove,
  login,
  logout,
  whoami,
  contexts,
  open,
  doctor,
  completion,
};

const GROUPS: readonly Group[] = [
  { title: "Begin", names: ["login", "init", "up"] },
  { title: "Look", names: ["status", "ps", "logs", "crashes", "deploys", "releases", "open"] },
  {
    title: "Change",
    names: [
      "deploy",
      "rollback",
      "scale",
      "restart",
      "stop",
      "start",
      "env",
      "groups",
      "repo",
      "hooks",
      "delete",
    ],
  },
  { title: "Project", names: ["hosts", "tokens"] },
  { title: "Here", names: ["whoami", "contexts", "logout", "doctor", "completion"] },
];

const routes = buildRouteMap<string, Cli>({ routes: ROUTES, docs: { brief: "Coppice" } });
const briefs = new Map(Object.entries(ROUTES).map(([name, { brief }]) => [name, brief]));
const root = {
  ...routes,
  formatHelp: ({ ansiColor }: { ansiColor: boolean }) =>
    frontPage(GROUPS, briefs, headIn(ansiColor)),
};

export const app = buildApplication<Cli>(root, {
  name: "coppice",
  versionInfo: { currentVersion: version },
  scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
  documentation: {
    caseStyle: "convert-camel-to-kebab",
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
  },
  completion: { includeAliases: false },
  localization: {
    text: {
      ...text_en,
      noCommandRegisteredForInput({ input, corrections }) {
        const near = corrections.length > 0 ? ` Did you mean ${corrections.join(" or ")}?` : "";
        return `error: There is no command \`${clean(input)}\`.${near}\n  try: coppice --help`;
      },
      exceptionWhileParsingArguments(error, colour) {
        return `error: ${clean(text_en.exceptionWhileParsingArguments.call({ formatException: plain }, error, colour))}`;
      },
    },
  },
});

function plain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
