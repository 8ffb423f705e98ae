// The typed client of Coppice's public API, for browser and Node alike. Its types come from our own OpenAPI document.
//
//   const client = makeClient({ baseUrl: "http://127.0.0.1:8787", token });
//   const worker = await ok(client.GET("/v1/projects/{project}/workers/{worker}", { params: { path } }));
//   for await (const line of client.lines("…/logs", …)) …        for await (const event of client.follow("…")) …
//
// Every answer that is not 2xx throws ApiError, no answer throws LinkError (client/errors.ts).
import createClient, { type Client as Fetcher, type Middleware } from "openapi-fetch";
import { problemOf } from "./errors.ts";
import { type FollowedEvent, type FollowOptions, followSse } from "./follow.ts";
import { DEFAULT_RETRY, type RetryOptions, send } from "./retry.ts";
import { type components, type paths, REPEATABLE } from "./schema.ts";
import { readNdjson } from "./streams.ts";

export { ApiError, LinkError, problemOf } from "./errors.ts";
export { type FollowedEvent, type FollowOptions, followSse, type LinkState } from "./follow.ts";
export { pause } from "./retry.ts";
export type { components, operations, paths } from "./schema.ts";
export { readNdjson, readSse, type SseEvent } from "./streams.ts";

export type Schemas = components["schemas"];

export interface ClientOptions {
  /** Origin of the control plane; in the browser "" for the page's own. */
  readonly baseUrl: string;
  /** Left out in the browser, where the session's cookie speaks. */
  readonly token?: string;
  /** Sent with each request: a CSRF header, a user agent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly retry?: Partial<RetryOptions>;
  /** Ends every request of this client. */
  readonly signal?: AbortSignal;
}

type Query = Readonly<Record<string, string | number | undefined>>;

export interface Client extends Fetcher<paths, `${string}/${string}`> {
  readonly baseUrl: string;
  /** Any address of the API, without types; throws ApiError where the answer is not 2xx. */
  ask(path: string, init?: RequestInit & { readonly query?: Query }): Promise<Response>;
  /** A stream of events that resumes by itself. */
  follow(
    path: string,
    options?: FollowOptions & { readonly query?: Query },
  ): AsyncGenerator<FollowedEvent>;
  /** Every value of an NDJSON page. */
  lines<T>(path: string, query?: Query): AsyncGenerator<T>;
}

type Data<A> = A extends { data: infer D } ? D : never;

/** The data of an answer; that it is one is seen to by the client, which throws for all others. */
export async function ok<A extends { readonly response: Response }>(
  answer: Promise<A>,
): Promise<Data<A>> {
  return ((await answer) as unknown as { data: Data<A> }).data;
}

/** Every item of a paged list. */
export async function* pages<T>(
  read: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Refusals become errors; creates get a key of their own, so that they may be repeated. */
const manners: Middleware = {
  onRequest({ request, schemaPath }) {
    const known = REPEATABLE.has(`${request.method} ${schemaPath}`);
    if (known && !request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", crypto.randomUUID());
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
};

function address(baseUrl: string, path: string, query: Query = {}): string {
  const known = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    known.map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `${baseUrl}${path}${known.length > 0 ? `?${search}` : ""}`;
}

export function makeClient(options: ClientOptions): Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const doFetch = options.fetch ?? ((input, init) => fetch(input, init));
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  const common: Record<string, string> = { ...options.headers };
  if (options.token) common.authorization = `Bearer ${options.token}`;
  const withEnd = (signal?: AbortSignal | null) => {
    const all = [options.signal, signal].filter((one) => one != null);
    return all.length > 0 ? { signal: AbortSignal.any(all) } : {};
  };
  const fetcher = createClient<paths, `${string}/${string}`>({
    baseUrl,
    headers: common,
    fetch: (request) => send(request, doFetch, retry),
    ...withEnd(),
  });
  fetcher.use(manners);

  const ask: Client["ask"] = async (path, { query, ...init } = {}) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(common)) headers.set(name, value);
    const request = new Request(address(baseUrl, path, query), {
      ...init,
      headers,
      ...withEnd(init.signal),
    });
    const response = await send(request, doFetch, retry);
    if (!response.ok) throw await problemOf(response);
    return response;
  };
  return {
    ...fetcher,
    baseUrl,
    ask,
    async *lines<T>(path: string, query?: Query) {
      yield* readNdjson<T>(await ask(path, query ? { query } : {}));
    },
    follow(path, { query, ...how } = {}) {
      const url = address(baseUrl, path, query);
      return followSse(
        (headers, signal) => doFetch(url, { headers: { ...common, ...headers }, signal }),
        { ...how, ...withEnd(how.signal) },
      );
    },
  };
}
