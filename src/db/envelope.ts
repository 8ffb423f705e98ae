// Encryption of variables: AES-256-GCM, a data key for each project, itself wrapped by the master key.
//
// 1. Additional data bind a value to its place: `project|worker|name|version`; a wrapped key to its project.
// 2. A plaintext leaves this file only through `decryptSnapshot`, which the objects call while they send to a host.
import { fromBase64, randomBytes, toBase64, utf8 } from "./bytes.ts";

const IV_BYTES = 12;

/** The stored form of one variable. */
export interface SealedVar {
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

/** A fresh data key for a new project, wrapped. */
export async function makeWrappedKey(place: KeyPlace): Promise<string> {
  const master = await masterKeyOf(place.masterKey);
  const iv = randomBytes(IV_BYTES);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: keyPlace(place.projectId) },
    master,
    randomBytes(32),
  );
  const bytes = new Uint8Array(IV_BYTES + sealed.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(sealed), IV_BYTES);
  return toBase64(bytes);
}

/** Opens a project's data key. Throws an EnvelopeError where the master key is not the one that wrapped it. */
export async function openDataKey(wrappedKey: string, place: KeyPlace): Promise<CryptoKey> {
  const master = await masterKeyOf(place.masterKey);
  const bytes = fromBase64(wrappedKey);
  try {
    const raw = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: bytes.subarray(0, IV_BYTES),
        additionalData: keyPlace(place.projectId),
      },
      master,
      bytes.subarray(IV_BYTES),
    );
    return await importKey(new Uint8Array(raw));
  } catch {
    throw new EnvelopeError(
      `COPPICE_MASTER_KEY does not open the data key of ${place.projectId}: it is not the key that wrapped it, or the stored key was changed`,
    );
  }
}

export interface VarPlace {
  readonly projectId: string;
  readonly workerId: string;
  readonly name: string;
  readonly version: number;
}

const varPlace = (place: VarPlace) =>
  utf8(`${place.projectId}|${place.workerId}|${place.name}|${place.version}`);

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

async function decryptVar(dataKey: CryptoKey, place: VarPlace, sealed: SealedVar): Promise<string> {
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: fromBase64(sealed.iv), additionalData: varPlace(place) },
      dataKey,
      fromBase64(sealed.ciphertext),
    );
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw new EnvelopeError(
      `the variable ${place.name} (version ${place.version}) of ${place.workerId} does not open: it was changed or belongs elsewhere`,
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
    return (await decryptVar(dataKey, place, sealed)) === value;
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
      const at = { projectId: place.projectId, workerId: place.workerId, ...entry };
      return [entry.name, await decryptVar(dataKey, at, entry)];
    }),
  );
  return Object.fromEntries(pairs);
}
