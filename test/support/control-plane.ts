// A real control plane without any host, as a supervised process on a free port: what hosts are installed against.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostView, JoinTokenView, NewTokenView, ProjectView } from "../../protocol/rest.ts";
import { Api } from "../../scripts/local/api.ts";
import { controlPlanePart } from "../../scripts/local/parts.ts";
import { makeState, readSecrets, statePaths } from "../../scripts/local/state.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { QUICK_POLICY } from "./cluster.ts";

export interface ControlPlane {
  readonly url: string;
  /** With an admin's token of `project`. */
  readonly api: Api;
  readonly project: ProjectView;
  invite(): Promise<JoinTokenView>;
  hosts(): Promise<HostView[]>;
  close(): Promise<void>;
}

export async function startControlPlane(): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), "coppice-plane-"));
  const paths = statePaths(join(directory, "state"));
  makeState(paths);
  const port = await freePort();
  const part = controlPlanePart({ paths, port, policy: JSON.stringify(QUICK_POLICY) });
  part.start();
  const close = async () => {
    await part.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await waitUntil({ what: "the control plane", withinMs: 40_000 }, () => part.ready);
    const operator = new Api(url, readSecrets(paths).operatorToken);
    const project = await operator.json<ProjectView>("/v1/projects", { body: { name: "shop" } });
    const base = `/v1/projects/${project.id}`;
    const body = { name: "tests", role: "admin" };
    const made = await operator.json<NewTokenView>(`${base}/tokens`, { body });
    const api = new Api(url, made.token);
    return {
      ...{ url, api, project, close },
      invite: () => api.json<JoinTokenView>(`${base}/join-tokens`, { method: "POST", body: {} }),
      hosts: async () => (await api.json<{ items: HostView[] }>(`${base}/hosts`)).items,
    };
  } catch (error) {
    const log = readFileSync(part.spec.logFile, "utf8").slice(-4_000);
    await close();
    throw new Error(`the control plane did not start: ${error}\n${log}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
