// What opens a private repository, per worker: a token for https, or a deploy key for ssh. Goes in, never comes out.
import * as z from "zod";
import { time } from "./rest/common.ts";
import { repoIsLocal } from "./spec.ts";

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");

/** Lines of text as a file has them. */
const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((one) => !one.includes("\0"), "must not contain NUL");

export const GitCredential = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("token"),
    /** Most forges take any name beside a token. */
    username: line(255).default("x-access-token"),
    token: line(4_096),
  }),
  z.strictObject({
    kind: z.literal("ssh_key"),
    privateKey: text(16_384).refine(
      (key) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key.trimStart()),
      "must be a private key in PEM or OpenSSH's form, without a passphrase",
    ),
    /** Lines of a known_hosts file: no other server is believed. Null trusts the first key that a server shows. */
    knownHosts: text(65_536).nullable().default(null),
  }),
]);
export type GitCredential = z.infer<typeof GitCredential>;

/**
 * The server that a repository's address leads to, with its scheme, user and port: what a credential is shown to. Written
 * in another way, `git@host:path` or with the usual port, it is the same. An address that `refuseRepo` refuses has none.
 */
export function repoOrigin(repo: string): string | null {
  if (repoIsLocal(repo)) return "file://";
  if (/^https:\/\//.test(repo)) return URL.canParse(repo) ? new URL(repo).origin : null;
  const [, user, host, port] =
    /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:@/[\]]+)(?::(\d*))?(?:\/|$)/.exec(repo) ??
    /^([^@/:]+)@([^@:/]+):/.exec(repo) ??
    [];
  if (!host) return null;
  const at = port && port !== "22" ? `:${port}` : "";
  return `ssh://${user ? `${user}@` : ""}${host.toLowerCase()}${at}`;
}

/** What there is, without what is secret in it. */
export const GitCredentialView = z.object({
  /** Null where none is set for the server of its repository. */
  kind: z.enum(["token", "ssh_key"]).nullable(),
  updatedAt: time.nullable(),
});
export type GitCredentialView = z.infer<typeof GitCredentialView>;
