// Which control plane, with which token, and how we came to it. The nearest wish wins:
//
//   --context > COPPICE_URL and COPPICE_TOKEN > COPPICE_CONTEXT > .coppice/local.json upward > the current context
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { type Contexts, readContexts, type SavedContext } from "./contexts.ts";
import { readLocal } from "./local.ts";

export interface Place {
  readonly url: string;
  readonly token: string;
  readonly project: string | null;
  /** The context's name, where it is one. */
  readonly context: string | null;
  /** For people: where url and token come from. */
  readonly source: string;
  /** What gives a new token where this one is refused. */
  readonly remedy: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

function named(contexts: Contexts, name: string): Place {
  const context: SavedContext | undefined = contexts.contexts[name];
  if (!context) {
    const known = Object.keys(contexts.contexts);
    throw new CliError(
      EXIT.usage,
      `There is no context \`${name}\`.${didYouMean(name, known)}`,
      known.length > 0 ? ["coppice contexts"] : [`coppice login URL --context ${name}`],
    );
  }
  return {
    ...context,
    context: name,
    source: `context ${name}`,
    remedy: `coppice login ${context.url} --context ${name}`,
  };
}

function fromEnvironment(env: Environment, otherwise: () => Place | null): Place | null {
  const { COPPICE_URL: url, COPPICE_TOKEN: token } = env;
  if (!url && !token) return null;
  const base = url && token ? null : otherwise();
  const known = { url: url || base?.url, token: token || base?.token };
  if (!known.url || !known.token) {
    throw new CliError(
      EXIT.usage,
      url
        ? "COPPICE_URL is set, COPPICE_TOKEN is not."
        : "COPPICE_TOKEN is set, COPPICE_URL is not.",
    );
  }
  // A token without a url goes to the context's control plane; a url alone must not carry off another's token.
  if (url && !token && base?.url !== url.replace(/\/+$/, "")) {
    throw new CliError(EXIT.usage, "COPPICE_URL is set: set COPPICE_TOKEN too.");
  }
  return {
    url: known.url,
    token: known.token,
    project: token ? null : (base?.project ?? null),
    context: null,
    source: [url && "COPPICE_URL", token && "COPPICE_TOKEN"].filter(Boolean).join(" and "),
    remedy: "set COPPICE_TOKEN to a token that is valid",
  };
}

/** Null where nothing says which control plane is meant. */
export function findPlace(
  io: { readonly env: Environment; readonly cwd: string },
  wished: string | undefined,
): Place | null {
  const { env, cwd } = io;
  const contexts = readContexts(env);
  if (wished) return named(contexts, wished);
  const remembered = (): Place | null => {
    if (env.COPPICE_CONTEXT) return named(contexts, env.COPPICE_CONTEXT);
    const local = readLocal(cwd, env);
    if (local) {
      const remedy = "npm start   (in the checkout; it writes a new token)";
      return { ...local, context: null, source: local.file, remedy };
    }
    return contexts.current ? named(contexts, contexts.current) : null;
  };
  return fromEnvironment(env, remembered) ?? remembered();
}

export function requirePlace(
  io: { readonly env: Environment; readonly cwd: string },
  wished: string | undefined,
): Place {
  const place = findPlace(io, wished);
  if (place) return place;
  throw new CliError(EXIT.notAllowed, "You are not signed in to any control plane.", [
    "coppice login https://YOUR-CONTROL-PLANE",
    "npm start   (in a checkout, for one of your own on this machine)",
  ]);
}
