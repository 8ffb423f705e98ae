// A small client of the public HTTP API, for the launcher and the end-to-end tests: no privileged way in.
import type { Problem } from "../../protocol/problems.ts";

/** The API's own refusal: its problem document. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;
  constructor(method: string, path: string, status: number, problem: Partial<Problem>) {
    const fields = problem.errors?.map((error) => `${error.path}: ${error.message}`).join("; ");
    const detail = [problem.code, problem.detail, fields].filter(Boolean).join(" – ");
    super(`${method} ${path}: ${status} ${detail}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

export interface ApiOptions {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

export class Api {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** The raw answer, whatever its status. */
  async fetch(path: string, options: ApiOptions = {}): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` };
    if (options.body !== undefined) headers["content-type"] = "application/json";
    const timeout =
      options.timeoutMs === 0 ? [] : [AbortSignal.timeout(options.timeoutMs ?? 15_000)];
    const outer = options.signal ? [options.signal] : [];
    return fetch(`${this.url}${path}`, {
      method: options.method ?? (options.body === undefined ? "GET" : "POST"),
      headers: { ...headers, ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.any([...timeout, ...outer]),
    });
  }

  /** The parsed body; throws ApiError for anything but 2xx. */
  async json<T>(path: string, options: ApiOptions = {}): Promise<T> {
    const response = await this.fetch(path, options);
    const text = await response.text();
    if (!response.ok) {
      const method = options.method ?? (options.body === undefined ? "GET" : "POST");
      throw new ApiError(method, path, response.status, parseProblem(text));
    }
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  /** Every line of an NDJSON page. */
  async lines<T>(path: string, options: ApiOptions = {}): Promise<T[]> {
    const response = await this.fetch(path, options);
    const text = await response.text();
    if (!response.ok) throw new ApiError("GET", path, response.status, parseProblem(text));
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  }

  /** Server-sent events until the connection ends or `signal` aborts. */
  async *events(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const response = await this.fetch(path, {
      signal,
      timeoutMs: 0,
      headers: { accept: "text/event-stream" },
    });
    if (!response.ok || response.body === null) {
      throw new ApiError("GET", path, response.status, parseProblem(await response.text()));
    }
    let rest = "";
    const text = response.body.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      rest += chunk.replaceAll("\r\n", "\n");
      let border = rest.indexOf("\n\n");
      while (border >= 0) {
        const event = parseEvent(rest.slice(0, border));
        rest = rest.slice(border + 2);
        if (event !== null) yield event;
        border = rest.indexOf("\n\n");
      }
    }
  }
}

function parseProblem(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

function parseEvent(block: string): ServerEvent | null {
  let event = "message";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") event = value ?? "";
    else if (field === "id") id = value ?? "";
    else if (field === "data") data.push(value ?? "");
  }
  return data.length === 0 ? null : { event, id, data: data.join("\n") };
}
