// Aligned tables. On a terminal they fit its width: columns that can be spared go first, then those that may be cut give
// way, the widest first.
import { cutTo, padTo, widthOf } from "./width.ts";

export interface Column<T> {
  readonly title: string;
  /** Clean text, colours allowed. */
  readonly cell: (item: T) => string;
  /** May be cut where the terminal is narrow; others never are. */
  readonly flexible?: boolean;
  readonly right?: boolean;
  /** Left out where the terminal is too narrow for all. */
  readonly spare?: boolean;
}

const GAP = "  ";
const LEAST = 14;

function shrink(widths: number[], flexible: readonly boolean[], columns: number): void {
  const total = () =>
    widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (total() > columns) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      if (!flexible[index] || width <= LEAST) continue;
      if (widest < 0 || width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return;
    widths[widest] = Math.max(
      LEAST,
      (widths[widest] ?? 0) - Math.max(1, total() - columns > 40 ? 8 : 1),
    );
  }
}

interface Rendered<T> {
  readonly column: Column<T>;
  readonly cells: readonly string[];
}

function widthsOf<T>(all: readonly Rendered<T>[]): number[] {
  return all.map(({ column, cells }) => Math.max(widthOf(column.title), ...cells.map(widthOf)));
}

/** Leaves out what can be spared, the last first, until the rest fits when cut as far as it may be. */
function withoutSpare<T>(all: readonly Rendered<T>[], columns: number): readonly Rendered<T>[] {
  const least = widthsOf(all)
    .map((width, index) => (all[index]?.column.flexible ? Math.min(width, LEAST) : width))
    .reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  const at = all.findLastIndex(({ column }) => column.spare);
  return least <= columns || at < 0 ? all : withoutSpare(all.toSpliced(at, 1), columns);
}

/** Lines without their ends; none for an empty list. Columns in which no row has anything are left out. */
export function tableLines<T>(
  items: readonly T[],
  all: readonly Column<T>[],
  options: { readonly columns: number | null; readonly head: (text: string) => string },
): string[] {
  if (items.length === 0) return [];
  const rendered = all.map((column) => ({ column, cells: items.map((item) => column.cell(item)) }));
  const filled = rendered.filter(({ cells }) => cells.some((cell) => cell !== ""));
  const kept = options.columns === null ? filled : withoutSpare(filled, options.columns);
  const widths = widthsOf(kept);
  if (options.columns !== null) {
    shrink(
      widths,
      kept.map(({ column }) => column.flexible === true),
      options.columns,
    );
  }
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const cut = options.columns === null ? text : cutTo(text, width);
        const right = kept[index]?.column.right === true;
        return right ? " ".repeat(Math.max(0, width - widthOf(cut))) + cut : padTo(cut, width);
      })
      .join(GAP)
      .trimEnd();
  return [
    options.head(line(kept.map(({ column }) => column.title))),
    ...items.map((_, row) => line(kept.map(({ cells }) => cells[row] ?? ""))),
  ];
}
