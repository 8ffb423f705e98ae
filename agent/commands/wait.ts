// `coppice-agent wait`: until the host is online; then its name and where it can be seen.
import { loadIdentity } from "../identity.ts";
import { readStanding } from "../standing.ts";
import { type Args, Refusal } from "./args.ts";

const LOOK_MS = 100;

export async function wait({ state, timeoutS }: Args): Promise<void> {
  const until = performance.now() + timeoutS * 1_000;
  for (;;) {
    const standing = readStanding(state);
    const loaded = loadIdentity(state);
    if (loaded.ok && standing?.channel === "open") {
      const { name, project, url } = loaded.identity;
      process.stdout.write(`host ${name} is online\n${url}/p/${project}/hosts\n`);
      return;
    }
    if (!loaded.ok || standing?.channel === "refused" || performance.now() > until) {
      const why = loaded.ok ? (standing?.reason ?? "no agent runs here") : loaded.message;
      throw new Refusal(`not online: ${why}`);
    }
    await new Promise((later) => setTimeout(later, LOOK_MS));
  }
}
