// Takes in one log frame: its header is read, its payload is not.
//
// 1. A range that is known is acknowledged; the next one is stored, then acknowledged; any other is refused with
//    where the stream stands. So each byte is stored once, however often it is sent.
// 2. A worker that was deleted keeps no logs: all is acknowledged, so that the host frees its spool.
import { decodeFrame, type FrameHeader } from "../../../protocol/frame.ts";
import { streamOf } from "./frames.ts";
import type { WorkerParts } from "./parts.ts";
import { planRetention } from "./retention.ts";
import { announce } from "./watch.ts";

/** A row holds 2 MB; a header may take 256 KiB of them. */
const MAX_PAYLOAD_BYTES = 1_600_000;

export function onFrame(parts: WorkerParts, ws: WebSocket, data: ArrayBuffer): void {
  const { sockets } = parts;
  const decoded = decodeFrame(new Uint8Array(data));
  if (!decoded.ok || decoded.frame.payload.length > MAX_PAYLOAD_BYTES) {
    sockets.close(ws, "malformed", decoded.ok ? "the frame is too large" : decoded.message);
    return;
  }
  if (sockets.read(ws).epoch === 0) {
    sockets.close(ws, "superseded", "say hello first");
    return;
  }
  const { header, payload } = decoded.frame;
  const owner = parts.instances.byId(header.instanceId);
  if (owner && owner.hostId !== sockets.read(ws).hostId) {
    sockets.close(ws, "malformed", "that instance is not placed on this host");
    return;
  }
  const verdict = takeIn(parts, header, payload);
  const { attempt, bootId, instanceId, stream } = header;
  sockets.send(ws, { type: "frame_ack", instanceId, bootId, attempt, stream, ...verdict });
  if (verdict.stored) announce(parts);
}

function takeIn(parts: WorkerParts, header: FrameHeader, payload: Uint8Array) {
  const { frames, meta, rim } = parts;
  const known = meta.get();
  if (!known || known.deletedAt !== null)
    return { next: header.end, refused: false, stored: false };
  const { ended, next } = frames.position(streamOf(header));
  // An empty last frame has no byte of its own, but says that none follows.
  const tellsEnd = header.last && !ended && header.start === next;
  if (header.end <= next && !tellsEnd) return { next, refused: false, stored: false };
  if (header.start !== next) return { next, refused: true, stored: false };
  frames.add(header, payload, rim.now());
  planRetention(parts);
  return { next: header.end, refused: false, stored: true };
}
