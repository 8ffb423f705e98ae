// The Logs tab: one query box mirrored in the address, the live lines, and what one does with them.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { WorkerLive } from "../../live/worker.ts";
import { LogController } from "../../log/controller.ts";
import { Action, Notice } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { LinkState } from "../../parts/link.tsx";
import "../../style/log.css";

const KEYS = [
  ["/", "to the query box"],
  ["f", "follow or pause"],
  ["j k", "next, previous line"],
  ["n N", "next, previous crash or deploy"],
  ["c", "copy the address of the line"],
  ["w", "wrap long lines, or not"],
  ["?", "this list"],
] as const;

export default function LogsTab({ live }: { live: WorkerLive }) {
  const { query: asking, path, route } = useLocation();
  const scroller = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const log = useSignal<LogController | null>(null);
  const asked = asking.q ?? "";
  const at = asking.at ?? null;
  const typed = useSignal(asked);
  const wrap = useSignal(true);
  const help = useSignal(false);

  useEffect(() => {
    typed.value = asked;
    if (scroller.current === null) return;
    const { project, name } = live;
    const mine = new LogController({ scroller: scroller.current, project, name, query: asked, at });
    log.value = mine;
    return () => mine.close();
  }, [live, asked, at]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const on = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        on.closest("input,textarea,select,dialog")
      )
        return;
      const mine = log.value;
      if (mine === null) return;
      const actions: Record<string, () => void> = {
        "/": () => box.current?.focus(),
        f: () => mine.toggleFollow(),
        j: () => mine.step(1, ".line"),
        k: () => mine.step(-1, ".line"),
        n: () => mine.step(1, ".line.crash, .line.deploy"),
        N: () => mine.step(-1, ".line.crash, .line.deploy"),
        c: () => void mine.copyAddress(),
        w: () => (wrap.value = !wrap.value),
        "?": () => (help.value = true),
      };
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  const search = (event: Event) => {
    event.preventDefault();
    const value = typed.value.trim();
    // Without the query the chosen line is shown among all the others.
    const around = asked !== "" && value === "" ? log.value?.chosenAt : null;
    const wish = { ...(value ? { q: value } : {}), ...(around ? { at: around } : {}) };
    const query = new URLSearchParams(wish).toString();
    route(query ? `${path}?${query}` : path, true);
  };
  const mine = log.value;
  const { paused, waiting, empty } = mine?.view ?? {};
  return (
    <section class="logs" aria-label="Logs">
      <form class="log-bar" role="search" onSubmit={search}>
        <input
          ref={box}
          type="search"
          aria-label="Query"
          placeholder="instance:2 release:v12 stream:stderr text"
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="button">
          Search
        </button>
        <Action run={() => mine?.toggleFollow()}>{paused?.value ? "Follow" : "Pause"}</Action>
        <Action run={() => (wrap.value = !wrap.value)}>{wrap.value ? "No wrap" : "Wrap"}</Action>
        <Action run={() => mine?.download()}>Download</Action>
        <Action kind="quiet" label="Keys" run={() => (help.value = true)}>
          ?
        </Action>
      </form>
      {mine !== null && <LinkState link={mine.link} heardAt={live.heardAt} />}
      {mine?.said.value && (
        <Notice tone="none">
          <p role="status">{mine.said.value}</p>
        </Notice>
      )}
      <div class="log-frame">
        {mine?.hasEarlier.value && (
          <div class="earlier">
            <Action kind="quiet" run={() => mine.loadEarlier()}>
              Show earlier lines
            </Action>
          </div>
        )}
        <div
          ref={scroller}
          class={`log following ${wrap.value ? "wrap" : ""}`}
          role="log"
          aria-live="off"
          aria-label="Log lines, oldest first"
          tabIndex={0}
        />
        {empty?.value && (
          <p class="log-empty soft">
            {asked === ""
              ? "No line yet. New ones appear here as they are written."
              : "No line fits the query yet."}
          </p>
        )}
        {paused?.value && (
          <button type="button" class="button main new-lines" onClick={() => mine?.toggleFollow()}>
            {waiting?.value ? `${waiting.value.toLocaleString()} new lines ↓` : "Paused · go on ↓"}
          </button>
        )}
      </div>
      {help.value && (
        <Dialog title="Keys" close={() => (help.value = false)}>
          <dl class="keys">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key.split(" ").map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <p class="soft">
            A query shows the lines that fit and no others, not even crashes and deploys: those of
            months would hide what was asked for. Choose a line by its time and clear the query to
            see it among all others.
          </p>
        </Dialog>
      )}
    </section>
  );
}
