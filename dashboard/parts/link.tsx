// How old what we know is: shown where the stream of a page is cut. Unknown is not down.
import type { Link } from "../live/stream.ts";
import { now, span } from "../text/time.ts";
import { Notice } from "./basics.tsx";

interface Props {
  readonly link: { readonly value: Link };
  readonly heardAt: { readonly value: number | null };
}

export function LinkState({ link, heardAt }: Props) {
  const { value } = link;
  if (value.phase === "cut") {
    const known = heardAt.value === null ? null : span(now.value - heardAt.value);
    return (
      <Notice tone="warn">
        <p role="status">
          <strong>Not connected</strong> for {span(now.value - value.since)}; trying again.{" "}
          {known === null
            ? "Nothing is known yet."
            : `What you see was known ${known} ago. Your workers run on meanwhile.`}
        </p>
      </Notice>
    );
  }
  if (value.phase === "refused") {
    return (
      <Notice tone="bad" alert>
        <p>{value.why.message}</p>
      </Notice>
    );
  }
  return null;
}

/** One quiet word: is what I see live? */
export function LiveMark({ link }: Pick<Props, "link">) {
  const words = {
    opening: "connecting …",
    open: "live",
    cut: "not connected",
    resting: "paused",
    refused: "refused",
  } as const;
  const { phase } = link.value;
  return <span class={`live-mark ${phase}`}>{words[phase]}</span>;
}
