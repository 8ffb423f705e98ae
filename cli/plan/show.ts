// A plan in words, one operation a line, details below it.
import { sizeText } from "../../client/size.ts";
import { labelText, MODE_MEANING } from "../../client/words.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type { WantedWorker } from "../file/wanted.ts";
import { clean } from "../output/sanitise.ts";
import type { Paint } from "../output/style.ts";
import type { Operation } from "./plan.ts";

const MARKS = {
  create: ["+", "green"],
  change: ["~", "yellow"],
  env: ["=", "cyan"],
  deploy: [">", "green"],
  leave: [".", "dim"],
} as const;

function names(set: Readonly<Record<string, string>>): string {
  return Object.keys(set).sort().join(", ");
}

/** What it asks of its hosts, and the mode where it is not the usual one. */
function needs(worker: WantedWorker): string[] {
  const { cpus, hosts, memoryBytes, mode, openFiles, pids, rollout } = worker;
  return [
    ...(memoryBytes === null ? [] : [`memory     ${sizeText(memoryBytes)}`]),
    ...(cpus === null ? [] : [`cpus       ${cpus}`]),
    ...(pids === null ? [] : [`pids       ${pids}`]),
    ...(openFiles === null ? [] : [`open_files ${openFiles}`]),
    ...(Object.keys(hosts).length === 0 ? [] : [`hosts      ${labelText(hosts)}`]),
    ...(mode === "exclusive" ? [`mode       ${EXCLUSIVE}`] : []),
    ...(mode === "available" && rollout === "stop-first" ? [`rollout    ${rollout}`] : []),
  ];
}

const EXCLUSIVE = `exclusive: ${MODE_MEANING.exclusive}`;

function words(operation: Operation): {
  readonly title: string;
  readonly details: readonly string[];
} {
  switch (operation.type) {
    case "create": {
      const { worker, instances } = operation;
      const env = names(worker.env);
      return {
        title: `create ${worker.name} and deploy it`,
        details: [
          `from       ${worker.repo} ${worker.branch}${worker.rootDir === "." ? "" : ` in ${worker.rootDir}`}`,
          ...(worker.buildCommand ? [`build      ${worker.buildCommand}`] : []),
          ...(worker.predeployCommand ? [`predeploy  ${worker.predeployCommand}`] : []),
          `start      ${worker.startCommand}`,
          `instances  ${instances}`,
          ...needs(worker),
          ...(env ? [`env        ${env}`] : []),
        ],
      };
    }
    case "change":
      return {
        title: `change ${operation.name}`,
        details: operation.changes.flatMap(({ field, from, to }) => [
          `${field}: ${from} → ${to}`,
          ...(field === "mode" && to === "exclusive" ? [`  ${EXCLUSIVE}`] : []),
        ]),
      };
    case "env":
      return {
        title: `set ${names(operation.set)} of ${operation.name}, where it differs`,
        details: [],
      };
    case "deploy":
      return { title: `deploy ${operation.name} from ${operation.branch}`, details: [] };
    case "leave":
      return { title: `leave ${operation.name} as it is: not in the file`, details: [] };
    default:
      return unreachable(operation);
  }
}

export function planLines(operations: readonly Operation[], paint: Paint): string[] {
  return operations.flatMap((operation) => {
    const [mark, colour] = MARKS[operation.type];
    const { title, details } = words(operation);
    return [
      `  ${paint(colour, mark)} ${operation.type === "leave" ? paint("dim", clean(title)) : clean(title)}`,
      ...details.map((line) => paint("dim", `      ${clean(line)}`)),
    ];
  });
}

/** For --json: the same list, without the values of variables. */
export function planJson(operations: readonly Operation[]): unknown[] {
  return operations.map((operation) => {
    switch (operation.type) {
      case "create": {
        const { env, secrets: _, ...worker } = operation.worker;
        return {
          type: "create",
          ...worker,
          instances: operation.instances,
          env: Object.keys(env).sort(),
        };
      }
      case "env":
        return { type: "env", name: operation.name, set: Object.keys(operation.set).sort() };
      default:
        return operation;
    }
  });
}
