// A client without a browser asks to be signed in.
import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateDeviceCode, NewDeviceCodeView } from "../../../protocol/rest.ts";
import { insertDeviceCode } from "../../db/device-codes.ts";
import type { Call } from "../call.ts";
import { mintToken } from "../credentials.ts";
import { bounded } from "../limit.ts";
import { iso } from "../views.ts";
import { newUserCode, showUserCode } from "./user-code.ts";

export const DEVICE_CODE_MS = 10 * 60_000;
const INTERVAL_S = 5;
const TRIES = 5;

export async function createDeviceCode(
  call: Call,
  input: CreateDeviceCode,
  from: { readonly origin: string; readonly address: string },
): Promise<NewDeviceCodeView> {
  await bounded(call, { what: "device_code", who: from.address });
  const { hash, text } = await mintToken("device");
  const expiresAt = call.now + DEVICE_CODE_MS;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const userCode = newUserCode();
    const made = await insertDeviceCode(call.db, {
      hash,
      userCode,
      clientName: input.clientName,
      createdAt: call.now,
      expiresAt,
      decision: null,
      projectId: null,
      role: null,
      decidedBy: null,
      grantedBy: null,
      tokenId: null,
    });
    if (!made) continue;
    return {
      deviceCode: text,
      userCode: showUserCode(userCode),
      verificationUrl: `${from.origin}/device`,
      expiresAt: iso(expiresAt),
      intervalS: INTERVAL_S,
    };
  }
  throw new ProblemError("unavailable", "No code is free for the moment; try again.");
}
