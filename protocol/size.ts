// Amounts of memory as people write them: `512M`, `1.5G`. A unit is 1,024 of the one below.

const UNITS = { B: 1, K: 1_024, M: 1_024 ** 2, G: 1_024 ** 3 } as const;

/** Whole bytes; null for anything that is not a number with its unit. */
export function readSize(text: string): number | null {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([BKMG])$/.exec(text.trim()) ?? [];
  return count && unit ? Math.round(Number(count) * UNITS[unit as keyof typeof UNITS]) : null;
}

/** Exactly so much: reading it gives the same bytes. */
export function sizeText(bytes: number): string {
  for (const unit of ["G", "M", "K"] as const) {
    const count = bytes / UNITS[unit];
    if (count >= 1 && Number.isInteger(count * 2)) return `${count}${unit}`;
  }
  return `${bytes}B`;
}

/** Near enough to compare: `7.8G`. */
export function roughSize(bytes: number): string {
  const unit = bytes >= UNITS.G ? "G" : bytes >= UNITS.M ? "M" : "K";
  const count = bytes / UNITS[unit];
  return `${count >= 10 ? Math.round(count) : Math.round(count * 10) / 10}${unit}`;
}
