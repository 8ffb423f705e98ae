// The sentences of the page and its feeds. Names are put in as they are: who renders them escapes them.
import type { Impact } from "../../protocol/status-page.ts";
import { impactOf, type Step } from "../domain/incidents.ts";
import type { Component, Day, Model } from "./model.ts";

/** `Mailer`, `Mailer and API`, `Mailer, API and 3 more`. */
export function listed(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
  return [names.slice(0, -1).join(", "), names.at(-1) ?? ""].filter((one) => one).join(" and ");
}

export function incidentName(names: readonly string[], isDown: boolean): string {
  const verb = names.length === 1 ? "is" : "are";
  return `${listed(names)} ${verb} ${isDown ? "down" : "degraded"}`;
}

export function stepMessage(
  reason: Step["reason"],
  names: readonly string[],
  isDown: boolean,
): string {
  const one = names.length === 1;
  const which = listed(names);
  switch (reason) {
    case "opened":
      return isDown
        ? `${which} ${one ? "does" : "do"} not run. It is looked at each minute.`
        : `Some instances of ${which} do not run. It is looked at each minute.`;
    case "spread":
      return `${which} ${one ? "is" : "are"} affected too.`;
    case "relapsed":
      return `${which} ${one ? "is" : "are"} failing again.`;
    case "recovering":
      return `${which} ${one ? "runs" : "run"} again and ${one ? "is" : "are"} being watched.`;
    case "recovered":
      return `${which} ${one ? "has" : "have"} been running for five minutes.`;
    case "out_of_service":
      return `${which} ${one ? "was" : "were"} taken out of service by the owner.`;
  }
}

/** In a word or two, for people. */
export function conditionWords(one: Pick<Component, "kind" | "condition" | "maintained">): string {
  if (one.maintained) return "Under maintenance";
  switch (one.kind) {
    case "up":
      return "Operational";
    case "degraded":
      return "Degraded";
    case "down":
      return one.condition === "major_outage" ? "Down" : "Interrupted";
    case "stopped":
      return "Stopped by its owner";
    case "pending":
      return "Not deployed yet";
    default:
      return "No data";
  }
}

/** The same in a sentence, where the word alone would not do. */
export function conditionSentence(
  one: Pick<Component, "kind" | "condition" | "maintained">,
): string | null {
  if (one.maintained) return null;
  switch (one.kind) {
    case "degraded":
      return "Some of its instances do not run.";
    case "down":
      return "None of its instances runs.";
    case "stopped":
      return "Its owner stopped it; this is no outage.";
    case "pending":
      return "Nothing was deployed yet.";
    case "unknown":
    case null:
      return "There is no data: it may run or not.";
    default:
      return null;
  }
}

export interface Headline {
  readonly indicator: Impact;
  readonly description: string;
}

const DESCRIPTIONS = {
  minor: "Partially Degraded Service",
  major: "Partial System Outage",
  critical: "Major System Outage",
} as const;

/** The state of the whole. What is not known is never called operational. */
export function headlineOf(model: Pick<Model, "components">): Headline {
  const { components } = model;
  const isKnown = (one: Component) =>
    one.maintained || (one.kind !== null && one.kind !== "unknown");
  const known = components.map((one) => (isKnown(one) ? one.condition : "operational"));
  const indicator = impactOf(known);
  if (indicator !== "none") return { indicator, description: DESCRIPTIONS[indicator] };
  if (components.some((one) => !isKnown(one)))
    return { indicator: "minor", description: "Some Data Is Missing" };
  if (components.length === 0) return { indicator, description: "Nothing Is Published Yet" };
  const idle = components.every((one) => one.condition === "under_maintenance");
  return { indicator, description: idle ? "Out of Service" : "All Systems Operational" };
}

/** Never rounded up: only what was up all the time is 100 %. */
export function percent(share: number): string {
  return `${Math.floor(share * 10_000 + 1e-6) / 100} %`;
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `u`p, `w`obbly, down (`x`), out of service (`s`), or nothing known (empty). */
export type Level = "u" | "w" | "x" | "s" | "";

const GREEN_FROM = 0.999;
const AMBER_FROM = 0.95;

export function dayWords(day: Day): { readonly level: Level; readonly text: string } {
  if (day === 0) return { level: "", text: "no data" };
  const [up, degraded, down, unknown, idle] = day;
  const counted = up + degraded + down;
  if (counted === 0) {
    return unknown > 0 ? { level: "", text: "no data" } : { level: "s", text: "out of service" };
  }
  const share = (up + degraded / 2) / counted;
  const parts = [percent(share)];
  if (down > 0) parts.push(`down ${span(down)}`);
  if (degraded > 0) parts.push(`degraded ${span(degraded)}`);
  if (unknown >= 60) parts.push(`no data ${span(unknown)}`);
  if (idle >= 3_600) parts.push(`out of service ${span(idle)}`);
  const text = parts.join(", ");
  if (unknown > counted) return { level: "", text };
  return { level: share >= GREEN_FROM ? "u" : share >= AMBER_FROM ? "w" : "x", text };
}
