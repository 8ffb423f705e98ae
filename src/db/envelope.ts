// Encryption of variables: AES-256-GCM, a data key for each project, itself wrapped by the master key.
//
// 1. Additional data bind a value to its place: `project|worker|name|version`; a wrapped key to its project.
// 2. A plaintext leaves this file through `decryptSnapshot`, which the objects call while they send to a host, and through
//    `openVar`, where values refer to each other, or where a hook's signature is checked. Neither is stored or shown.
import { fromBase64, randomBytes, sha256Hex, toBase64, utf8 } from "./bytes.ts";

const IV_BYTES = 12;

/** The stored form of one variable. */
export interface SealedVar {
  /** Whose it is where it is not the worker's own: the id of a group. */
  readonly owner?: string;
  readonly name: string;
  readonly version: number;
  /** base64 */
  readonly iv: string;
  /** base64 */
  readonly ciphertext: string;
}

/** What a release holds: enough to open it with the master key, and nothing readable. */
export interface SealedSet {
  readonly version: number;
  readonly wrappedKey: string;
  readonly entries: readonly SealedVar[];
}

export interface KeyPlace {
  /** 32 bytes, base64. */
  readonly masterKey: string;
  /** The one before, while keys are wrapped anew: opens what the present one does not. */
  readonly previousKey?: string | undefined;
  readonly projectId: string;
}

/** Says what is wrong with the keys, never what was encrypted. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function masterKeyOf(masterKey: string | undefined): Promise<CryptoKey> {
  let raw: Uint8Array<ArrayBuffer>;
  try {
    raw = fromBase64(masterKey ?? "");
  } catch {
    throw new EnvelopeError("COPPICE_MASTER_KEY is not base64");
  }
  if (raw.length !== 32)
    throw new EnvelopeError(`COPPICE_MASTER_KEY must be 32 bytes in base64, not ${raw.length}`);
  return importKey(raw);
}

const keyPlace = (projectId: string) => utf8(`data-key|${projectId}`);

async function wrap(raw: Uint8Array<ArrayBuffer>, place: KeyPlace): Promise<string> {
  const master = await masterKeyOf(place.masterKey);
  const iv = randomBytes(IV_BYTES);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: keyPlace(place.projectId) },
    master,
    raw,
  );
  const bytes = new Uint8Array(IV_BYTES + sealed.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(sealed), IV_BYTES);
  return toBase64(bytes);
}

/** A fresh data key for a new project, wrapped. */
export async function makeWrappedKey(place: KeyPlace): Promise<string> {
  return wrap(randomBytes(32), place);
}

async function unwrap(
  wrappedKey: string,
  masterKey: string,
  projectId: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const master = await masterKeyOf(masterKey);
  const bytes = fromBase64(wrappedKey);
  try {
    const raw = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: bytes.subarray(0, IV_BYTES), additionalData: keyPlace(projectId) },
      master,
      bytes.subarray(IV_BYTES),
    );
    return new Uint8Array(raw);
  } catch {
    return null;
  }
}

async function openRaw(wrappedKey: string, place: KeyPlace): Promise<Uint8Array<ArrayBuffer>> {
  const { masterKey, previousKey, projectId } = place;
  const raw =
    (await unwrap(wrappedKey, masterKey, projectId)) ??
    (previousKey ? await unwrap(wrappedKey, previousKey, projectId) : null);
  if (raw) return raw;
  throw new EnvelopeError(
    `COPPICE_MASTER_KEY does not open the data key of ${projectId}: it is not the key that wrapped it, or the stored key was changed`,
  );
}

/** Opens a project's data key. Throws an EnvelopeError where the master key is not the one that wrapped it. */
export async function openDataKey(wrappedKey: string, place: KeyPlace): Promise<CryptoKey> {
  return importKey(await openRaw(wrappedKey, place));
}

/** The same data key, wrapped by the present master key. Throws an EnvelopeError where neither key opens it. */
export async function rewrapKey(wrappedKey: string, place: KeyPlace): Promise<string> {
  return wrap(await openRaw(wrappedKey, place), place);
}

/** Tells one master key from another without telling anything of it. Throws an EnvelopeError where it is none. */
export async function masterMark(masterKey: string): Promise<string> {
  await masterKeyOf(masterKey);
  return (await sha256Hex(`master-key-mark|${masterKey}`)).slice(0, 16);
}

export interface VarPlace {
  readonly projectId: string;
  /** The worker's or the group's id. */
  readonly ownerId: string;
  readonly name: string;
  readonly version: number;
}

const varPlace = (place: VarPlace) =>
  utf8(`${place.projectId}|${place.ownerId}|${place.name}|${place.version}`);

export async function encryptVar(
  dataKey: CryptoKey,
  place: VarPlace,
  value: string,
): Promise<SealedVar> {
  const iv = randomBytes(IV_BYTES);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: varPlace(place) },
    dataKey,
    utf8(value),
  );
  return {
    name: place.name,
    version: place.version,
    iv: toBase64(iv),
    ciphertext: toBase64(new Uint8Array(sealed)),
  };
}

/** The plaintext. Throws an EnvelopeError where it was changed or belongs elsewhere. */
export async function openVar(
  dataKey: CryptoKey,
  place: VarPlace,
  sealed: SealedVar,
): Promise<string> {
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: fromBase64(sealed.iv), additionalData: varPlace(place) },
      dataKey,
      fromBase64(sealed.ciphertext),
    );
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw new EnvelopeError(
      `the variable ${place.name} (version ${place.version}) of ${place.ownerId} does not open: it was changed or belongs elsewhere`,
    );
  }
}

/** Whether a sealed value is that one; the plaintext stays here. A value that does not open is none. */
export async function holdsValue(
  dataKey: CryptoKey,
  place: VarPlace,
  { sealed, value }: { readonly sealed: SealedVar; readonly value: string },
): Promise<boolean> {
  try {
    return (await openVar(dataKey, place, sealed)) === value;
  } catch {
    return false;
  }
}

/** The variables of a snapshot in the clear. Throws an EnvelopeError where the keys or a stored value do not fit. */
export async function decryptSnapshot(
  snapshot: SealedSet,
  place: KeyPlace & { readonly workerId: string },
): Promise<Record<string, string>> {
  if (snapshot.entries.length === 0) return {};
  const dataKey = await openDataKey(snapshot.wrappedKey, place);
  const pairs = await Promise.all(
    snapshot.entries.map(async (entry): Promise<[string, string]> => {
      const ownerId = entry.owner ?? place.workerId;
      const at = { projectId: place.projectId, ownerId, ...entry };
      return [entry.name, await openVar(dataKey, at, entry)];
    }),
  );
  return Object.fromEntries(pairs);
}
