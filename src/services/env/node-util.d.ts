// The one function of node:util that the control plane uses; the rest of Node's types stays out of it.
declare module "node:util" {
  export function parseEnv(content: string): Record<string, string | undefined>;
}
