// The page for people: no script, one hashed style, small enough for 50 components with 90 days each.
// Every bar is an item of a list with its own words; the colour only repeats them.
import { dayName, esc, timeElement } from "./escape.ts";
import type { Component, Incident, Maintenance, Model } from "./model.ts";
import { STYLE } from "./style.ts";
import { conditionSentence, conditionWords, dayWords, headlineOf, percent } from "./words.ts";

export interface Where {
  /** Scheme and host of this control plane. */
  readonly origin: string;
  /** Null for the page of all projects. */
  readonly project: string | null;
}

/** Older than this, the page says so: what it shows is a snapshot. */
const STALE_MS = 180_000;

export function pathOf({ project }: Where): string {
  return project === null ? "/status" : `/status/${encodeURIComponent(project)}`;
}

/** Where the feeds and documents of that page begin. */
export function baseOf({ project }: Where): string {
  return project === null ? "" : `/status/${encodeURIComponent(project)}`;
}

function frame(input: {
  readonly title: string;
  readonly where: Where;
  readonly head: string;
  readonly main: string;
}): string {
  const { title, where, head, main } = input;
  const base = baseOf(where);
  const brand = where.project === null ? "Status" : `Status of <bdi>${esc(where.project)}</bdi>`;
  return `<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1"><title>${title}</title><link rel=alternate type="application/atom+xml" title=Incidents href="${base}/history.atom"><style>${STYLE}</style></head><body><header><p class=brand><a href="${pathOf(where)}">${brand}</a></p>${head}</header><main>${main}</main><footer><p><a href="${base}/api/v2/summary.json">JSON</a> in the format of Statuspage v2 · <a href="${base}/history.atom">Atom feed</a> · <a href="${base}/badge.svg">Badge</a>${where.project === null ? "" : ' · <a href="/status">All projects</a>'}</p><p>Kept by Coppice.</p></footer></body></html>`;
}

const LEVEL_OF = {
  operational: "u",
  degraded_performance: "w",
  partial_outage: "x",
  major_outage: "x",
  under_maintenance: "s",
} as const;

function levelOf(one: Component): string {
  const isKnown = one.maintained || (one.kind !== null && one.kind !== "unknown");
  return isKnown ? ` class=${LEVEL_OF[one.condition]}` : "";
}

function bars(one: Component, lastDay: number): string {
  const first = lastDay - one.days.length + 1;
  const items = one.days.map((day, index) => {
    const { level, text } = dayWords(day);
    return `<li${level ? ` class=${level}` : ""}><i>${dayName(first + index)}: ${text}</i>`;
  });
  return `<ol class=d>${items.join("")}</ol>`;
}

function component(one: Component, lastDay: number): string {
  const sentence = conditionSentence(one);
  const total = one.uptime === null ? "no data yet" : `${percent(one.uptime)} uptime`;
  return `<div class=c><div class=t><h3><bdi>${esc(one.name)}</bdi></h3><p${levelOf(one)}>${conditionWords(one)}</p></div>${sentence ? `<p class=soft>${sentence}</p>` : ""}${bars(one, lastDay)}<div class=e><span>90 days ago</span><span>${total}</span><span>Today</span></div></div>`;
}

/** Components under their headings, in the order in which they came. */
export function grouped(model: Model, where: Where): { title: string | null; of: Component[] }[] {
  const groups = new Map<string, { title: string | null; of: Component[] }>();
  for (const one of model.components) {
    const parts = where.project === null ? [one.project, one.heading] : [one.heading];
    const title = parts.filter((part) => part !== null).join(" · ") || null;
    const group = groups.get(title ?? "") ?? { title, of: [] };
    group.of.push(one);
    groups.set(title ?? "", group);
  }
  return [...groups.values()];
}

const names = (of: readonly { readonly name: string }[]) =>
  of.map(({ name }) => `<bdi>${esc(name)}</bdi>`).join(", ");

const WORD = {
  investigating: "Investigating",
  identified: "Identified",
  monitoring: "Monitoring",
  resolved: "Resolved",
} as const;

function incident(one: Incident, where: Where): string {
  const project = where.project === null ? `<bdi>${esc(one.project)}</bdi>, ` : "";
  const updates = one.updates.map(
    (update) =>
      `<li><b>${WORD[update.status]}</b> <small>${timeElement(update.at)}</small><p class=m><bdi>${esc(update.message)}</bdi></p>`,
  );
  const until = one.resolvedAt === null ? "" : ` to ${timeElement(one.resolvedAt)}`;
  return `<div class=i id="${esc(one.id)}"><h3><bdi>${esc(one.name)}</bdi></h3><p class=soft>${project}impact ${one.impact}, ${timeElement(one.startedAt)}${until}. Affected: ${names(one.components)}</p><ol>${updates.join("")}</ol></div>`;
}

