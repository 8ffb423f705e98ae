// What the HTTP API answers with and takes, besides the spec; a file per noun. Wire names are kept stable.

export { listOf, PageQuery } from "./rest/common.ts";
export * from "./rest/config.ts";
export * from "./rest/deploys.ts";
export * from "./rest/env.ts";
export * from "./rest/hooks.ts";
export * from "./rest/hosts.ts";
export * from "./rest/logs.ts";
export * from "./rest/projects.ts";
export * from "./rest/releases.ts";
export * from "./rest/sign-in.ts";
export * from "./rest/workers.ts";
