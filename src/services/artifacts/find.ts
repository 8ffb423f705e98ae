// Finds a stored artifact: for a builder that would not upload it twice, and for hosts that download it.
//
// 1. Whoever asks for it keeps it from being collected: a release may be about to refer to it.
// 2. One whose bytes are gone from the store is absent, so that the next builder uploads it again.
import type { ArtifactRow } from "../../db/artifacts.ts";
import { storedArtifact, touchArtifact } from "../../db/artifacts.ts";
import { absent } from "../authorise.ts";
import type { Call } from "../call.ts";
import { policyOf } from "../policy.ts";
import { type Asking, askFor, drop } from "./asking.ts";

/** Of the time that an artifact is kept for, after which being asked for is written down again. */
const TOUCH_SHARE = 1 / 8;

export async function foundArtifact(call: Call, asking: Asking): Promise<ArtifactRow | null> {
  const row = await storedArtifact(call.db, asking);
  if (!row) return null;
  const { keepMs } = policyOf(call.env).artifacts;
  if (call.now - row.touchedAt < keepMs * TOUCH_SHARE) return row;
  // It may have been collected since it was read.
  return (await touchArtifact(call.db, row, call.now)) ? row : null;
}

/** Its size. Throws `not_found`. */
export async function headArtifact(
  call: Call,
  request: Request,
  sha256: string,
): Promise<{ readonly bytes: number }> {
  const row = await foundArtifact(call, await askFor(call, request, sha256));
  if (!row) throw absent("artifact");
  if (await call.env.ARTIFACTS.head(row.key)) return { bytes: row.bytes };
  await drop(call, row);
  throw absent("artifact");
}

export interface ArtifactBody {
  readonly body: ReadableStream;
  readonly bytes: number;
  /** Where the body begins; it reaches to the end. */
  readonly start: number;
}

/** `bytes=N-`, or null where the header asks for anything else: then all of it is sent. */
function startOf(range: string | null): number | null {
  const [, start] = /^bytes=(\d{1,15})-$/.exec(range ?? "") ?? [];
  return start === undefined ? null : Number(start);
}

/** Its bytes, from where the request says. Null where that is at or behind the end. Throws `not_found`. */
export async function readArtifact(
  call: Call,
  request: Request,
  sha256: string,
): Promise<ArtifactBody | { readonly beyond: number }> {
  const row = await foundArtifact(call, await askFor(call, request, sha256));
  if (!row) throw absent("artifact");
  const start = startOf(request.headers.get("range")) ?? 0;
  if (start >= row.bytes) return { beyond: row.bytes };
  const object = await call.env.ARTIFACTS.get(row.key, { range: { offset: start } });
  if (object && object.size === row.bytes) return { body: object.body, bytes: row.bytes, start };
  await object?.body.cancel();
  await drop(call, row);
  throw absent("artifact");
}
