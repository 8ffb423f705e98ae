// The gate: who calls, may they do this, and on what. One round trip to D1 answers all three.
// A verb takes an `Admitted<its action>`, which only this file makes: a verb that nobody authorised does not compile.

import { ProblemError } from "../../protocol/problems.ts";
import { type ProjectRow, selectProject } from "../db/projects.ts";
import { selectToken, type TokenRow, touchToken } from "../db/tokens.ts";
import { type StoredWorker, selectWorker } from "../db/workers.ts";
import { ACTIONS, type Action, type Actor, absent, authorise } from "./authorise.ts";
import type { Call } from "./call.ts";
import { hashToken, sameSecret } from "./credentials.ts";

const NOTE_USE_EVERY_MS = 600_000;

interface Base<A extends Action> {
  readonly call: Call;
  readonly actor: Actor;
  readonly action: A;
}
interface OnProject {
  readonly project: ProjectRow;
}
interface OnWorker extends OnProject {
  readonly worker: StoredWorker;
}

export type Admitted<A extends Action> = A extends Action
  ? Base<A> &
      ((typeof ACTIONS)[A]["on"] extends "worker"
        ? OnWorker
        : (typeof ACTIONS)[A]["on"] extends "project"
          ? OnProject
          : unknown)
  : never;

/** Names or ids, as the address has them. */
export interface Refs {
  readonly project?: string | undefined;
  readonly worker?: string | undefined;
}

type Who = { readonly kind: "operator" } | { readonly kind: "hash"; readonly hash: string };

async function readCredential(call: Call, authorization: string | undefined): Promise<Who> {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (!bearer) {
    throw new ProblemError(
      "unauthenticated",
      "Send `Authorization: Bearer` followed by a token of this control plane.",
    );
  }
  const operator = call.env.COPPICE_OPERATOR_TOKEN;
  if (operator && (await sameSecret(bearer, operator))) return { kind: "operator" };
  const hash = await hashToken("api", bearer);
  if (!hash) throw unknownToken();
  return { kind: "hash", hash };
}

function unknownToken(): ProblemError {
  return new ProblemError(
    "unauthenticated",
    "The token is unknown, revoked or expired; ask an admin of the project for a new one.",
  );
}

function actorOf(call: Call, who: Who, token: TokenRow | undefined): Actor {
  if (who.kind === "operator") return { kind: "operator", id: "operator", name: "operator" };
  const expired = token?.expiresAt != null && token.expiresAt <= call.now;
  if (!token || token.revokedAt !== null || expired) throw unknownToken();
  if (token.lastUsedAt === null || token.lastUsedAt < call.now - NOTE_USE_EVERY_MS) {
    call.later(touchToken(call.db, { id: token.id, at: call.now, everyMs: NOTE_USE_EVERY_MS }));
  }
  const { id, name, role, projectId } = token;
  return { kind: "token", id, name, role, projectId };
}

interface Found {
  readonly token: TokenRow | undefined;
  readonly project: ProjectRow | undefined;
  readonly worker: StoredWorker | undefined;
}

async function look(call: Call, who: Who, refs: Refs): Promise<Found> {
  const { db } = call;
  const token = who.kind === "hash" ? [selectToken(db, who.hash)] : [];
  const project = refs.project === undefined ? [] : [selectProject(db, refs.project)];
  const worker =
    refs.project === undefined || refs.worker === undefined
      ? []
      : [selectWorker(db, refs.project, refs.worker)];
  const statements = [...token, ...project, ...worker];
  const [first, ...rest] = statements;
  if (!first) return { token: undefined, project: undefined, worker: undefined };
  const rows = (await db.batch([first, ...rest])) as unknown[][];
  return {
    token: rows[0]?.[token.length - 1] as TokenRow | undefined,
    project: project.length ? (rows[token.length]?.[0] as ProjectRow | undefined) : undefined,
    worker: worker.length ? (rows.at(-1)?.[0] as StoredWorker | undefined) : undefined,
  };
}

/** Throws `unauthenticated`, `not_found` or `forbidden`, in this order. */
export async function admit<A extends Action>(
  call: Call,
  input: {
    readonly authorization: string | undefined;
    readonly action: A;
    readonly refs: Refs;
  },
): Promise<Admitted<A>> {
  const who = await readCredential(call, input.authorization);
  const found = await look(call, who, input.refs);
  const actor = actorOf(call, who, found.token);
  const on = ACTIONS[input.action].on;
  authorise(
    actor,
    input.action,
    on === "installation" ? on : { projectId: found.project?.id ?? null },
  );
  if (on === "worker" && !found.worker) throw absent("worker");
  const admitted: Base<A> & Partial<OnWorker> = {
    call,
    actor,
    action: input.action,
    ...(found.project ? { project: found.project } : {}),
    ...(found.worker ? { worker: found.worker } : {}),
  };
  return admitted as Admitted<A>;
}
