// What differs between two releases, for people: names and versions of variables, never values.
import type { ReleaseLimits } from "../../../protocol/channel.ts";
import type { ReleaseDiffView, ReleaseField } from "../../../protocol/rest.ts";
import { RELEASE_FIELDS } from "../../../protocol/rest.ts";
import type { Refusal, WorkerObjectRpc } from "../../rpc.ts";
import type { WorkerParts } from "./parts.ts";
import type { Release } from "./releases.ts";

export function releaseDiff(
  parts: WorkerParts,
  { against, to }: Parameters<WorkerObjectRpc["releaseDiff"]>[0],
): { readonly ok: true; readonly diff: ReleaseDiffView } | Refusal {
  const base = parts.meta.get()?.base;
  const from = against ?? (base?.live ? base.release : null);
  if (from === null)
    return {
      ok: false,
      code: "conflict",
      message: "No release is live: name one to compare with.",
    };
  const [old, next] = [parts.releases.get(from), parts.releases.get(to)];
  if (old && next) return { ok: true, diff: difference(old, next) };
  const missing = old ? to : from;
  const message = `There is no release v${missing}, or it is not kept any more.`;
  return { ok: false, code: "not_found", message };
}

function difference(from: Release, to: Release): ReleaseDiffView {
  return {
    from: sideOf(from),
    to: sideOf(to),
    fields: RELEASE_FIELDS.flatMap((field) => {
      const [before, after] = [settingOf(from, field), settingOf(to, field)];
      return before === after ? [] : [{ field, from: before, to: after }];
    }),
    env: envDifference(from, to),
  };
}

function sideOf({ commitMessage, number, source }: Release): ReleaseDiffView["from"] {
  return { release: number, commit: source.commit, commitMessage };
}

/** As text, so that a person may compare; a limit that is not listed as a field does not compile. */
function settingOf(release: Release, field: ReleaseField | keyof ReleaseLimits): string | null {
  switch (field) {
    case "repo":
    case "rootDir":
    case "buildCommand":
      return release.source[field];
    case "stopGraceMs":
      return String(release.stopGraceMs);
    case "memoryBytes":
    case "cpus":
    case "pids":
    case "openFiles": {
      const limit = release.limits?.[field] ?? null;
      return limit === null ? null : String(limit);
    }
    default:
      return release[field];
  }
}

const versionsOf = ({ env }: Release) =>
  new Map(env.entries.map(({ name, version }) => [name, version]));

/** Whose value it is, of which version; of one that names others, what it was made of. */
const originsOf = ({ env }: Release) =>
  new Map(env.entries.map((one) => [one.name, one.made ?? `${one.owner ?? ""} ${one.version}`]));

function envDifference(from: Release, to: Release): ReleaseDiffView["env"] {
  const [before, after] = [versionsOf(from), versionsOf(to)];
  const [mine, theirs] = [originsOf(from), originsOf(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const only = (mine: Map<string, number>, other: Map<string, number>) =>
    names.flatMap((name) => {
      const version = mine.get(name);
      return version === undefined || other.has(name) ? [] : [{ name, version }];
    });
  const changed = names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    const isSame = mine.get(name) === theirs.get(name);
    return was === undefined || is === undefined || isSame ? [] : [{ name, from: was, to: is }];
  });
  return { added: only(after, before), removed: only(before, after), changed };
}
