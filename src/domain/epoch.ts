// Who is the host: its epoch is taken by compare-and-swap, so that a copied disk is found out.

export interface Grant {
  /** 0 before the first connection. */
  readonly epoch: number;
  /** Of the `hello` that was granted this epoch. */
  readonly nonce: string | null;
  /** When the channel was accepted on which that was said, ms since the epoch. */
  readonly acceptedAt: number;
}

export interface Hello {
  readonly epoch: number;
  readonly nonce: string;
  readonly acceptedAt: number;
}

export type EpochVerdict =
  | { readonly kind: "granted"; readonly epoch: number; readonly repeated: boolean }
  /** It was on its way for longer than the one that was granted last: no word of the host as it is now. */
  | { readonly kind: "superseded" }
  | { readonly kind: "cloned" };

/**
 * A `hello` presents the last epoch that its host was granted, with a nonce made for this try and kept until an
 * answer came. The granted one gets the next; a repeat whose answer was lost gets the same again; one on an older
 * channel proves nothing; any other is a clone.
 */
export function grantEpoch(stored: Grant, hello: Hello): EpochVerdict {
  if (hello.acceptedAt < stored.acceptedAt) return { kind: "superseded" };
  if (hello.epoch === stored.epoch)
    return { kind: "granted", epoch: stored.epoch + 1, repeated: false };
  const repeats = hello.epoch === stored.epoch - 1 && hello.nonce === stored.nonce;
  return repeats ? { kind: "granted", epoch: stored.epoch, repeated: true } : { kind: "cloned" };
}
