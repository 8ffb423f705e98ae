// A file server for tests of downloads: files of its own, and what another server has, falsified where a test wants it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Mirror {
  readonly url: string;
  /** By path; in front of what the other server has. */
  readonly files: Map<string, Buffer>;
  /** Changes what is passed on. */
  falsify: ((path: string, bytes: Buffer) => Buffer) | null;
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startMirror(upstream: string | null): Promise<Mirror> {
  const files = new Map<string, Buffer>();
  const asked: string[] = [];
  const answer = async (path: string): Promise<Buffer | null> => {
    const own = files.get(path);
    if (own !== undefined) return own;
    if (upstream === null) return null;
    const response = await fetch(`${upstream}${path}`);
    return response.ok ? Buffer.from(await response.arrayBuffer()) : null;
  };
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    const bytes = await answer(path).catch(() => null);
    response.statusCode = bytes === null ? 404 : 200;
    response.end(bytes === null ? "" : (mirror.falsify?.(path, bytes) ?? bytes));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const mirror: Mirror = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    falsify: null,
    asked,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return mirror;
}
