// Sign-in links, sessions, and device codes for `coppice login`.
import * as z from "zod";
import { count, time } from "./common.ts";
import { ROLES } from "./projects.ts";

/** Only the operator names a project and a role: everybody else's link is for their own. */
export const CreateSignInLink = z.strictObject({
  project: z.string().min(1).max(64).optional(),
  role: z.enum(ROLES).optional(),
});
export type CreateSignInLink = z.infer<typeof CreateSignInLink>;

export const SignInLinkView = z.object({
  /** `{origin}/sign-in#CODE`; works once. */
  url: z.string(),
  expiresAt: time,
});
export type SignInLinkView = z.infer<typeof SignInLinkView>;

/** What a session begins with: the code of a sign-in link, or a token. */
export const CreateSession = z.union([
  z.strictObject({ code: z.string().min(1).max(256) }),
  z.strictObject({ token: z.string().min(1).max(512) }),
]);
export type CreateSession = z.infer<typeof CreateSession>;

export const CreateDeviceCode = z.strictObject({
  /** Who asks, as the person who approves is shown it: a computer's name, for example. */
  clientName: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, "must be printable"),
});
export type CreateDeviceCode = z.infer<typeof CreateDeviceCode>;

export const NewDeviceCodeView = z.object({
  /** Secret of the client: its token is fetched with it. */
  deviceCode: z.string(),
  /** `ABCD-EFGH`: what the person compares or types. */
  userCode: z.string(),
  verificationUrl: z.string(),
  expiresAt: time,
  /** Ask no more often than this. */
  intervalS: count,
});
export type NewDeviceCodeView = z.infer<typeof NewDeviceCodeView>;

export const DeviceCodeView = z.object({
  clientName: z.string(),
  createdAt: time,
  expiresAt: time,
});
export type DeviceCodeView = z.infer<typeof DeviceCodeView>;

export const ApproveDeviceCode = z.strictObject({
  /** Not above one's own; one's own where left out, admin for the operator. */
  role: z.enum(["viewer", "developer", "admin"]).optional(),
  /** For the operator, where there is more than one project. */
  project: z.string().min(1).max(64).optional(),
});
export type ApproveDeviceCode = z.infer<typeof ApproveDeviceCode>;

export const ClaimDeviceToken = z.strictObject({ deviceCode: z.string().min(1).max(256) });
export type ClaimDeviceToken = z.infer<typeof ClaimDeviceToken>;

export const DEVICE_STATES = ["pending", "approved", "denied", "expired"] as const;

export const DeviceTokenView = z.object({
  state: z.enum(DEVICE_STATES),
  /** Shown once, with the first `approved`. */
  token: z.string().nullable(),
  /** Name of the project that the token is for. */
  project: z.string().nullable(),
});
export type DeviceTokenView = z.infer<typeof DeviceTokenView>;
