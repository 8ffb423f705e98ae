// How a worker runs and what it asks of its hosts: mode with what it costs, limits, labels. In the form of a new
// worker and in its settings.
import { useId } from "preact/hooks";
import { labelText, MODE_MEANING, ROLLOUT_MEANING, readLabels } from "../../client/words.ts";
import type { WorkerView } from "../../protocol/rest.ts";
import { readSize, sizeText } from "../../protocol/size.ts";
import { Field } from "./field.tsx";

/** As they are typed. */
export interface NeedsDraft {
  readonly mode: WorkerView["mode"];
  readonly rollout: WorkerView["rollout"];
  readonly memory: string;
  readonly cpus: string;
  readonly pids: string;
  readonly openFiles: string;
  readonly hosts: string;
}

type Typed = Exclude<keyof NeedsDraft, "mode" | "rollout">;

export const NO_NEEDS: NeedsDraft = {
  ...{ mode: "available", rollout: "start-first" },
  ...{ memory: "", cpus: "", pids: "", openFiles: "", hosts: "" },
};

export function needsOf(worker: WorkerView): NeedsDraft {
  const { cpus, hosts, memoryBytes, mode, openFiles, pids, rollout } = worker;
  const text = (amount: number | null) => (amount === null ? "" : String(amount));
  return {
    mode,
    rollout,
    memory: memoryBytes === null ? "" : sizeText(memoryBytes),
    cpus: text(cpus),
    pids: text(pids),
    openFiles: text(openFiles),
    hosts: labelText(hosts),
  };
}

function amountOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

/** Of processes and of open files, as the API has it. */
const LEAST = 16;

function isCount(amount: number | null): boolean {
  return amount === null || (Number.isInteger(amount) && amount >= LEAST);
}

/** As the API takes them; what can't be read is a word about the field instead. */
export function readNeeds(draft: NeedsDraft) {
  const { mode, rollout, memory, cpus, pids, openFiles, hosts } = draft;
  const memoryBytes = memory.trim() === "" ? null : readSize(memory);
  const cores = amountOf(cpus);
  const processes = amountOf(pids);
  const files = amountOf(openFiles);
  const labels = readLabels(hosts);
  const wrong: Partial<Record<Typed, string>> = {
    ...(memory.trim() !== "" && memoryBytes === null
      ? { memory: "A size such as 512M or 1.5G." }
      : {}),
    ...(cores !== null && !(cores > 0) ? { cpus: "A number of cores such as 0.5." } : {}),
    ...(isCount(processes) ? {} : { pids: `A number from ${LEAST}.` }),
    ...(isCount(files) ? {} : { openFiles: `A number from ${LEAST}.` }),
    ...(labels === null ? { hosts: "Pairs such as region=eu, disk=ssd." } : {}),
  };
  const amounts = { memoryBytes, cpus: cores, pids: processes, openFiles: files };
  const body = { mode, rollout, ...amounts, hosts: labels ?? {} };
  return { body, wrong, isFine: Object.keys(wrong).length === 0 };
}

/** In a word, for a line that stands for the fields. */
export function needsWords(draft: NeedsDraft): string {
  const { mode, rollout, memory, cpus, pids, openFiles, hosts } = draft;
  const parts = [
    mode,
    mode === "available" && rollout === "stop-first" ? rollout : "",
    memory,
    cpus && `${cpus} ${cpus === "1" ? "core" : "cores"}`,
    pids && `${pids} processes`,
    openFiles && `${openFiles} open files`,
    hosts,
  ];
  return parts.filter(Boolean).join(", ");
}

interface Props {
  readonly value: NeedsDraft;
  readonly set: (value: NeedsDraft) => void;
  /** What the API said of a field, by the API's name for it. */
  readonly refused: (field: string) => string | undefined;
}

export function Needs({ value, set, refused }: Props) {
  const { wrong } = readNeeds(value);
  const field = (name: Typed, api: string) => ({
    value: value[name],
    set: (text: string) => set({ ...value, [name]: text }),
    error: wrong[name] ?? refused(api) ?? undefined,
    optional: true,
  });
  return (
    <>
      <Ways
        title="Mode"
        ways={MODE_MEANING}
        value={value.mode}
        set={(mode) => set({ ...value, mode })}
      />
      {value.mode === "available" && (
        <Ways
          title="At each deploy"
          ways={ROLLOUT_MEANING}
          value={value.rollout}
          set={(rollout) => set({ ...value, rollout })}
        />
      )}
      <div class="pair">
        <Field
          {...field("memory", "memoryBytes")}
          label="Memory"
          input={{ placeholder: "512M", class: "mono" }}
          hint="Set aside on the host for each instance; one that takes more is killed."
        />
        <Field
          {...field("cpus", "cpus")}
          label="Cores"
          input={{ placeholder: "0.5", inputMode: "decimal", class: "mono" }}
          hint="Set aside on the host for each instance; it gets no more."
        />
      </div>
      <div class="pair">
        <Field
          {...field("pids", "pids")}
          label="Processes"
          input={{ placeholder: "200", inputMode: "numeric", class: "mono" }}
          hint="And threads, of each instance at once."
        />
        <Field
          {...field("openFiles", "openFiles")}
          label="Open files"
          input={{ placeholder: "4096", inputMode: "numeric", class: "mono" }}
          hint="Of each process at once."
        />
      </div>
      <Field
        {...field("hosts", "hosts")}
        label="Host labels"
        input={{ placeholder: "region=eu, disk=ssd", class: "mono" }}
        hint="It runs only where a host has all of them; region stands for the host's region."
      />
    </>
  );
}

/** One of a few, each with what it means. */
function Ways<W extends string>(props: {
  title: string;
  ways: Readonly<Record<W, string>>;
  value: W;
  set: (way: W) => void;
}) {
  const name = useId();
  return (
    <fieldset class="modes">
      <legend>{props.title}</legend>
      {(Object.keys(props.ways) as W[]).map((way) => (
        <label key={way} class="check">
          <input
            type="radio"
            name={name}
            value={way}
            checked={props.value === way}
            aria-describedby={`${name}-${way}`}
            onChange={() => props.set(way)}
          />
          <span>
            {way}
            <span class="hint" id={`${name}-${way}`}>
              {props.ways[way]}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
