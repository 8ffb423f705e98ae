// A store of artifacts that speaks the agents' part of the real protocol: asked for, put whole, fetched.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface ArtifactStore {
  readonly url: string;
  /** By digest without its prefix. */
  readonly held: Map<string, Buffer>;
  /** Method and digest of each request. */
  readonly asked: string[];
  close(): void;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function openArtifactStore(): Promise<ArtifactStore> {
  const held = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const hash = request.url?.split("/").at(-1) ?? "";
    asked.push(`${request.method} ${hash}`);
    if (request.method === "PUT") {
      held.set(hash, await bytesOf(request));
      response.writeHead(201).end();
      return;
    }
    const body = held.get(hash);
    response.writeHead(body === undefined ? 404 : 200);
    response.end(request.method === "GET" ? body : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, held, asked, close: () => void server.close() };
}
