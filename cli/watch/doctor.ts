// The checks of `coppice doctor`, in the order in which one depends on the other: the first that fails ends the chain.
import { statSync } from "node:fs";
import { ApiError, LinkError, makeClient, ok } from "../../client/index.ts";
import type { Cli } from "../command.ts";
import { configFile } from "../config/contexts.ts";
import { findPlace, type Place } from "../config/place.ts";
import { CliError } from "../exit.ts";
import { isLocal } from "../local-url.ts";
import { span } from "../output/time.ts";
import type { Common } from "../session.ts";

export interface Check {
  readonly what: string;
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  readonly fix: string | null;
}

const CLOCK_MS = 60_000;

const good = (what: string, found: string): Check => ({ what, state: "ok", found, fix: null });
const bad = (what: string, found: string, fix: string, state: "warn" | "fail" = "fail"): Check => ({
  ...{ what, state, found, fix },
});

function nodeCheck(): Check {
  const [major = 0] = process.versions.node.split(".").map(Number);
  return major >= 20
    ? good("node", process.versions.node)
    : bad("node", process.versions.node, "install Node 20 or newer");
}

/** Others may not read the tokens. */
function configCheck(cli: Cli): Check | null {
  const file = configFile(cli.io.env);
  try {
    const mode = statSync(file).mode & 0o777;
    if (mode & 0o077)
      return bad("config", `${file} may be read by others`, `chmod 600 ${file}`, "warn");
    return good("config", file);
  } catch {
    return null;
  }
}

/** The control plane itself: reachable, how far, and whether its clock and ours agree. */
async function* reachChecks(cli: Cli, place: Place): AsyncGenerator<Check, boolean> {
  const client = makeClient({
    baseUrl: place.url,
    signal: cli.io.signal,
    retry: { attempts: 1, timeoutMs: 10_000 },
  });
  const began = performance.now();
  try {
    const response = await client.ask("/healthz");
    const { version } = (await response.json()) as { version: string };
    const took = Math.round(performance.now() - began);
    yield good("control plane", `${place.url} answers in ${took} ms, version ${version}`);
    const date = Date.parse(response.headers.get("date") ?? "");
    const off = Math.abs(cli.io.now() - date);
    if (off > CLOCK_MS)
      yield bad(
        "clock",
        `differs from the control plane's by ${span(off)}`,
        "set this machine's clock (NTP)",
        "warn",
      );
    return true;
  } catch (error) {
    if (cli.io.signal.aborted) throw error;
    const cause =
      error instanceof LinkError && error.cause instanceof Error ? error.cause.cause : null;
    const detail = cause instanceof Error ? `: ${cause.message}` : "";
    const fix =
      error instanceof ApiError
        ? "is this the address of a Coppice control plane?"
        : isLocal(place.url)
          ? "start it: npm start, in the checkout"
          : "check the address, the network, a proxy in between";
    yield bad(
      "control plane",
      `${(error instanceof Error ? error.message : String(error)).replace(/\.$/, "")}${detail}`,
      fix,
    );
    return false;
  }
}

async function* projectChecks(cli: Cli, flags: Common): AsyncGenerator<Check> {
  const session = await cli.session(flags);
  const me = await ok(session.client.GET("/v1/whoami"));
  yield good("token", `${me.name}, ${me.role}`);
  const project = await session.project();
  const hosts = await ok(
    session.client.GET("/v1/projects/{project}/hosts", {
      params: { path: { project }, query: { limit: 200 } },
    }),
  );
  yield good("project", project);
  const online = hosts.items.filter(({ status }) => status === "online");
  const free = online.reduce(
    (sum, one) => sum + Math.max(0, (one.capacity?.slots ?? 0) - one.used),
    0,
  );
  if (hosts.items.length === 0) yield bad("hosts", "none: nothing can run", "coppice hosts add");
  else if (online.length === 0)
    yield bad("hosts", "none is online", "coppice hosts; then the agent's journal on the machine");
  else if (free === 0)
    yield bad("hosts", `${online.length} online, but no slot is free`, "coppice hosts add", "warn");
  else yield good("hosts", `${online.length} online, ${free} free slots`);
}

/** Nothing, where there is no file. */
async function fileCheck(cli: Cli, local: boolean): Promise<Check | null> {
  const { readWanted } = await import("../file/read.ts");
  try {
    const { file, workers } = await readWanted(cli.io.cwd, local);
    return good("workers file", `${file}: ${workers.map(({ name }) => name).join(", ")}`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (/^There is no coppice.toml/.test(error.message)) return null;
    return bad("workers file", error.message, "mend the file");
  }
}

export async function* examine(cli: Cli, flags: Common): AsyncGenerator<Check> {
  yield nodeCheck();
  const config = configCheck(cli);
  if (config) yield config;
  let place: Place | null;
  try {
    place = findPlace(cli.io, flags.context);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return yield bad("signed in", error.message, error.next[0] ?? "coppice login URL");
  }
  const file = await fileCheck(cli, place !== null && isLocal(place.url));
  if (file) yield file;
  if (!place)
    return yield bad(
      "signed in",
      "to no control plane",
      "coppice login URL, or npm start in a checkout",
    );
  yield good("signed in", `${place.url} (${place.source})`);
  if (!(yield* reachChecks(cli, place))) return;
  try {
    yield* projectChecks(cli, flags);
  } catch (error) {
    if (cli.io.signal.aborted) throw error;
    if (error instanceof ApiError && error.status === 401)
      yield bad("token", error.title, place.remedy);
    else if (error instanceof ApiError && error.status === 404)
      yield bad(
        "project",
        error.message,
        "coppice whoami; --project, or `project` in coppice.toml",
      );
    else
      yield bad(
        "project",
        error instanceof Error ? error.message : String(error),
        "coppice whoami",
      );
  }
}
