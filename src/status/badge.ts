// Badges: an SVG of our own, and what Shields needs to draw one.
import type { ShieldsBadge } from "../../protocol/statuspage.ts";
import { esc, plain } from "./escape.ts";
import type { Component, Model } from "./model.ts";
import { conditionWords, headlineOf } from "./words.ts";

export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: string;
}

const GREEN = "#2b7a37";
const AMBER = "#8f6206";
const RED = "#b3322a";
const GREY = "#5b6259";
const BLUE = "#3f5f8f";

const COLOR_OF = { none: GREEN, minor: AMBER, major: RED, critical: RED } as const;

export const UNKNOWN_BADGE: Badge = { label: "status", message: "unknown", color: GREY };

export function badgeOfAll(model: Model): Badge {
  const { indicator, description } = headlineOf(model);
  const message = description.toLowerCase();
  const isSure = indicator !== "none" || description === "All Systems Operational";
  const isGrey = !isSure || description === "Some Data Is Missing";
  return { label: "status", message, color: isGrey ? GREY : COLOR_OF[indicator] };
}

export function badgeOfOne(one: Component): Badge {
  const isKnown = one.maintained || (one.kind !== null && one.kind !== "unknown");
  const color = {
    operational: GREEN,
    degraded_performance: AMBER,
    partial_outage: RED,
    major_outage: RED,
    under_maintenance: BLUE,
  }[one.condition];
  const message = conditionWords(one).toLowerCase();
  return { label: plain(one.name), message, color: isKnown ? color : GREY };
}

export function shieldsOf({ label, message, color }: Badge): ShieldsBadge {
  return { schemaVersion: 1, label, message, color, isError: color === RED, cacheSeconds: 60 };
}

/** Wide enough for any font: the text is stretched to the width that was planned for it. */
const widthOf = (text: string) => Math.max(1, [...text].length) * 7;

export function renderBadge({ label, message, color }: Badge): string {
  const short = [...label].length > 40 ? `${[...label].slice(0, 39).join("")}…` : label;
  const [left, right] = [widthOf(short) + 12, widthOf(message) + 12];
  const text = (words: string, x: number) =>
    `<text x="${x}" y="14" textLength="${widthOf(words)}" lengthAdjust="spacingAndGlyphs">${esc(words)}</text>`;
  const title = esc(`${short}: ${message}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}"><title>${title}</title><clipPath id="r"><rect width="${left + right}" height="20" rx="4"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3a3f38"/><rect x="${left}" width="${right}" height="20" fill="${color}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(short, 6)}${text(message, left + 6)}</g></svg>`;
}
