// The gate: who calls, may they do this, and on what. One round trip to D1 answers all three.
// A verb takes an `Admitted<its action>`, which only this file makes: a verb that nobody authorised does not compile.

import { type ProjectRow, selectProject } from "../db/projects.ts";
import { type StoredWorker, selectWorker } from "../db/workers.ts";
import {
  actorOf,
  type Credentials,
  type Known,
  readCredential,
  selectKnown,
  type Who,
} from "./authenticate.ts";
import { ACTIONS, type Action, type Actor, absent, authorise } from "./authorise.ts";
import type { Call } from "./call.ts";

interface Base<A extends Action> {
  readonly call: Call;
  readonly actor: Actor;
  readonly action: A;
  /** The same once more, for what goes on for long: throws where the caller may no longer. */
  readonly admitAgain: () => Promise<unknown>;
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

interface Found {
  readonly known: Known;
  readonly project: ProjectRow | undefined;
  readonly worker: StoredWorker | undefined;
}

async function look(call: Call, who: Who, refs: Refs): Promise<Found> {
  const { db } = call;
  const asked = selectKnown(call, who);
  const caller = asked ? [asked] : [];
  const project = refs.project === undefined ? [] : [selectProject(db, refs.project)];
  const worker =
    refs.project === undefined || refs.worker === undefined
      ? []
      : [selectWorker(db, refs.project, refs.worker)];
  const statements = [...caller, ...project, ...worker];
  const [first, ...rest] = statements;
  if (!first) return { known: undefined, project: undefined, worker: undefined };
  const rows = (await db.batch([first, ...rest])) as unknown[][];
  return {
    known: rows[0]?.[caller.length - 1] as Known,
    project: project.length ? (rows[caller.length]?.[0] as ProjectRow | undefined) : undefined,
    worker: worker.length ? (rows.at(-1)?.[0] as StoredWorker | undefined) : undefined,
  };
}

/** Throws `unauthenticated`, `not_found` or `forbidden`, in this order. */
export async function admit<A extends Action>(
  call: Call,
  input: {
    readonly credentials: Credentials;
    readonly action: A;
    readonly refs: Refs;
  },
): Promise<Admitted<A>> {
  const who = await readCredential(call, input.credentials);
  const found = await look(call, who, input.refs);
  const actor = actorOf(call, who, found.known);
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
    admitAgain: () => admit({ ...call, now: Date.now() }, input),
    ...(found.project ? { project: found.project } : {}),
    ...(found.worker ? { worker: found.worker } : {}),
  };
  return admitted as Admitted<A>;
}
