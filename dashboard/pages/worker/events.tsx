// The timeline of a worker: what happened, who or what caused it; and beside it the instances as they are now.
import type { EventView } from "../../../protocol/rest.ts";
import { pageDeploy } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Loading } from "../../parts/basics.tsx";
import { EVENT_TONE } from "../../parts/words.ts";
import { plain } from "../../text/plain.ts";
import { clock, day, full } from "../../text/time.ts";
import { CrashDetails } from "./crash.tsx";
import { CrashGroups } from "./crash-groups.tsx";
import { Instances } from "./instances.tsx";

export function EventsTab({ live }: { live: WorkerLive }) {
  const events = live.events.value;
  return (
    <div class="two">
      <section aria-labelledby="timeline">
        <h2 id="timeline">What happened</h2>
        {events === null && <Loading what="the timeline" />}
        {events !== null && events.length === 0 && <p class="soft">Nothing yet.</p>}
        {events !== null &&
          byDay(events).map(([title, items]) => (
            <div key={title} class="day">
              <h3>{title}</h3>
              <ol class="timeline">
                {items.map((event) => (
                  <Entry key={event.id} live={live} event={event} />
                ))}
              </ol>
            </div>
          ))}
        {live.moreEvents.value !== null && (
          <Action run={live.readEvents}>Show earlier events</Action>
        )}
      </section>
      <div>
        <Instances live={live} />
        <CrashGroups live={live} />
      </div>
    </div>
  );
}

function byDay(events: readonly EventView[]): [string, EventView[]][] {
  return [...Map.groupBy(events, (event) => day(event.at))];
}

function Entry({ live, event }: { live: WorkerLive; event: EventView }) {
  const line = (
    <>
      <time dateTime={event.at} title={full(event.at)}>
        {clock(event.at)}
      </time>
      <span class="dot" aria-hidden="true" />
      <span class="what">
        <bdi>{plain(event.message)}</bdi>
        {event.actor !== "coppice" && (
          <span class="soft actor">
            {" "}
            by <bdi>{plain(event.actor)}</bdi>
          </span>
        )}
      </span>
    </>
  );
  const tone = EVENT_TONE[event.kind];
  if (event.crash !== null) {
    return (
      <li class={tone}>
        <details class="entry">
          <summary>{line}</summary>
          <CrashDetails live={live} id={event.crash} />
        </details>
      </li>
    );
  }
  const isDeploy = event.kind.startsWith("deploy_") && event.deploy !== null;
  return (
    <li class={tone}>
      <div class="entry">
        {line}
        {isDeploy && event.deploy !== null && (
          <a class="small" href={pageDeploy(live.project, live.name, event.deploy)}>
            deploy {event.deploy}
          </a>
        )}
      </div>
    </li>
  );
}
