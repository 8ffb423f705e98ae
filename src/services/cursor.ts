// Cursors of lists that D1 holds: the id after which the next page begins, opaque to clients.
import { type IdKind, isId } from "../../protocol/ids.ts";
import { ProblemError } from "../../protocol/problems.ts";

export function encodeCursor(id: string): string {
  return btoa(id).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
}

/** Throws `invalid_request` for anything that `encodeCursor` did not make for that kind. */
export function decodeCursor(kind: IdKind, cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  let id = "";
  try {
    id = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {}
  if (!isId(kind, id)) throw badCursor();
  return id;
}

/** Cursors of lists that objects hold: the number of the last item shown. */
export function numberCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) throw badCursor();
  return cursor;
}

/** Cursors that objects make are numbers, a dot between two; they go through as they are. */
export function objectCursor(cursor: string | undefined, path = "cursor"): string | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}(?:\.\d{1,15})?$/.test(cursor)) throw badCursor(path);
  return cursor;
}

function badCursor(path = "cursor"): ProblemError {
  return new ProblemError("invalid_request", "Take the cursor from `next` of the page before.", [
    { path, message: "is not a cursor of this list" },
  ]);
}

/** Cuts a list that was read with one item too many, and says where the next page begins. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  idOf: (row: T) => string,
): { readonly rows: readonly T[]; readonly next: string | null } {
  if (rows.length <= limit) return { rows, next: null };
  const kept = rows.slice(0, limit);
  return { rows: kept, next: encodeCursor(idOf(kept[kept.length - 1]!)) };
}
