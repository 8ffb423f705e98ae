// The little of Node's library that the objects use; workerd has it under `nodejs_compat`.
declare module "node:crypto" {
  export function createHash(algorithm: "sha256"): {
    update(data: string): { digest(encoding: "base64"): string };
  };
}

declare module "node:zlib" {
  export function gzipSync(data: Uint8Array): Uint8Array;
  export function gunzipSync(
    data: Uint8Array,
    options?: { readonly maxOutputLength?: number },
  ): Uint8Array;
}
