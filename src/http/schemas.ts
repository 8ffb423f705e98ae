// Names of schemas in the OpenAPI document, and the pieces that routes are declared with.
import { zodToOpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { z } from "@hono/zod-openapi";
import { BeginUpload, GoneWorkers, UploadView } from "../../protocol/artifact.ts";
import { CoppiceToml } from "../../protocol/config.ts";
import { GitCredential, GitCredentialView } from "../../protocol/git-credential.ts";
import { PROBLEMS, Problem, type ProblemCode } from "../../protocol/problems.ts";
import * as rest from "../../protocol/rest.ts";
import { CreateWorker, PatchWorker } from "../../protocol/spec.ts";
import * as page from "../../protocol/status-page.ts";
import * as statuspage from "../../protocol/statuspage.ts";

const NAMES = {
  Problem,
  Project: rest.ProjectView,
  CreateProject: rest.CreateProject,
  WorkerService: rest.WorkerView,
  CreateWorker,
  PatchWorker,
  Instance: rest.InstanceView,
  HostInstance: rest.HostInstanceView,
  Crash: rest.CrashView,
  CrashGroup: rest.CrashGroupView,
  LogLine: rest.LogLine,
  Deploy: rest.DeployView,
  CreateDeploy: rest.CreateDeploy,
  Release: rest.ReleaseView,
  CreateRollback: rest.CreateRollback,
  ReleaseDiff: rest.ReleaseDiffView,
  Event: rest.EventView,
  Env: rest.EnvView,
  EnvChange: rest.EnvChangeView,
  CoppiceToml,
  Config: rest.ConfigView,
  ChangeEnv: rest.ChangeEnv,
  Hook: rest.HookView,
  NewHook: rest.NewHookView,
  CreateHook: rest.CreateHook,
  HookAnswer: rest.HookAnswer,
  Group: rest.GroupView,
  GroupChange: rest.GroupChangeView,
  CreateGroup: rest.CreateGroup,
  Host: rest.HostView,
  DrainHost: rest.DrainHost,
  Thawed: rest.Thawed,
  JoinToken: rest.JoinTokenView,
  JoinRequest: rest.JoinRequest,
  JoinAnswer: rest.JoinAnswer,
  Token: rest.TokenView,
  NewToken: rest.NewTokenView,
  CreateToken: rest.CreateToken,
  Whoami: rest.WhoamiView,
  Health: rest.HealthView,
  StatusPage: page.StatusPageView,
  PublishWorker: page.PublishWorker,
  Incident: page.IncidentView,
  AnnotateIncident: page.AnnotateIncident,
  Maintenance: page.MaintenanceView,
  CreateMaintenance: page.CreateMaintenance,
  StatuspageComponent: statuspage.StatuspageComponent,
  StatuspageIncident: statuspage.StatuspageIncident,
  StatuspageMaintenance: statuspage.StatuspageMaintenance,
  ShieldsBadge: statuspage.ShieldsBadge,
  CreateSignInLink: rest.CreateSignInLink,
  SignInLink: rest.SignInLinkView,
  CreateSession: rest.CreateSession,
  CreateDeviceCode: rest.CreateDeviceCode,
  NewDeviceCode: rest.NewDeviceCodeView,
  DeviceCode: rest.DeviceCodeView,
  ApproveDeviceCode: rest.ApproveDeviceCode,
  ClaimDeviceToken: rest.ClaimDeviceToken,
  DeviceToken: rest.DeviceTokenView,
  ProjectStreamEvent: rest.ProjectStreamEvent,
  WorkerStreamEvent: rest.WorkerStreamEvent,
  BuildLogLine: rest.BuildLogLine,
  InspectRepo: rest.InspectRepo,
  CommandSuggestion: rest.CommandSuggestion,
  Repo: rest.RepoView,
  BeginUpload,
  GoneWorkers,
  SetGitCredential: GitCredential,
  GitCredential: GitCredentialView,
  Upload: UploadView,
} as const satisfies Record<string, z.ZodType>;

// The generator's own registry: the schemas of protocol/ were made without it and stay as they are.
for (const [refId, schema] of Object.entries(NAMES)) {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId } });
}

/** One JSON answer. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A JSON body. */
export function body<T extends z.ZodType, R extends boolean>(schema: T, required: R) {
  return { required, content: { "application/json": { schema } } };
}

export function problemExample(code: ProblemCode): Problem {
  const { status, title } = PROBLEMS[code];
  const type = `https://coppice.dev/problems/${code}`;
  return {
    type,
    title,
    status,
    code,
    detail: `${title}.`,
    requestId: "req_0123456789abcdef01234567",
  };
}

/** All problems of a route, one entry for each status. */
export function problemResponses(codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, Set<ProblemCode>>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, named]) => [
      status,
      {
        description: [...named].map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(" "),
        content: {
          "application/problem+json": { schema: Problem, example: problemExample([...named][0]!) },
        },
      },
    ]),
  );
}

const nameOrId = (what: string) =>
  z.string().openapi({ description: `Name or id of the ${what}.`, example: `my-${what}` });

export const ProjectParams = z.object({ project: nameOrId("project") });
export const WorkerParams = ProjectParams.extend({ worker: nameOrId("worker") });
export const HostParams = ProjectParams.extend({ host: nameOrId("host") });
export const GroupParams = ProjectParams.extend({ group: nameOrId("group") });
const hookId = z.string().max(64).openapi({ description: "Id of the hook.", example: "hok_0193…" });
export const HookIdParams = z.object({ hook: hookId });
export const HookParams = WorkerParams.extend({ hook: hookId });
export const TokenParams = ProjectParams.extend({
  token: z.string().openapi({ description: "Id of the token.", example: "tok_0193…" }),
});
export const DeployParams = WorkerParams.extend({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ description: "Number of the deploy.", example: 3 }),
});

export const ReleaseParams = WorkerParams.extend({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ description: "Number of the release.", example: 3 }),
});

export const UserCodeParams = z.object({
  userCode: z
    .string()
    .max(32)
    .openapi({ description: "The code that the client shows.", example: "BCDF-GHJK" }),
});

export const IdempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(255)
    .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
    .optional()
    .openapi({
      description: "Repeating the request with the same key and body gives the first answer again.",
    }),
});

export const IfMatchHeaders = z.object({
  "if-match": z
    .string()
    .max(255)
    .optional()
    .openapi({ description: 'The ETag that was seen, such as `"3"`; 412 if it is another now.' }),
});

export const ConfigHeaders = IdempotencyHeaders.extend(IfMatchHeaders.shape);
