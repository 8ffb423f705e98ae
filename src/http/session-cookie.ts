// The session as a cookie, and what a request that carries it must say about where it comes from.
//
// 1. `__Host-`: this origin alone set it, no other host name and no subdomain.
// 2. A cookie comes along whoever made the browser ask; the page that asked is told by Origin and Sec-Fetch-Site,
//    which no page can forge. A token in a header needs none of this.
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { ProblemError } from "../../protocol/problems.ts";
import type { Env } from "../env.ts";

const NAME = "coppice";
/** The longest that browsers keep; how long a session lives is the server's to say. */
const MAX_AGE_S = 400 * 86_400;
const OPTIONS = { secure: true, httpOnly: true, sameSite: "Strict", path: "/" } as const;

export function readSession(c: Context): string | undefined {
  return getCookie(c, NAME, "host") || undefined;
}

export function keepSession(c: Context, secret: string): void {
  setCookie(c, NAME, secret, { ...OPTIONS, prefix: "host", maxAge: MAX_AGE_S });
}

export function clearSession(c: Context): void {
  deleteCookie(c, NAME, { ...OPTIONS, prefix: "host" });
}

/** Scheme and host by which people reach us: as configured, else as this request says. */
export function ownOrigin(c: Context): string {
  const configured = (c.env as Env).COPPICE_PUBLIC_URL;
  if (!configured) return new URL(c.req.url).origin;
  const origin = URL.canParse(configured) ? new URL(configured).origin : "null";
  if (/^https?:/.test(origin)) return origin;
  throw new ProblemError(
    "internal",
    "COPPICE_PUBLIC_URL is no address such as https://coppice.example.com: the operator has to mend it.",
  );
}

function refuse(): never {
  throw new ProblemError(
    "forbidden",
    "This request comes from another site than the one you are signed in to; use the dashboard, or a token.",
  );
}

/** Of what a session asks for: whatever changes something, and streams, come from our own pages only. */
export function checkOrigin(c: Context, route: { readonly stream: boolean }): void {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (origin !== undefined && origin !== ownOrigin(c)) refuse();
  if (isRead && !route.stream) return;
  if (site !== undefined && site !== "same-origin") refuse();
  // A browser sends no Origin with a GET to its own origin.
  if (origin === undefined && (!isRead || site === undefined)) refuse();
}

/** No page of elsewhere may sign a browser in or out, with or without a cookie. */
export function refuseForeign(c: Context): void {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  if (origin !== undefined && origin !== ownOrigin(c)) refuse();
  if (site !== undefined && site !== "same-origin" && site !== "none") refuse();
}
