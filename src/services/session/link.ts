// Makes a sign-in link: whoever opens it first, within 15 minutes, is signed in with at most the caller's rights.
import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateSignInLink, Role, SignInLinkView } from "../../../protocol/rest.ts";
import { always, insertAudit } from "../../db/guard.ts";
import { type ProjectRow, selectProject } from "../../db/projects.ts";
import { insertSignInCode } from "../../db/sessions.ts";
import type { Admitted } from "../admit.ts";
import { operatorMark } from "../authenticate.ts";
import { absent, covers, roleOf } from "../authorise.ts";
import { mintToken } from "../credentials.ts";
import { auditRow } from "../note.ts";
import { newId } from "../seed.ts";
import { iso } from "../views.ts";

export const LINK_MS = 15 * 60_000;

type Linking = Admitted<"sign-in-links.create">;

interface Rights {
  readonly project: ProjectRow | null;
  readonly role: Role;
}

/** Not above the caller's own. */
async function rightsOf({ actor, call }: Linking, input: CreateSignInLink): Promise<Rights> {
  const ref = input.project ?? (actor.kind === "token" ? actor.projectId : null);
  const project = ref === null ? null : ((await selectProject(call.db, ref))[0] ?? null);
  const isMine = actor.kind === "operator" || project?.id === actor.projectId;
  if (ref !== null && (!project || !isMine)) throw absent("project");
  const role = input.role ?? (actor.kind === "operator" && project ? "admin" : roleOf(actor));
  if (!covers(actor, role)) {
    throw new ProblemError("forbidden", `Your role is ${roleOf(actor)}: a link gives no more.`);
  }
  if ((role === "operator") !== (project === null)) {
    const message = project ? "must be below operator with a project" : "needs a project";
    throw new ProblemError("invalid_request", "A role below operator belongs to a project.", [
      { path: "role", message },
    ]);
  }
  return { project, role };
}

export async function createSignInLink(
  admitted: Linking,
  input: CreateSignInLink,
  origin: string,
): Promise<SignInLinkView> {
  const { actor, call } = admitted;
  const { project, role } = await rightsOf(admitted, input);
  const code = await mintToken("signIn");
  const tokenId = actor.kind === "token" ? actor.tokenId : null;
  const row = {
    hash: code.hash,
    projectId: project?.id ?? null,
    role,
    name: actor.name,
    tokenId,
    operatorMark: tokenId === null ? await operatorMark(call) : null,
    createdAt: call.now,
    expiresAt: call.now + LINK_MS,
    usedBy: null,
  };
  // What was made is known by the request: the code itself has no id that could be told.
  const audit = project
    ? [
        auditRow(admitted, {
          projectId: project.id,
          target: newId(call, "session"),
          detail: { role },
        }),
      ]
    : [];
  await insertSignInCode(
    call.db,
    row,
    audit.map((one) => insertAudit(call.db, one, always)),
  );
  return { url: `${origin}/sign-in#${code.text}`, expiresAt: iso(row.expiresAt) };
}
