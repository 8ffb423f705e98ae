// The evidence of one crash. Read when it is opened: the newest page of crashes first, older ones as far as needed.
import { useSignal } from "@preact/signals";
import type { CrashView } from "../../../protocol/rest.ts";
import { listCrashes } from "../../api/api.ts";
import { pageWorker } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Loading, Why } from "../../parts/basics.tsx";
import { plain, uncoloured } from "../../text/plain.ts";
import { full, span } from "../../text/time.ts";

const PAGES = 25;

async function findCrash(live: WorkerLive, id: string): Promise<CrashView | null> {
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const { items, next }: Awaited<ReturnType<typeof listCrashes>> = await listCrashes(
      live.project,
      live.name,
      cursor,
    );
    const found = items.find((one) => one.id === id);
    if (found) return found;
    if (next === null) return null;
    cursor = next;
  }
  return null;
}

export function CrashDetails({ live, id }: { live: WorkerLive; id: string }) {
  const crash = useSignal<CrashView | null | "gone">(null);
  const error = useSignal<Error | null>(null);
  const wanted = useSignal(false);
  const read = async () => {
    if (wanted.value) return;
    wanted.value = true;
    try {
      crash.value = (await findCrash(live, id)) ?? "gone";
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
      wanted.value = false;
    }
  };
  return (
    <div class="evidence" ref={(element) => onOpen(element, read)}>
      <Why error={error.value} />
      {crash.value === null && error.value === null && <Loading what="the evidence" />}
      {crash.value === "gone" && <p class="soft">Its evidence is no longer kept.</p>}
      {crash.value !== null && crash.value !== "gone" && (
        <Evidence live={live} crash={crash.value} />
      )}
    </div>
  );
}

/** Runs when the `<details>` around is opened, also where it is open already. */
function onOpen(element: HTMLElement | null, run: () => void): void {
  const details = element?.closest("details");
  if (!details || details.dataset.watched === "1") return;
  details.dataset.watched = "1";
  details.addEventListener("toggle", () => details.open && run());
  if (details.open) run();
}

function how(crash: CrashView): string {
  if (crash.oom) return "out of memory";
  if (crash.signal !== null) return crash.signal;
  if (crash.exitCode !== null) return `exit code ${crash.exitCode}`;
  return "not known";
}

function Evidence({ live, crash }: { live: WorkerLive; crash: CrashView }) {
  const at = encodeURIComponent(crash.at);
  const query = encodeURIComponent(`instance:${crash.slot}`);
  const href = `${pageWorker(live.project, live.name, "logs")}?q=${query}&at=${at}`;
  return (
    <>
      <dl class="facts">
        <Fact name="Ended by" value={how(crash)} />
        <Fact name="After" value={span(crash.uptimeMs)} />
        <Fact name="Out of memory" value={crash.oom ? "yes" : "no"} />
        <Fact name="Instance" value={String(crash.slot)} />
        <Fact name="Attempt" value={String(crash.attempt)} />
        <Fact name="Release" value={`v${crash.release}`} />
        <Fact name="At" value={full(crash.at)} />
      </dl>
      {crash.detail !== null && <p>{plain(crash.detail)}</p>}
      <h4>Last lines</h4>
      <Tail lines={crash.tail} none="The program wrote nothing." />
      <a href={href}>Open logs here</a>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const SHOWN = 20;
const MOST_CHARS = 2_000;

/** Lines of a program as text; long ones wrapped and cut, most of many folded away. */
export function Tail({ lines, none }: { lines: readonly string[]; none: string }) {
  if (lines.length === 0) return <p class="soft">{none}</p>;
  const text = (some: readonly string[]) => some.map((line) => cut(line)).join("\n");
  const early = lines.slice(0, -SHOWN);
  return (
    <>
      {early.length > 0 && (
        <details class="more">
          <summary>{early.length} earlier lines</summary>
          <pre class="tail">{text(early)}</pre>
        </details>
      )}
      <pre class="tail">{text(lines.slice(-SHOWN))}</pre>
    </>
  );
}

function cut(line: string): string {
  const shown = uncoloured(line.slice(0, MOST_CHARS));
  return line.length > MOST_CHARS ? `${shown} … (${line.length} characters)` : shown;
}
