// Values that name other values: `${{NAME}}` is what the worker gets under that name in the end, `${{group.NAME}}` what that
// one of its groups holds under it, `$${{` a literal `${{`. Pure.
//
// 1. A name is looked for where the worker is, not where the reference stands: a group may refer to what its workers set.
// 2. The result has a value for every name, or one sentence for each that has none; never some of both.
// 3. What refers to a secret is one.
import type { FieldError } from "../../../protocol/problems.ts";
import { LIMITS } from "../../../protocol/spec.ts";

export interface ClearVar {
  /** Whose it is, and of which version. */
  readonly origin: string;
  readonly value: string;
  readonly refers: boolean;
  readonly plain: boolean;
}

export interface ClearLayer {
  /** Null for the worker's own. */
  readonly group: string | null;
  readonly vars: ReadonlyMap<string, ClearVar>;
}

export interface ResolvedVar {
  /** Of itself and all that it names, sorted. */
  readonly origins: readonly string[];
  readonly value: string;
  readonly plain: boolean;
}

export type Resolution =
  | { readonly ok: true; readonly values: ReadonlyMap<string, ResolvedVar> }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const OPEN = "${{";
const TOKEN = /\$?\$\{\{(?:([^{}]*)\}\})?/g;
const REFERENCE = /^\s*(?:([a-z0-9]+(?:-[a-z0-9]+)*)\.)?([A-Za-z_][A-Za-z0-9_]*)\s*$/;

const NO_REFERENCE =
  "has a `${{` that is no reference: write ${{NAME}} or ${{group.NAME}}, or $${{ for the characters themselves";

export function refersToOthers(value: string): boolean {
  return value.includes(OPEN);
}

/** What is wrong with how a value refers to others; null where nothing is. */
export function faultOfReferences(value: string): string | null {
  for (const [token, inside] of value.matchAll(TOKEN)) {
    if (token.startsWith("$$")) continue;
    const [, , name] = REFERENCE.exec(inside ?? "") ?? [];
    if (name === undefined) return NO_REFERENCE;
    if (name.startsWith("COPPICE_"))
      return `refers to ${name}, which is only known on a host: read it in the program`;
  }
  return null;
}

interface Place {
  readonly layer: ClearLayer;
  readonly name: string;
}

const label = ({ layer, name }: Place) => (layer.group === null ? name : `${layer.group}.${name}`);

/** Where an error of a layer's variable is shown. */
const pathOf = ({ layer, name }: Place) =>
  layer.group === null ? `env.${name}` : `groups.${layer.group}.${name}`;

/** Says where the fault is: not always at the name that was asked for. */
class Unresolved extends Error {
  readonly path: string;
  constructor(place: Place, message: string) {
    super(message);
    this.path = pathOf(place);
  }
}

/** Layers come with the weakest first. */
class Resolver {
  readonly #layers: readonly ClearLayer[];
  readonly #done = new Map<ClearVar, ResolvedVar>();
  #under: Place[] = [];

  constructor(layers: readonly ClearLayer[]) {
    this.#layers = layers;
  }

  /** The strongest layer's. */
  find(name: string): Place | null {
    const layer = this.#layers.findLast(({ vars }) => vars.has(name));
    return layer ? { layer, name } : null;
  }

  resolve(place: Place): ResolvedVar {
    this.#under = [];
    return this.#valueOf(place);
  }

  #target(from: Place, group: string | undefined, name: string): Place {
    if (group === undefined) {
      const found = this.find(name);
      if (found) return found;
      throw new Unresolved(from, `refers to ${name}, which is not set`);
    }
    const layer = this.#layers.find((one) => one.group === group);
    if (!layer)
      throw new Unresolved(
        from,
        `refers to ${group}.${name}, but the worker has no group ${group}`,
      );
    if (layer.vars.has(name)) return { layer, name };
    throw new Unresolved(from, `refers to ${group}.${name}, which is not set`);
  }

  #valueOf(place: Place): ResolvedVar {
    const one = place.layer.vars.get(place.name)!;
    const known = this.#done.get(one);
    if (known) return known;
    const at = this.#under.findIndex((under) => under.layer.vars.get(under.name) === one);
    if (at >= 0) throw circular(this.#under.slice(at));
    this.#under.push(place);
    const value = one.refers ? this.#expand(place, one) : leaf(one);
    this.#under.pop();
    this.#done.set(one, value);
    return value;
  }

  #expand(place: Place, one: ClearVar): ResolvedVar {
    let { plain } = one;
    const origins = new Set([one.origin]);
    let length = 0;
    const limit = LIMITS.envValueBytes;
    const tooLong = () =>
      new Unresolved(place, `comes to more than ${limit} bytes with what it refers to`);
    const value = one.value.replaceAll(TOKEN, (token, inside: string | undefined) => {
      if (token.startsWith("$$")) return token.slice(1);
      const [, group, name] = REFERENCE.exec(inside ?? "") ?? [];
      if (name === undefined) throw new Unresolved(place, NO_REFERENCE);
      const found = this.#valueOf(this.#target(place, group, name));
      plain &&= found.plain;
      for (const origin of found.origins) origins.add(origin);
      length += found.value.length;
      if (length > limit) throw tooLong();
      return found.value;
    });
    if (new TextEncoder().encode(value).length > limit) throw tooLong();
    return { value, plain, origins: [...origins].sort() };
  }
}

function leaf({ origin, plain, value }: ClearVar): ResolvedVar {
  return { value, plain, origins: [origin] };
}

/** The same sentence from wherever the circle was entered. */
function circular(circle: readonly Place[]): Unresolved {
  const labels = circle.map(label);
  const first = labels.indexOf([...labels].sort()[0]!);
  const turned = [...labels.slice(first), ...labels.slice(0, first), labels[first]];
  return new Unresolved(circle[first]!, `refers to itself: ${turned.join(" → ")}`);
}

export function resolveAll(layers: readonly ClearLayer[]): Resolution {
  const values = new Map<string, ResolvedVar>();
  const errors = new Map<string, string>();
  const names = new Set(layers.flatMap(({ vars }) => [...vars.keys()]));
  const resolver = new Resolver(layers);
  for (const name of [...names].sort()) {
    const place = resolver.find(name)!;
    try {
      values.set(name, resolver.resolve(place));
    } catch (error) {
      if (!(error instanceof Unresolved)) throw error;
      errors.set(error.path, error.message);
    }
  }
  if (errors.size === 0) return { ok: true, values };
  return { ok: false, errors: [...errors].map(([path, message]) => ({ path, message })) };
}
