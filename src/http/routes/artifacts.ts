// Artifacts, as hosts upload and download them: bytes in both directions, streamed, never held here.
import { z } from "@hono/zod-openapi";
import { BeginUpload, UploadView } from "../../../protocol/artifact.ts";
import { headArtifact, readArtifact } from "../../services/artifacts/find.ts";
import { putArtifact } from "../../services/artifacts/put.ts";
import {
  abortUpload,
  beginUpload,
  completeUpload,
  putPart,
} from "../../services/artifacts/upload.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { body, json } from "../schemas.ts";

const tags = ["Agent"];
const path = "/v1/agent/artifacts/{sha256}";
const BYTES = "application/octet-stream";
const sha256 = z.string().openapi({ description: "Digest of the packed bytes, in hex." });
const Params = z.object({ sha256 });
const PartParams = Params.extend({ part: z.coerce.number().int().min(1).max(10_000) });
const bytes = { content: { [BYTES]: { schema: z.string() } } };
const done = { description: "It is stored." };

const getRoute = defineRoute("public", {
  method: "get",
  path,
  operationId: "readArtifact",
  summary: "An artifact of the host's project; `Range: bytes=N-` goes on where a download was cut.",
  tags,
  request: { params: Params },
  responses: {
    200: { description: "All of it.", ...bytes },
    206: { description: "The rest of it.", ...bytes },
  },
  problems: ["unauthenticated", "not_found"],
});

const putRoute = defineRoute("public", {
  method: "put",
  path,
  operationId: "putArtifact",
  summary: "Store an artifact as a whole; its bytes are the body.",
  tags,
  request: { params: Params },
  responses: { 200: { description: "It was stored already." }, 201: done },
  problems: ["unauthenticated", "not_found", "body_too_large", "artifact_mismatch", "conflict"],
});

const beginRoute = defineRoute("public", {
  method: "post",
  path: `${path}/upload`,
  operationId: "beginUpload",
  summary: "Begin to upload an artifact in parts, or learn which parts are there.",
  tags,
  request: { params: Params, body: body(BeginUpload, true) },
  responses: { 200: json(UploadView, "What is there.") },
  problems: ["unauthenticated", "not_found", "conflict"],
});

const partRoute = defineRoute("public", {
  method: "put",
  path: `${path}/upload/{part}`,
  operationId: "putPart",
  summary: "Store a part; its bytes are the body.",
  tags,
  request: { params: PartParams },
  responses: { 204: done },
  problems: ["unauthenticated", "not_found", "conflict"],
});

const completeRoute = defineRoute("public", {
  method: "post",
  path: `${path}/upload/complete`,
  operationId: "completeUpload",
  summary: "Join the parts and verify the whole; only then it counts.",
  tags,
  request: { params: Params },
  responses: { 204: done },
  problems: ["unauthenticated", "not_found", "artifact_mismatch", "conflict"],
});

const abortRoute = defineRoute("public", {
  method: "delete",
  path: `${path}/upload`,
  operationId: "abortUpload",
  summary: "Give an upload up: nothing of it is kept.",
  tags,
  request: { params: Params },
  responses: { 204: { description: "Nothing of it is left." } },
  problems: ["unauthenticated", "not_found"],
});

export function artifactRoutes(api: Api): void {
  api.openapi(getRoute, async (c) => {
    const { call } = c.var;
    const { sha256 } = c.req.valid("param");
    const headers = new Headers({ "content-type": BYTES, "accept-ranges": "bytes" });
    if (c.req.method === "HEAD") {
      const found = await headArtifact(call, c.req.raw, sha256);
      headers.set("content-length", String(found.bytes));
      return new Response(null, { headers });
    }
    const found = await readArtifact(call, c.req.raw, sha256);
    if ("beyond" in found) {
      headers.set("content-range", `bytes */${found.beyond}`);
      return new Response(null, { status: 416, headers });
    }
    const { start } = found;
    headers.set("content-length", String(found.bytes - start));
    if (start > 0) headers.set("content-range", `bytes ${start}-${found.bytes - 1}/${found.bytes}`);
    return new Response(found.body, { status: start > 0 ? 206 : 200, headers });
  });
  api.openapi(putRoute, async (c) => {
    const isNew = await putArtifact(c.var.call, c.req.raw, c.req.valid("param").sha256);
    return c.body(null, isNew ? 201 : 200);
  });
  api.openapi(beginRoute, async (c) => {
    const { sha256 } = c.req.valid("param");
    const { bytes } = c.req.valid("json");
    return c.json(await beginUpload(c.var.call, { request: c.req.raw, sha256, bytes }), 200);
  });
  api.openapi(completeRoute, async (c) => {
    await completeUpload(c.var.call, c.req.raw, c.req.valid("param").sha256);
    return c.body(null, 204);
  });
  api.openapi(partRoute, async (c) => {
    const { part, sha256 } = c.req.valid("param");
    await putPart(c.var.call, { request: c.req.raw, sha256, part });
    return c.body(null, 204);
  });
  api.openapi(abortRoute, async (c) => {
    await abortUpload(c.var.call, c.req.raw, c.req.valid("param").sha256);
    return c.body(null, 204);
  });
}
