// A lost host looks around before its workers are told: where half of the project's hosts fell silent at once,
// replacement freezes until the census says otherwise.
//
// 1. The others are asked themselves: their projections may be old, and silence is projected late.
// 2. One that does not answer in time is not counted.
// 3. Where the list of hosts can't be had, nobody is told yet: there would be no place to move to either.
import type { HostId } from "../../../protocol/ids.ts";
import { openDb } from "../../db/client.ts";
import { projectHostIds } from "../../db/hosts.ts";
import { judgeBreaker, takeCensus } from "../../domain/breaker.ts";
import { type Env, hostObject } from "../../env.ts";
import type { HostSighting } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { statusNow } from "./liveness.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { tellLost } from "./tell.ts";

/** So many others are asked, chosen by chance: enough to tell half from few, however many there are. */
const ASKED = 32;
const WAIT_MS = 1_500;

export function takeCensusSoon({ agenda, rim }: HostParts): void {
  agenda.setBy("census", "", rim.now());
}

export function sighting(parts: HostParts): HostSighting {
  return { status: statusNow(parts), lostAt: parts.store.meta()?.lostAt ?? null };
}

export function thaw(parts: HostParts): void {
  if (parts.store.meta()?.status !== "lost") return;
  parts.store.update({ thawedByHand: true });
  takeCensusSoon(parts);
}

export function censusHandler(parts: HostParts): Handler {
  const { env, rim, store } = parts;
  return async () => {
    const asking = store.meta();
    if (asking?.status !== "lost") return null;
    const ids = await projectHostIds(openDb(env.DB), asking.projectId);
    const others = sample(
      ids.filter((id) => id !== asking.hostId),
      rim.random,
    );
    const seen = await Promise.all(others.map((id) => sight(env, id)));
    const meta = store.meta();
    if (meta?.status !== "lost" || meta.lostAt === null) return null;
    const sightings = [sighting(parts), ...seen.filter((one) => one !== null)];
    const { breaker } = rim.policy;
    const census = takeCensus(sightings, meta.lostAt, breaker);
    const { frozen: before, lostAt, thawedByHand } = meta;
    const frozen = judgeBreaker({ before, census, lostAt, thawedByHand }, rim.now(), breaker);
    store.update({ frozen });
    if (before === null || frozen === null) tellLost(parts);
    queueProjection(parts);
    return frozen ? rim.now() + breaker.lookMs : null;
  };
}

async function sight(env: Env, hostId: HostId): Promise<HostSighting | null> {
  const late = scheduler.wait(WAIT_MS).then(() => null);
  const asked = hostObject(env, hostId).sighting();
  return Promise.race([asked, late]).catch(() => null);
}

/** Some of them, none twice. */
function sample<T>(all: readonly T[], random: (bytes: number) => Uint8Array): T[] {
  const rest = [...all];
  const chosen: T[] = [];
  while (rest.length > 0 && chosen.length < ASKED) {
    const [high, low] = random(2) as unknown as [number, number];
    chosen.push(...rest.splice((high * 256 + low) % rest.length, 1));
  }
  return chosen;
}
