// From an address to an answer: which document, of whom, with which headers. Answers are kept per model.
import type { StatuspageDocument } from "../../protocol/statuspage.ts";
import { badgeOfAll, badgeOfOne, renderBadge, shieldsOf, UNKNOWN_BADGE } from "./badge.ts";
import { renderFeed } from "./feed.ts";
import { type Asking, ModelKeeper } from "./keeper.ts";
import { type Model, modelOf } from "./model.ts";
import { renderAbsent, renderNothing, renderPage, type Where } from "./page.ts";
import { SAMPLE, SAMPLE_AT } from "./sample.ts";
import { statuspageDocument } from "./statuspage.ts";
import { STYLE } from "./style.ts";

export type Wanted =
  | { readonly form: "page" }
  | { readonly form: "document"; readonly document: StatuspageDocument }
  | { readonly form: "feed" }
  | { readonly form: "badge" | "shields"; readonly component: string | null };

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly etag: string;
}

const KEPT = 500;
const STALE_MS = 180_000;

const keeper = new ModelKeeper();
let answers = new Map<string, { readonly asOf: number; readonly answer: Answer }>();
let policy: string | null = null;

/** For tests: as after a restart of the control plane. */
export function forgetAll(): void {
  keeper.forget();
  answers = new Map();
}

async function digest(text: string, algorithm: "SHA-1" | "SHA-256"): Promise<string> {
  const bytes = new Uint8Array(
    await crypto.subtle.digest(algorithm, new TextEncoder().encode(text)),
  );
  return btoa(String.fromCharCode(...bytes));
}

/** The page may use its one style and nothing else. */
async function pagePolicy(): Promise<string> {
  policy ??= `default-src 'none'; style-src 'sha256-${await digest(STYLE, "SHA-256")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return policy;
}

const TYPES = {
  page: "text/html; charset=utf-8",
  document: "application/json; charset=utf-8",
  feed: "application/atom+xml; charset=utf-8",
  badge: "image/svg+xml; charset=utf-8",
  shields: "application/json; charset=utf-8",
} as const satisfies Record<Wanted["form"], string>;

function badgeFor(scope: Model | null, component: string | null) {
  if (!scope) return UNKNOWN_BADGE;
  if (component === null) return badgeOfAll(scope);
  const found = scope.components.find((one) => one.id === component || one.name === component);
  return found ? badgeOfOne(found) : null;
}

function render(
  wanted: Wanted,
  where: Where,
  given: { readonly model: Model | null; readonly now: number },
): { readonly status: number; readonly body: string } {
  const { model, now } = given;
  const scope = model && where.project !== null ? modelOf(model, where.project) : model;
  const isAbsent = model !== null && scope === null;
  const status = isAbsent ? 404 : 200;
  switch (wanted.form) {
    case "page":
      if (isAbsent) return { status, body: renderAbsent(where) };
      return { status, body: scope ? renderPage(scope, where, now) : renderNothing(where) };
    case "document": {
      const empty = model && { ...model, components: [], incidents: [], maintenances: [] };
      const shown = statuspageDocument(wanted.document, scope ?? empty, where, now);
      return { status, body: JSON.stringify(shown) };
    }
    case "feed":
      return { status, body: renderFeed(scope, where, now) };
    case "badge":
    case "shields": {
      const badge = badgeFor(scope, wanted.component);
      const shown = badge ?? UNKNOWN_BADGE;
      const body = wanted.form === "badge" ? renderBadge(shown) : JSON.stringify(shieldsOf(shown));
      return { status: badge ? status : 404, body };
    }
  }
}

/** The body of an answer from a small model, for the API's document. */
export function sampleOf(wanted: Wanted): unknown {
  const where = { origin: "https://coppice.example", project: "shop" };
  if (wanted.form === "page") return "<!doctype html>…";
  const { body } = render(wanted, where, { model: SAMPLE, now: SAMPLE_AT });
  const isJson = wanted.form === "document" || wanted.form === "shields";
  return isJson ? JSON.parse(body) : body;
}

async function answerOf(
  wanted: Wanted,
  where: Where,
  given: { readonly model: Model | null; readonly now: number },
): Promise<Answer> {
  const { model, now } = given;
  const isOld = model !== null && now - model.asOf > STALE_MS;
  const key = JSON.stringify([where, wanted, isOld]);
  const kept = answers.get(key);
  if (kept && model && kept.asOf === model.asOf) return kept.answer;
  const { status, body } = render(wanted, where, given);
  const etag = `"${await digest(body, "SHA-1")}"`;
  const answer = { status, body, etag, type: TYPES[wanted.form] };
  // Names that nobody published are many; only what is there is worth keeping.
  if (model && status === 200) {
    if (answers.size >= KEPT) answers = new Map();
    answers.set(key, { asOf: model.asOf, answer });
  }
  return answer;
}

async function headersOf(
  answer: Answer,
  wanted: Wanted,
  given: { readonly model: Model | null; readonly now: number },
): Promise<Headers> {
  const { model, now } = given;
  const isCurrent = model !== null && now - model.asOf <= STALE_MS && answer.status === 200;
  const headers = new Headers({
    "Content-Type": answer.type,
    ETag: answer.etag,
    "Cache-Control": isCurrent
      ? "public, max-age=15, s-maxage=30, stale-while-revalidate=60, stale-if-error=86400"
      : "public, max-age=5, s-maxage=5",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  if (model) headers.set("Last-Modified", new Date(model.asOf).toUTCString());
  if (wanted.form === "page") headers.set("Content-Security-Policy", await pagePolicy());
  return headers;
}

function sameTag(ifNoneMatch: string | null, etag: string): boolean {
  if (!ifNoneMatch) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** Never a 5xx: where nothing is known, that is what it says. */
export async function answerStatus(
  wanted: Wanted,
  input: {
    readonly asking: Asking;
    readonly project: string | null;
    readonly ifNoneMatch: string | null;
  },
): Promise<Response> {
  const { asking, project } = input;
  const { now, origin } = asking;
  const given = { model: await keeper.newest(asking), now };
  const answer = await answerOf(wanted, { origin, project }, given);
  const headers = await headersOf(answer, wanted, given);
  if (answer.status === 200 && sameTag(input.ifNoneMatch, answer.etag))
    return new Response(null, { status: 304, headers });
  return new Response(answer.body, { status: answer.status, headers });
}
