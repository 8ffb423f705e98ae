// Incidents as an Atom feed (RFC 4287): an entry each, whose text grows with its updates.
import { esc, iso } from "./escape.ts";
import type { Incident, Model } from "./model.ts";
import { baseOf, pathOf, type Where } from "./page.ts";

const ENTRIES = 50;

function entry(one: Incident, where: Where): string {
  const link = `${where.origin}${pathOf({ ...where, project: one.project })}#${one.id}`;
  const text = one.updates
    .map((update) => `${iso(update.at)} ${update.status}: ${update.message}`)
    .join("\n\n");
  return `<entry><id>tag:coppice,2026:incident/${esc(one.id)}</id><title>${esc(one.name)}</title><published>${iso(one.startedAt)}</published><updated>${iso(one.updatedAt)}</updated><link rel="alternate" type="text/html" href="${esc(link)}"/><category term="${one.status}"/><content type="text">${esc(text)}</content></entry>`;
}

/** Of a null model nothing is known: an empty feed. */
export function renderFeed(model: Model | null, where: Where, now: number): string {
  const incidents = (model?.incidents ?? []).slice(0, ENTRIES);
  const newest = Math.max(0, ...incidents.map((one) => one.updatedAt));
  const name = where.project === null ? "all projects" : where.project;
  const self = `${where.origin}${baseOf(where)}/history.atom`;
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:coppice,2026:status/${esc(where.project ?? "")}</id><title>Incidents of ${esc(name)}</title><updated>${iso(newest || (model?.asOf ?? now))}</updated><author><name>Coppice</name></author><link rel="self" type="application/atom+xml" href="${esc(self)}"/><link rel="alternate" type="text/html" href="${esc(where.origin + pathOf(where))}"/>${incidents.map((one) => entry(one, where)).join("\n")}</feed>`;
}
