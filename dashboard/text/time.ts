// Times and spans in words that stay short.
import { signal } from "@preact/signals";

/** Moves once a second while the page is seen; what shows an age reads it. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);
document.addEventListener("visibilitychange", () => {
  now.value = Date.now();
});

/** 340 ms · 4.2 s · 3 min 5 s · 2 h 4 min · 3 d 1 h */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = ms / 1_000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ${Math.floor(s % 60)} s`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** The same in one unit, for ages that only have to be about right. */
export function roughly(ms: number): string {
  const s = Math.floor(ms / 1_000);
  if (s < 5) return "just now";
  if (s < 60) return `${s} s ago`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ago`;
  const h = Math.floor(min / 60);
  return h < 48 ? `${h} h ago` : `${Math.floor(h / 24)} d ago`;
}

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hour12: false });
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export const clock = (iso: string) => clockFormat.format(new Date(iso));
export const day = (iso: string) => dayFormat.format(new Date(iso));
export const full = (iso: string) => fullFormat.format(new Date(iso));

export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
