// Makes a worker that coppice.toml names, to be deployed later: so that its variables can be set before the first `up`.
import { ok } from "../../client/index.ts";
import type { WantedWorker } from "../file/wanted.ts";
import type { Session } from "../session.ts";

export async function createWorker(session: Session, wanted: WantedWorker): Promise<void> {
  const { env: _, secrets: __, ...fields } = wanted;
  await ok(
    session.client.POST("/v1/projects/{project}/workers", {
      params: { path: { project: await session.project() } },
      body: {
        ...fields,
        groups: [...wanted.groups],
        paths: [...wanted.paths],
        // Those of the file come with `up`, marked as no secrets.
        env: {},
        instances: wanted.instances ?? 1,
        deploy: false,
      },
    }),
  );
}
