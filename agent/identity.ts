// Who this host is: agent.json in the state directory, made by `join`, and the assertion on each connect.
//
// 1. The private key never leaves the file (0600), which is replaced atomically.
// 2. A nonce is stored before the try it belongs to and kept until a welcome came; the epoch is stored before it is acted on.
import {
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { mkdirSync } from "node:fs";
import { join as joinPath } from "node:path";
import * as z from "zod";
import type { Capacity, HostFacts } from "../protocol/channel.ts";
import { Problem } from "../protocol/problems.ts";
import type { JoinRequest } from "../protocol/rest.ts";
import { readIfThere, replaceFile } from "./durable.ts";

const PrivateJwk = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
});

export const Identity = z.object({
  url: z.url(),
  hostId: z.string().min(1),
  projectId: z.string().min(1),
  project: z.string(),
  name: z.string(),
  slots: z.int().min(0),
  /** Where it was said when joining; else all that the machine has. */
  memoryBytes: z.int().min(0).optional(),
  cpus: z.number().min(0).optional(),
  key: PrivateJwk,
  epoch: z.int().min(0),
  /** Of the try that was not answered yet. */
  nonce: z.string().nullable(),
  /** The control plane's numbers, so that a restarted agent keeps to them before it is welcomed. */
  policy: z.unknown(),
});
export type Identity = z.infer<typeof Identity>;

export function identityPath(state: string): string {
  return joinPath(state, "agent.json");
}

export type LoadedIdentity =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly message: string };

export function loadIdentity(state: string): LoadedIdentity {
  const path = identityPath(state);
  const text = readIfThere(path);
  if (text === null) {
    return {
      ok: false,
      message: `this host has not joined a project: run \`coppice-agent join --state ${state} --url URL\` with the join token in TOKEN`,
    };
  }
  try {
    const parsed = Identity.safeParse(JSON.parse(text));
    if (parsed.success) return { ok: true, identity: parsed.data };
  } catch {}
  return { ok: false, message: `${path} is damaged: remove it and join again` };
}

/** The identity with the two things in it that change; each change is on disk before it is returned. */
export class IdentityFile {
  readonly #state: string;
  readonly #key: KeyObject;
  #identity: Identity;

  constructor(state: string, identity: Identity) {
    this.#state = state;
    this.#identity = identity;
    this.#key = createPrivateKey({ key: identity.key as JsonWebKey, format: "jwk" });
  }

  get(): Identity {
    return this.#identity;
  }

  /** The nonce of the outstanding try; a new one only where the last try was answered. */
  nonce(): string {
    if (this.#identity.nonce !== null) return this.#identity.nonce;
    const nonce = randomBytes(24).toString("base64url");
    this.#save({ nonce });
    return nonce;
  }

  granted(epoch: number, policy: unknown): void {
    this.#save({ epoch, policy, nonce: null });
  }

  /** Says who connects, for a minute: a compact EdDSA JWT. */
  assertion(nowMs: number): string {
    const iat = Math.floor(nowMs / 1_000);
    const claims = { iss: this.#identity.hostId, aud: "coppice", iat, exp: iat + 60 };
    const head = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode(claims)}`;
    return `${head}.${sign(null, Buffer.from(head), this.#key).toString("base64url")}`;
  }

  #save(change: Partial<Identity>): void {
    const identity = { ...this.#identity, ...change };
    replaceFile(identityPath(this.#state), `${JSON.stringify(identity, null, 2)}\n`);
    this.#identity = identity;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const Joined = z.object({
  hostId: z.string(),
  projectId: z.string(),
  project: z.string(),
  name: z.string(),
});

export interface JoinOptions {
  readonly state: string;
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly capacity: Capacity;
  /** What of the capacity was said, and so holds though the machine changes. */
  readonly said: Pick<Identity, "slots" | "memoryBytes" | "cpus">;
  readonly place: Pick<JoinRequest, "labels" | "region">;
  readonly facts: HostFacts;
  readonly fetch: typeof fetch;
}

export type JoinOutcome =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly message: string };

/** Spends the join token for a host id; the key pair is made here and only its public half is sent. */
export async function joinProject(options: JoinOptions): Promise<JoinOutcome> {
  const { state, token, name, capacity, said, place, facts } = options;
  if (!/^https?:\/\//.test(options.url) || !URL.canParse(options.url))
    return {
      ok: false,
      message: `--url ${options.url} is not an http(s) address: give the control plane's`,
    };
  const url = options.url.replace(/\/+$/, "");
  const already = loadIdentity(state);
  if (already.ok) {
    const { name: host, project } = already.identity;
    return {
      ok: false,
      message: `${state} already belongs to host ${host} of project ${project}: use another --state, or remove agent.json there once that host was removed`,
    };
  }
  const pair = generateKeyPairSync("ed25519");
  const key = PrivateJwk.parse(pair.privateKey.export({ format: "jwk" }));
  let response: Response;
  try {
    response = await options.fetch(`${url}/v1/agent/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, name, publicKey: key.x, capacity, facts, ...place }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      ok: false,
      message: `${url} cannot be reached (${cause instanceof Error ? cause.message : cause}): check --url and the network, then join again`,
    };
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.status !== 201) return { ok: false, message: refusal(url, response.status, body) };
  const joined = Joined.safeParse(body);
  if (!joined.success)
    return {
      ok: false,
      message: `${url} did not answer like a control plane of Coppice: check --url`,
    };
  const identity: Identity = {
    url,
    ...joined.data,
    ...said,
    key,
    epoch: 0,
    nonce: null,
    policy: {},
  };
  mkdirSync(state, { recursive: true, mode: 0o700 });
  replaceFile(identityPath(state), `${JSON.stringify(identity, null, 2)}\n`);
  return { ok: true, identity };
}

function refusal(url: string, status: number, body: unknown): string {
  const problem = Problem.partial().safeParse(body);
  const said = problem.success
    ? [problem.data.title, problem.data.detail].filter(Boolean).join(": ")
    : "";
  return said !== "" ? said : `${url} answered ${status}: check --url, then join again`;
}
