// Hosts in network namespaces of their own, on a bridge: a cut takes the host's cable off the bridge, so that nothing
// answers and nothing refuses, as when a real network goes silent. Needs root and iproute2.
import { execFileSync } from "node:child_process";

const PREFIX = `cpc${process.pid % 10_000}`;
const BRIDGE = `${PREFIX}b`;
/** TEST-NET-2: nobody routes it. */
export const GATEWAY = "198.51.100.1";

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

/** Why namespaces can't be had here; null where they can. */
export function whyNoNamespaces(): string | null {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    ip("netns", "add", `${PREFIX}t`);
    ip("link", "add", `${PREFIX}t`, "type", "bridge");
    return null;
  } catch (error) {
    return `network namespaces can't be made here: ${String(error).split("\n")[0]}`;
  } finally {
    for (const args of [
      ["netns", "del", `${PREFIX}t`],
      ["link", "del", `${PREFIX}t`],
    ]) {
      try {
        ip(...args);
      } catch {}
    }
  }
}

export class Networks {
  readonly #names: string[];

  /** A namespace for each name, which reaches the gateway, where the control plane listens. */
  constructor(names: readonly string[]) {
    this.#names = [...names];
    ip("link", "add", BRIDGE, "type", "bridge");
    ip("addr", "add", `${GATEWAY}/24`, "dev", BRIDGE);
    ip("link", "set", BRIDGE, "up");
    for (const [i, name] of names.entries()) {
      const [space, outer, inner] = [this.#space(name), this.#cable(name), `${PREFIX}i${i}`];
      ip("netns", "add", space);
      ip("link", "add", outer, "type", "veth", "peer", "name", inner);
      ip("link", "set", inner, "netns", space);
      ip("link", "set", outer, "master", BRIDGE);
      ip("link", "set", outer, "up");
      ip("-n", space, "addr", "add", `198.51.100.${i + 2}/24`, "dev", inner);
      ip("-n", space, "link", "set", inner, "up");
      ip("-n", space, "link", "set", "lo", "up");
    }
  }

  #space(name: string): string {
    return `${PREFIX}-${name}`;
  }

  #cable(name: string): string {
    return `${PREFIX}o${this.#names.indexOf(name)}`;
  }

  /** What a host's keeper and agent run in. The file systems, cgroups among them, stay the machine's own. */
  within(name: string): readonly string[] {
    return ["nsenter", `--net=/run/netns/${this.#space(name)}`];
  }

  cut(name: string): void {
    ip("link", "set", this.#cable(name), "nomaster");
  }

  mend(name: string): void {
    ip("link", "set", this.#cable(name), "master", BRIDGE);
  }

  remove(): void {
    for (const name of this.#names) ip("netns", "del", this.#space(name));
    ip("link", "del", BRIDGE);
  }
}
