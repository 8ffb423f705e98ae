// Signing a client in that has no browser of its own (`coppice login`): it shows a code, a person approves it.
import {
  ApproveDeviceCode,
  ClaimDeviceToken,
  CreateDeviceCode,
  DeviceCodeView,
  DeviceTokenView,
  NewDeviceCodeView,
} from "../../../protocol/rest.ts";
import { claimDeviceToken } from "../../services/device/claim.ts";
import { createDeviceCode } from "../../services/device/create.ts";
import { approveDevice, denyDevice } from "../../services/device/decide.ts";
import { getDeviceCode } from "../../services/device/get.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { clientAddress } from "../client-address.ts";
import { body, json, UserCodeParams } from "../schemas.ts";
import { ownOrigin } from "../session-cookie.ts";

const tags = ["Sign-in"];
const one = "/v1/device-codes/{userCode}";

const createRoute = defineRoute("public", {
  method: "post",
  path: "/v1/device-codes",
  operationId: "createDeviceCode",
  summary: "Ask for a token that a signed-in person is to approve.",
  tags,
  request: { body: body(CreateDeviceCode, true) },
  responses: { 201: json(NewDeviceCodeView, "The codes; show `userCode` and `verificationUrl`.") },
  problems: ["rate_limited"],
});

const claimRoute = defineRoute("public", {
  method: "post",
  path: "/v1/device-codes/token",
  operationId: "claimDeviceToken",
  summary: "How it stands with a device code; the token, once, when it was approved.",
  tags,
  request: { body: body(ClaimDeviceToken, true) },
  responses: { 200: json(DeviceTokenView, "The state; ask again while it is `pending`.") },
  problems: ["rate_limited"],
});

const getRoute = defineRoute("device-codes.read", {
  method: "get",
  path: one,
  operationId: "getDeviceCode",
  summary: "Which client shows this code.",
  tags,
  request: { params: UserCodeParams },
  responses: { 200: json(DeviceCodeView, "The client that asks.") },
  problems: ["not_found", "rate_limited"],
});

const approveRoute = defineRoute("device-codes.decide", {
  method: "post",
  path: `${one}/approve`,
  operationId: "approveDeviceCode",
  summary: "Give the client that shows this code a token.",
  tags,
  request: { params: UserCodeParams, body: body(ApproveDeviceCode, false) },
  responses: { 204: { description: "It is approved; the client fetches its token." } },
  problems: ["not_found", "conflict", "rate_limited"],
});

const denyRoute = defineRoute("device-codes.decide", {
  method: "post",
  path: `${one}/deny`,
  operationId: "denyDeviceCode",
  summary: "Turn the client that shows this code away.",
  tags,
  request: { params: UserCodeParams },
  responses: { 204: { description: "It is denied." } },
  problems: ["not_found", "conflict", "rate_limited"],
});

export function deviceRoutes(api: Api): void {
  api.openapi(createRoute, async (c) => {
    const from = { origin: ownOrigin(c), address: clientAddress(c.req.raw) };
    return c.json(await createDeviceCode(c.var.call, c.req.valid("json"), from), 201);
  });
  api.openapi(claimRoute, async (c) => {
    const { deviceCode } = c.req.valid("json");
    return c.json(await claimDeviceToken(c.var.call, deviceCode, clientAddress(c.req.raw)), 200);
  });
  api.openapi(getRoute, async (c) =>
    c.json(await getDeviceCode(c.var.admitted, c.req.valid("param").userCode), 200),
  );
  api.openapi(approveRoute, async (c) => {
    const { userCode } = c.req.valid("param");
    await approveDevice(c.var.admitted, userCode, c.req.valid("json"));
    return c.body(null, 204);
  });
  api.openapi(denyRoute, async (c) => {
    await denyDevice(c.var.admitted, c.req.valid("param").userCode);
    return c.body(null, 204);
  });
}