function maintenance(one: Maintenance, where: Where): string {
  const project = where.project === null ? `<bdi>${esc(one.project)}</bdi>, ` : "";
  return `<div class=i id="${esc(one.id)}"><h3><bdi>${esc(one.name)}</bdi></h3><p class=soft>${project}${timeElement(one.startsAt)} to ${timeElement(one.endsAt)}. Affected: ${names(one.components)}</p><p class=m><bdi>${esc(one.message)}</bdi></p></div>`;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ""
    : `<section><h2>${title}</h2><div class=box>${items.join("")}</div></section>`;
}

const LEGEND =
  "<ul class=k><li class=u>up, 99.9 % or more<li class=w>95 % or more<li class=x>less than 95 %<li class=s>out of service<li>no data</ul>";

const FORMULA =
  "<section><h2>How uptime is counted</h2><p>Uptime = (time up + ½ × time degraded) ÷ (time up + time degraded + time down), by day in UTC.</p><p class=soft>Up: all instances that its owner asked for run. Degraded: some of them do. Down: none does, or each crashes again before it has run for a while. Time for which its owner stopped it, or before its first deploy, counts neither way. Nor does time of which nothing is known: it is grey, never green. Percentages are never rounded up.</p></section>";

const SHOWN_PAST = 25;

export function renderPage(model: Model, where: Where, now: number): string {
  const { description, indicator } = headlineOf(model);
  const open = model.incidents.filter((one) => one.resolvedAt === null);
  const past = model.incidents.filter((one) => one.resolvedAt !== null).slice(0, SHOWN_PAST);
  const due = model.maintenances.filter((one) => one.endsAt > now);
  const isOld = now - model.asOf > STALE_MS;
  const isSure = indicator !== "none" || description === "All Systems Operational";
  const tone = isOld || !isSure || description === "Some Data Is Missing" ? "grey" : indicator;
  const said = isOld ? `${description}, when last seen` : description;
  const head = `<h1 class=${tone}>${sentenceCase(said)}</h1><p class=soft>Data as of ${timeElement(model.asOf)}.${isOld ? "" : " New each minute."}</p>${isOld ? `<p class=note role=status>Our records cannot be read at present. This is what was known then; it may have changed since.</p>` : ""}`;
  const groups = grouped(model, where).map(
    ({ title, of }) =>
      `<section>${title === null ? "<h2>Components</h2>" : `<h2><bdi>${esc(title)}</bdi></h2>`}<div class=box>${of.map((one) => component(one, model.lastDay)).join("")}</div></section>`,
  );
  const none =
    "<section><h2>Components</h2><p>No worker was made public yet. Owners choose which of theirs appear here.</p></section>";
  const main = [
    section(
      "Open incidents",
      open.map((one) => incident(one, where)),
    ),
    section(
      "Scheduled maintenance",
      due.map((one) => maintenance(one, where)),
    ),
    groups.length > 0 ? groups.join("") + LEGEND : none,
    section(
      "Past incidents",
      past.map((one) => incident(one, where)),
    ) || "<section><h2>Past incidents</h2><p>None in the last 90 days.</p></section>",
    FORMULA,
  ].join("");
  return frame({ title: `${esc(sentenceCase(said))} – status`, where, head, main });
}

/** When there is neither a store to read nor a snapshot of it. */
export function renderNothing(where: Where): string {
  const head = `<h1 class=grey>Nothing is known at present</h1><p class=soft>Our records cannot be read, and no earlier copy of them is at hand.</p>`;
  const main =
    "<p>This says nothing about the services themselves: they run on hosts of their own. Look again in a minute.</p>";
  return frame({ title: "Nothing is known at present – status", where, head, main });
}

export function renderAbsent(where: Where): string {
  const head = "<h1 class=grey>There is no such status page</h1>";
  const main =
    '<p>The project does not exist, or nothing of it is public. <a href="/status">All projects</a></p>';
  return frame({ title: "No such status page", where: { ...where, project: null }, head, main });
}

function sentenceCase(text: string): string {
  return text.charAt(0) + text.slice(1).toLowerCase();
}
