// `node bench/report.ts`: from the runs in bench/results/*.jsonl (each line what a bench printed with --json) to the
// table in docs/benchmarks.md and the plot beside it. A figure is the median over the runs; the spread is shown.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figures, median } from "./measure.ts";

const RESULTS = join(import.meta.dirname, "results");
const DOCS = join(import.meta.dirname, "../docs");
const [BEGIN, END] = ["<!-- table: node bench/report.ts -->", "<!-- end of table -->"];

interface Run {
  readonly bench: string;
  readonly figures: Figures;
  readonly machine: { cpu: string; cores: number; memoryMb: number; kernel: string; node: string };
}

/** What is promised, and what it is called in the plot. */
const TARGETS: Readonly<Record<string, { atMost: number; label: string; unit: string }>> = {
  restart_vs_bare_node: { atMost: 1.25, label: "restart, against bare Node", unit: "×" },
  start100_vs_bare_node: { atMost: 1.5, label: "start of 100, against bare Node", unit: "×" },
  pss_mb_at_100: { atMost: 72, label: "memory of agent + keeper at 100", unit: " MB" },
  deploy100_vs_agent_start: { atMost: 2, label: "deploy of 100, against agents alone", unit: "×" },
  rollback4_ms: { atMost: 2_000, label: "rollback of 4", unit: " ms" },
  crash_loop_cap_cpu_pct: { atMost: 1, label: "100 crash loops at the cap", unit: " % of a core" },
};

interface Summary {
  readonly figure: string;
  readonly runs: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

function summaries(runs: readonly Run[]): Summary[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.figures)))];
  return names.map((figure) => {
    const values = runs.map((run) => run.figures[figure]).filter((value) => value !== undefined);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return { figure, runs: values.length, median: median(values), least, most };
  });
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function table(all: readonly Summary[]): string {
  const rows = all.map(({ figure, runs, median, least, most }) => {
    const target = TARGETS[figure];
    const verdict = target === undefined ? "" : median <= target.atMost ? "met" : "**missed**";
    const promised = target === undefined ? "" : `≤ ${target.atMost}`;
    const spread = runs > 1 ? `${short(least)} – ${short(most)}` : "";
    return `| \`${figure}\` | ${short(median)} | ${spread} | ${runs} | ${promised} | ${verdict} |`;
  });
  const head = ["| figure | median | spread | runs | target | |", "|---|---|---|---|---|---|"];
  return [...head, ...rows].join("\n");
}

/** Each promised figure as a share of what was promised: bar to the median, whisker over the runs. */
function plot(all: readonly Summary[]): string {
  const [width, left, rowHeight, top] = [720, 240, 34, 34];
  const shown = all.filter(({ figure }) => TARGETS[figure] !== undefined);
  const height = top + shown.length * rowHeight + 14;
  const scale = (width - left - 130) / 1.5;
  const at = (share: number) => left + Math.min(1.6, share) * scale;
  const rows = shown.map(({ figure, median, least, most }, index) => {
    const { atMost, label, unit } = TARGETS[figure]!;
    const y = top + index * rowHeight;
    const middle = y + 10;
    const [from, to] = [at(least / atMost), at(most / atMost)];
    return `<text x="${left - 10}" y="${y + 14}" text-anchor="end">${label}</text>
<rect class="${median <= atMost ? "met" : "missed"}" x="${left}" y="${y}" width="${(at(median / atMost) - left).toFixed(1)}" height="20" rx="2"/>
<path d="M${from.toFixed(1)} ${middle}H${to.toFixed(1)}"/>
<text x="${(Math.max(to, at(1)) + 8).toFixed(1)}" y="${y + 14}">${short(median)}${unit}</text>`;
  });
  const line = at(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Measured figures as shares of their targets">
<style>text{font:13px system-ui,sans-serif;fill:#333}.met{fill:#4c9a6a}.missed{fill:#c98a2b}path{stroke:#333;stroke-width:1.5}.target{stroke-dasharray:4 3}@media(prefers-color-scheme:dark){text{fill:#ddd}path{stroke:#ddd}}</style>
<text x="${line}" y="16" text-anchor="middle">target</text>
<path class="target" d="M${line} 22V${height - 8}"/>
${rows.join("\n")}
</svg>
`;
}

const runs = readdirSync(RESULTS)
  .filter((name) => name.endsWith(".jsonl"))
  .sort()
  .flatMap((name) => readFileSync(join(RESULTS, name), "utf8").split("\n").filter(Boolean))
  .map((line) => JSON.parse(line) as Run);
const all = summaries(runs);
const page = join(DOCS, "benchmarks.md");
const text = readFileSync(page, "utf8");
const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
if (before < 0 || after < 0) throw new Error(`no place for the table in ${page}`);
writeFileSync(page, `${text.slice(0, before + BEGIN.length)}\n${table(all)}\n${text.slice(after)}`);
writeFileSync(join(DOCS, "benchmarks.svg"), plot(all));
