// What a build writes, as it writes it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { BuildLogLine } from "../../../protocol/rest.ts";
import { apiWorker } from "../../api/paths.ts";
import { follow, type Link } from "../../live/stream.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { LogView } from "../../log/view.ts";
import { LiveMark } from "../../parts/link.tsx";
import "../../style/log.css";

export default function BuildLog({ live, number }: { live: WorkerLive; number: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const link = useSignal<Link>({ phase: "opening" });
  const ended = useSignal(false);
  const view = useSignal<LogView | null>(null);
  useEffect(() => {
    if (scroller.current === null) return;
    const mine = new LogView(scroller.current);
    view.value = mine;
    const stop = follow({
      path: `${apiWorker(live.project, live.name)}/deploys/${number}/log`,
      query: { follow: 1 },
      endsWith: "end",
      onEvent: ({ event, data }) => {
        if (event === "end") ended.value = true;
        else mine.push([JSON.parse(data) as BuildLogLine]);
      },
      onLink: (now) => {
        link.value = now;
      },
    });
    return () => {
      stop();
      mine.close();
    };
  }, [live, number]);
  return (
    <section class="logs build" aria-labelledby="build-log">
      <div class="title">
        <h3 id="build-log">Build log</h3>
        {!ended.value && <LiveMark link={link} />}
      </div>
      <div class="log-frame">
        <div
          ref={scroller}
          class="log following wrap"
          role="log"
          aria-live="off"
          aria-label="Lines of the build, oldest first"
          tabIndex={0}
        />
        {view.value?.empty.value && (
          <p class="log-empty soft">
            {ended.value
              ? "The build wrote nothing."
              : "Nothing yet; it appears here as it is written."}
          </p>
        )}
      </div>
    </section>
  );
}
