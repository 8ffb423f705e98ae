// Kinds of crash: how each ended and what it said, how often, since which release, and on which days.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CrashGroupView } from "../../../protocol/rest.ts";
import { listCrashGroups } from "../../api/api.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { clipped } from "../../text/plain.ts";
import { full, now, roughly } from "../../text/time.ts";

const DAYS = 14;
const SHOWN = 5;

/** Nothing where none crashed: the timeline says that, too. Read anew with each crash that comes in. */
export function CrashGroups({ live }: { live: WorkerLive }) {
  const groups = useSignal<readonly CrashGroupView[]>([]);
  const newest = live.worker.value?.lastCrashAt ?? null;
  useEffect(() => {
    if (newest === null) return;
    // Single crashes stand in the timeline: without their kinds nothing is missing that needs a message.
    listCrashGroups(live.project, live.name).then(
      ({ items }) => (groups.value = items),
      () => {},
    );
  }, [newest]);
  const all = groups.value;
  if (all.length === 0) return null;
  return (
    <section class="crash-kinds" aria-labelledby="kinds">
      <h2 id="kinds">Kinds of crash</h2>
      <ul class="kinds">
        {all.slice(0, SHOWN).map((one) => (
          <Kind key={one.id} one={one} />
        ))}
      </ul>
      {all.length > SHOWN && (
        <details class="more">
          <summary>{all.length - SHOWN} more</summary>
          <ul class="kinds">
            {all.slice(SHOWN).map((one) => (
              <Kind key={one.id} one={one} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Kind({ one }: { one: CrashGroupView }) {
  const times = `${one.count} ${one.count === 1 ? "time" : "times"}`;
  return (
    <li>
      <p>
        <strong>{one.cause}</strong>{" "}
        {one.isNew && <span class="fresh">new in v{one.firstRelease}</span>}
      </p>
      {one.title !== "" && (
        <p class="said">
          <bdi>{clipped(one.title, 160)}</bdi>
        </p>
      )}
      <p class="small soft">
        {times} since v{one.firstRelease}, last{" "}
        <time dateTime={one.lastAt} title={full(one.lastAt)}>
          {roughly(now.value - Date.parse(one.lastAt))}
        </time>
      </p>
      <Trend days={one.days.slice(-DAYS)} />
    </li>
  );
}

/** A bar for each day; what it shows is in its label, too. */
function Trend({ days }: { days: CrashGroupView["days"] }) {
  const most = Math.max(1, ...days.map((day) => day.count));
  const told = days.filter((day) => day.count > 0).map((day) => `${day.date}: ${day.count}`);
  return (
    <svg
      class="trend"
      preserveAspectRatio="xMinYMax"
      viewBox={`0 0 ${days.length * 4} 12`}
      role="img"
      aria-label={`Crashes by day: ${told.join(", ") || "none of late"}`}
    >
      {days.map((day, at) => {
        const height = day.count === 0 ? 0.6 : Math.max(2, (day.count / most) * 12);
        return <rect key={day.date} x={at * 4} y={12 - height} width="3" height={height} />;
      })}
    </svg>
  );
}
