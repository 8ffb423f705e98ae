// What a host downloads: the files of one version of agent and keeper, as `/agent/manifest.json` names them.
import * as z from "zod";

/** Files lie at `/agent/{version}/{name}`. */
export const AGENT_MANIFEST_PATH = "/agent/manifest.json";

/** Also a directory's name on the host, and read by a shell there. */
export const AgentVersion = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/);

export const AgentManifest = z.object({
  version: AgentVersion,
  /** Version of the channel's protocol that this agent speaks. */
  protocol: z.int().min(1),
  files: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: z
          .int()
          .min(0)
          .max(64 * 1_048_576),
      }),
    )
    .min(1)
    .max(32),
});
export type AgentManifest = z.infer<typeof AgentManifest>;
export type AgentFile = AgentManifest["files"][number];
