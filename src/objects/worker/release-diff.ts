// What differs between two releases, for people: names and versions of variables, never values.
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

function settingOf(release: Release, field: ReleaseField): string | null {
  switch (field) {
    case "repo":
    case "rootDir":
    case "buildCommand":
      return release.source[field];
    case "stopGraceMs":
      return String(release.stopGraceMs);
    default:
      return release[field];
  }
}

function envDifference(from: Release, to: Release): ReleaseDiffView["env"] {
  const versions = ({ env }: Release) => new Map(env.entries.map((one) => [one.name, one.version]));
  const [before, after] = [versions(from), versions(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const only = (mine: Map<string, number>, other: Map<string, number>) =>
    names.flatMap((name) => {
      const version = mine.get(name);
      return version === undefined || other.has(name) ? [] : [{ name, version }];
    });
  const changed = names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    return was === undefined || is === undefined || was === is ? [] : [{ name, from: was, to: is }];
  });
  return { added: only(after, before), removed: only(before, after), changed };
}
