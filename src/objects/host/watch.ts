// Watches the host: one alarm a minute while all is well, and never late when it is not.
//
// 1. The alarm stands at last contact + lost-after; when it fires, only newer contact moves it on. Where something is
//    amiss it stands at suspect-after once: the projection that follows each alarm tells people.
// 2. Its workers are told after a census: whether it is this host alone, or half of the project's.
// 3. An alarm that comes late judges nobody: the object stood still, and what the host said meanwhile may still come.
//    It gives silence a fresh term, once, which is stored: late again with no word since, it judges all the same.
// 4. Whoever is declared lost also loses the channel: a host that lives connects anew and says `hello`.
import { judgeLiveness, mayJudge } from "../../domain/liveness.ts";
import type { Standing } from "../agenda.ts";
import { takeCensusSoon } from "./census.ts";
import { heardAt, silentFrom, statusNow, termOf } from "./liveness.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";

export function watchHost(parts: HostParts): Standing {
  const { rim, sockets, store } = parts;
  const isWatched = () => store.meta()?.status === "online";
  return {
    due: () => {
      const from = isWatched() ? silentFrom(parts) : null;
      if (from === null) return null;
      const isConnected = sockets.greeted().length > 0;
      const { heartbeat } = rim.policy;
      return judgeLiveness(from, rim.now(), heartbeat, isConnected).lookAt ?? rim.now();
    },
    run: (now) => {
      const heard = heardAt(parts);
      if (heard === null || statusNow(parts) !== "lost" || !isWatched()) return;
      const { heartbeat } = rim.policy;
      if (termOf(parts) !== null || mayJudge(heard + heartbeat.lostMs, now, heartbeat))
        declareLost(parts);
      else store.update({ termFrom: now });
    },
  };
}

function declareLost(parts: HostParts): void {
  const { rim, sockets, store } = parts;
  store.update({
    status: "lost",
    lastHeardAt: heardAt(parts),
    lostAt: rim.now(),
    connected: false,
    thawedByHand: false,
  });
  for (const ws of sockets.open("host"))
    sockets.close(ws, "superseded", "this channel was silent for too long; connect again");
  takeCensusSoon(parts);
  queueProjection(parts);
}
