// How it stands with a device code; with the first answer after the approval comes the token, once.
import type { DeviceTokenView } from "../../../protocol/rest.ts";
import { sha256Hex } from "../../db/bytes.ts";
import { claimDevice, deviceByHash, type FoundDevice } from "../../db/device-codes.ts";
import type { Call } from "../call.ts";
import { mintToken } from "../credentials.ts";
import { guarded } from "../limit.ts";
import { newId } from "../seed.ts";

function answer(state: DeviceTokenView["state"]): DeviceTokenView {
  return { state, token: null, project: null };
}

async function claim(call: Call, { device, project }: FoundDevice): Promise<DeviceTokenView> {
  const approved = { state: "approved", token: null, project } as const;
  if (device.tokenId !== null) return approved;
  if (device.expiresAt <= call.now) return answer("expired");
  const { hash, text } = await mintToken("api");
  const made = await claimDevice(call.db, {
    hash: device.hash,
    now: call.now,
    token: { id: newId(call, "token"), hash },
    audit: { id: newId(call, "audit"), requestId: call.requestId },
  });
  if (made) return { ...approved, token: text };
  // Another request was faster, or whoever approved it may not act any more.
  const now = await deviceByHash(call.db, device.hash);
  return now?.device.tokenId != null ? approved : answer("denied");
}

export async function claimDeviceToken(
  call: Call,
  deviceCode: string,
  address: string,
): Promise<DeviceTokenView> {
  const hash = await sha256Hex(deviceCode);
  const found = await guarded(
    call,
    { what: "claim", who: address },
    { run: () => deviceByHash(call.db, hash), isWrong: (device) => device === null },
  );
  if (!found) return answer("expired");
  switch (found.device.decision) {
    case "approved":
      return claim(call, found);
    case "denied":
      return answer("denied");
    default:
      return answer(found.device.expiresAt <= call.now ? "expired" : "pending");
  }
}
