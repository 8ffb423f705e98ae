// Which client shows a user code. Guesses are counted by who guesses.
import { ProblemError } from "../../../protocol/problems.ts";
import type { DeviceCodeView } from "../../../protocol/rest.ts";
import { type DeviceCodeRow, deviceByUserCode } from "../../db/device-codes.ts";
import type { Admitted } from "../admit.ts";
import type { Actor } from "../authorise.ts";
import type { Call } from "../call.ts";
import { guarded } from "../limit.ts";
import { iso } from "../views.ts";
import { readUserCode } from "./user-code.ts";

/** Throws `not_found` for a code that nobody shows now. */
export async function findDevice(
  { actor, call }: { readonly actor: Actor; readonly call: Call },
  typed: string,
): Promise<DeviceCodeRow> {
  // Sessions of one token share their guesses.
  const who = actor.kind === "token" ? (actor.tokenId ?? actor.id) : actor.id;
  const found = await guarded(
    call,
    { what: "user_code", who },
    {
      run: () => deviceByUserCode(call.db, readUserCode(typed), call.now),
      isWrong: (device) => device === null,
    },
  );
  if (found) return found;
  throw new ProblemError(
    "not_found",
    "No client shows this code; it may be too old. Run `coppice login` again.",
  );
}

export async function getDeviceCode(
  admitted: Admitted<"device-codes.read">,
  typed: string,
): Promise<DeviceCodeView> {
  const { clientName, createdAt, expiresAt } = await findDevice(admitted, typed);
  return { clientName, createdAt: iso(createdAt), expiresAt: iso(expiresAt) };
}
