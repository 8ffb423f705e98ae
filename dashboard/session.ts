// Who is signed in. The cookie is out of reach of scripts; whoami tells whether there is one.
import { signal } from "@preact/signals";
import type { Role, WhoamiView } from "../protocol/rest.ts";
import { ApiError, beginSession, endSession, onSignedOut, whoami } from "./api/api.ts";

export type Session =
  | { readonly phase: "asking" }
  | { readonly phase: "in"; readonly who: WhoamiView }
  | { readonly phase: "out"; readonly why: "never" | "over" | "left" }
  | { readonly phase: "away"; readonly why: Error };

export const session = signal<Session>({ phase: "asking" });

onSignedOut(() => {
  session.value = { phase: "out", why: session.value.phase === "in" ? "over" : "never" };
});

export async function askWho(): Promise<void> {
  try {
    session.value = { phase: "in", who: await whoami() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof ApiError && error.status === 401) {
      session.value = { phase: "out", why: "never" };
    } else session.value = { phase: "away", why: error };
  }
}

/** A one-time code or a token becomes a session; throws what the API refused. */
export async function signIn(proof: { code: string } | { token: string }): Promise<void> {
  session.value = { phase: "in", who: await beginSession(proof) };
}

export async function signOut(): Promise<void> {
  await endSession();
  session.value = { phase: "out", why: "left" };
}

const RANK = { viewer: 0, developer: 1, admin: 2, operator: 3 } as const satisfies Record<
  Role,
  number
>;

/** May the session do what needs that role? Only what is offered depends on it: the API decides. */
export function may(role: Exclude<Role, "operator">): boolean {
  const now = session.value;
  return now.phase === "in" && RANK[now.who.role] >= RANK[role];
}
