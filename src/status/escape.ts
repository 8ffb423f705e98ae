// Text of strangers inside markup: shown as text, whatever it holds.

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What no XML may hold, and what would turn the direction of the text around it, becomes a visible mark. */
export function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\n\t])\p{Cc}|[\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu, "\uFFFD");
}

/** For HTML, SVG and XML, as content and inside quoted attributes. */
export function esc(text: string): string {
  return plain(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `3 Nov`. */
export function dayName(day: number): string {
  const date = new Date(day * 86_400_000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** `3 Nov 2026, 09:41 UTC`, as an element that machines can read too. */
export function timeElement(at: number): string {
  const stamp = iso(at);
  const [, month = 1, date = 1] = stamp.slice(0, 10).split("-").map(Number);
  const words = `${date} ${MONTHS[month - 1]} ${stamp.slice(0, 4)}, ${stamp.slice(11, 16)} UTC`;
  return `<time datetime="${stamp}">${words}</time>`;
}
