// Who may do what: one total table from action to the least role, and one function that applies it.
//
// 1. What belongs to another project is answered like what does not exist.
// 2. The role is judged before the thing is looked for: a weak token learns nothing about names.
import type { Id, ProjectId } from "../../protocol/ids.ts";
import { ProblemError } from "../../protocol/problems.ts";
import type { Role } from "../../protocol/rest.ts";

/** `on` says what must be named for the action: nothing, a project, or a worker in a project. */
export const ACTIONS = {
  "whoami.read": { on: "installation", role: "viewer" },
  "sign-in-links.create": { on: "installation", role: "viewer" },
  "device-codes.read": { on: "installation", role: "viewer" },
  "device-codes.decide": { on: "installation", role: "developer" },
  "projects.list": { on: "installation", role: "viewer" },
  "projects.create": { on: "installation", role: "operator" },
  "projects.watch": { on: "project", role: "viewer" },
  "repos.inspect": { on: "project", role: "developer" },
  "workers.list": { on: "project", role: "viewer" },
  "workers.create": { on: "project", role: "developer" },
  "workers.read": { on: "worker", role: "viewer" },
  "workers.patch": { on: "worker", role: "developer" },
  "workers.delete": { on: "worker", role: "developer" },
  "workers.stop": { on: "worker", role: "developer" },
  "workers.start": { on: "worker", role: "developer" },
  "workers.restart": { on: "worker", role: "developer" },
  "deploys.create": { on: "worker", role: "developer" },
  "deploys.rollback": { on: "worker", role: "developer" },
  "deploys.cancel": { on: "worker", role: "developer" },
  "git-credential.read": { on: "worker", role: "viewer" },
  "git-credential.change": { on: "worker", role: "developer" },
  "env.read": { on: "worker", role: "viewer" },
  "env.change": { on: "worker", role: "developer" },
  "hooks.list": { on: "worker", role: "developer" },
  "hooks.create": { on: "worker", role: "developer" },
  "hooks.rotate": { on: "worker", role: "developer" },
  "hooks.revoke": { on: "worker", role: "developer" },
  "config.apply": { on: "project", role: "developer" },
  "groups.read": { on: "project", role: "viewer" },
  "groups.create": { on: "project", role: "developer" },
  "groups.change": { on: "project", role: "developer" },
  "groups.delete": { on: "project", role: "developer" },
  "status-page.read": { on: "worker", role: "viewer" },
  "status-page.publish": { on: "worker", role: "developer" },
  "incidents.list": { on: "project", role: "viewer" },
  "incidents.annotate": { on: "project", role: "developer" },
  "maintenances.list": { on: "project", role: "viewer" },
  "maintenances.create": { on: "project", role: "admin" },
  "maintenances.cancel": { on: "project", role: "admin" },
  "hosts.read": { on: "project", role: "viewer" },
  "hosts.cordon": { on: "project", role: "admin" },
  "hosts.drain": { on: "project", role: "admin" },
  "hosts.thaw": { on: "project", role: "admin" },
  "hosts.remove": { on: "project", role: "admin" },
  "join-tokens.create": { on: "project", role: "admin" },
  "tokens.list": { on: "project", role: "admin" },
  "tokens.create": { on: "project", role: "admin" },
  "tokens.revoke": { on: "project", role: "admin" },
} as const satisfies Record<
  string,
  { readonly on: "installation" | "project" | "worker"; readonly role: Role }
>;

export type Action = keyof typeof ACTIONS;

export type Actor =
  | { readonly kind: "operator"; readonly id: "operator"; readonly name: "operator" }
  | {
      readonly kind: "token";
      /** Of the token, or of a session that has no more rights than a token. */
      readonly id: Id<"token"> | Id<"session">;
      readonly name: string;
      readonly role: Exclude<Role, "operator">;
      readonly projectId: ProjectId;
      /** The token whose end ends this too; null where the operator gave the rights. */
      readonly tokenId: Id<"token"> | null;
    };

const RANK = { viewer: 0, developer: 1, admin: 2, operator: 3 } as const satisfies Record<
  Role,
  number
>;

export function roleOf(actor: Actor): Role {
  return actor.kind === "operator" ? "operator" : actor.role;
}

/** True where nobody with these rights would rise by getting that role. */
export function covers(actor: Actor, role: Role): boolean {
  return RANK[role] <= RANK[roleOf(actor)];
}

/** Throws `not_found` for another project's things and `forbidden` for a role that is too weak. */
export function authorise(
  actor: Actor,
  action: Action,
  resource: { readonly projectId: ProjectId | null } | "installation",
): void {
  if (resource !== "installation") {
    const mine = actor.kind === "operator" || resource.projectId === actor.projectId;
    if (!resource.projectId || !mine) throw absent("project");
  }
  const least = ACTIONS[action].role;
  if (RANK[roleOf(actor)] < RANK[least]) {
    throw new ProblemError("forbidden", `This needs the role ${least}; yours is ${roleOf(actor)}.`);
  }
}

/** The same sentence for what is not there and for what is somebody else's. */
export function absent(what: string): ProblemError {
  return new ProblemError("not_found", `There is no such ${what}, or this token may not see it.`);
}
