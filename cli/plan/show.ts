// A plan in words, one operation a line, details below it.
import type { Schemas } from "../../client/index.ts";
import { MODE_MEANING } from "../../client/words.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { clean } from "../output/sanitise.ts";
import type { Paint } from "../output/style.ts";

type Operation = Schemas["Config"]["operations"][number];

const MARKS = {
  create: ["+", "green"],
  change: ["~", "yellow"],
  env: ["=", "cyan"],
  deploy: [">", "green"],
  leave: [".", "dim"],
} as const;

const EXCLUSIVE = `exclusive: ${MODE_MEANING.exclusive}`;

/** As wide as the longest that stands beside it. */
const detail = (field: string, value: string | number) => `${field.padEnd(10)} ${value}`;

function words(operation: Operation): {
  readonly title: string;
  readonly details: readonly string[];
} {
  switch (operation.type) {
    case "create": {
      const { deploy, env, fields, instances, mode, name } = operation;
      return {
        title: `create ${name}${deploy ? " and deploy it" : ""}`,
        details: [
          ...fields.map(({ field, value }) => detail(field, value)),
          detail("instances", instances),
          ...(mode === "exclusive" ? [detail("mode", EXCLUSIVE)] : []),
          ...(env.length > 0 ? [detail("env", env.join(", "))] : []),
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
        title: `set ${operation.set.join(", ")} of ${operation.name}, where it differs`,
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
