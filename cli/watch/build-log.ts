// What the build of a deploy wrote since the last look. A control plane without build logs is simply silent.
import { ApiError, readNdjson, type Schemas } from "../../client/index.ts";
import type { Session } from "../session.ts";
import type { Begun } from "./begun.ts";

export class BuildLog {
  readonly #session: Session;
  readonly #begun: Begun;
  #cursor: string | undefined;
  #silent = false;

  constructor(session: Session, begun: Begun) {
    this.#session = session;
    this.#begun = begun;
  }

  async more(): Promise<string[]> {
    if (this.#silent) return [];
    const { worker, number } = this.#begun;
    const project = await this.#session.project();
    const path = `/v1/projects/${encodeURIComponent(project)}/workers/${encodeURIComponent(worker)}/deploys/${number}/log`;
    try {
      const response = await this.#session.client.ask(path, {
        query: { cursor: this.#cursor, limit: 1_000 },
      });
      const lines: string[] = [];
      for await (const line of readNdjson<Schemas["BuildLogLine"]>(response)) lines.push(line.text);
      this.#cursor = response.headers.get("coppice-cursor") ?? this.#cursor;
      return lines;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#silent = true;
      return [];
    }
  }
}
