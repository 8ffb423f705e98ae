// A log frame: a byte range of one stream of one attempt, compressed, on the wire and in the object's store.
// Layout: u8 version = 1 · u32 big-endian length of the header · header (JSON, UTF-8) · payload (gzip).
// The object reads the header and never parses the payload on the way in.
import * as z from "zod";
import { MOST_MS, StreamKey } from "./channel.ts";

export const FRAME_VERSION = 1;
/** Header bytes, at most: 4 marks a second for 5 minutes fit many times over. */
const HEADER_BYTES = 262_144;

export const FrameHeader = StreamKey.extend({
  slot: z.int().min(0),
  release: z.int().min(0),
  /** First byte of the range in the stream. */
  start: z.int().min(0),
  /** One past the last byte. `end - start` may differ from the payload only for a gap. */
  end: z.int().min(0),
  /** Bytes that were dropped because the spool was full: the payload is empty then. */
  gap: z.boolean(),
  lines: z.int().min(0),
  /** When which part was read: each entry covers `bytes` of the raw payload. `late` where it was read long after it was written. */
  marks: z.array(
    z.object({
      at: z.number().min(-MOST_MS).max(MOST_MS),
      bytes: z.int().min(0),
      late: z.boolean().optional(),
    }),
  ),
  /** No byte follows: the attempt ended and its file is read to the end. */
  last: z.boolean(),
  /** The payload's last line was too long for a frame: it goes on in the next one. */
  cut: z.boolean().optional(),
});
export type FrameHeader = z.infer<typeof FrameHeader>;

export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Uint8Array;
}

export function encodeFrame(frame: Frame): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(frame.header));
  const bytes = new Uint8Array(5 + header.length + frame.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FRAME_VERSION);
  view.setUint32(1, header.length);
  bytes.set(header, 5);
  bytes.set(frame.payload, 5 + header.length);
  return bytes;
}

export type DecodedFrame =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly message: string };

/** Decodes one frame; never throws. The payload is a view into `bytes`. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length < 5) return { ok: false, message: "frame is shorter than its own head" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== FRAME_VERSION)
    return { ok: false, message: `unknown frame version ${view.getUint8(0)}` };
  const length = view.getUint32(1);
  if (length > HEADER_BYTES || 5 + length > bytes.length)
    return { ok: false, message: "frame header is cut off" };
  try {
    const json: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        bytes.subarray(5, 5 + length),
      ),
    );
    const header = FrameHeader.safeParse(json);
    if (!header.success)
      return { ok: false, message: `frame header: ${z.prettifyError(header.error)}` };
    if (header.data.end < header.data.start)
      return { ok: false, message: "frame ends before it starts" };
    return { ok: true, frame: { header: header.data, payload: bytes.subarray(5 + length) } };
  } catch {
    return { ok: false, message: "frame header is not JSON" };
  }
}
