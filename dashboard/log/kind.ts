// What a line of Coppice itself tells: the ones that divide the log are drawn as dividers.
export type Kind = "program" | "crash" | "deploy" | "gap" | "note";

const GAP = /^… \d+ bytes of logs /;
/** Every exit that nobody asked for, in the words that the control plane has for it. */
const CRASH = /^(?:crashed|ran out of memory|could not be started|stalled|ended (?:after|because))/;
const DEPLOY = /^deploy \d+/;

export function kindOf(stream: string, text: string): Kind {
  if (stream !== "system") return "program";
  if (GAP.test(text)) return "gap";
  if (CRASH.test(text)) return "crash";
  return DEPLOY.test(text) ? "deploy" : "note";
}
