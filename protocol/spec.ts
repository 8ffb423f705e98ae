// What a user may ask for: the spec of a worker. Parsed once at the edge; inside, the parsed type is trusted.
import * as z from "zod";

export const LIMITS = {
  instances: 500,
  nameChars: 63,
  commandChars: 8_192,
  envVars: 500,
  envValueBytes: 65_536,
  /** Globs of one worker. */
  paths: 50,
  /** In one coppice.toml. */
  configWorkers: 50,
  /** Of variables, for one worker. */
  groups: 16,
  bodyBytes: 1_048_576,
  /** A runtime such as Node has a dozen threads before it runs anything. */
  leastPids: 16,
  leastOpenFiles: 16,
} as const;

/** Names of projects, workers and hosts: lower case, digits and single hyphens; safe in paths, labels and addresses. */
export const nameSchema = z
  .string()
  .min(1)
  .max(LIMITS.nameChars)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    "must be lower-case letters, digits and single hyphens, like `mail-sender`",
  );

const CONTROL = /\p{Cc}/u;

/** https, ssh and scp-like addresses; `file://` and absolute paths pass here and are allowed only by a local control plane. */
export const repoSchema = z
  .string()
  .min(1)
  .max(2_048)
  .superRefine((repo, ctx) => {
    const reason = refuseRepo(repo);
    if (reason) ctx.addIssue({ code: "custom", message: reason });
  });

/** Why a repository address is refused, or null. */
export function refuseRepo(repo: string): string | null {
  if (CONTROL.test(repo) || /\s/.test(repo)) return "must not contain spaces or control characters";
  if (repo.startsWith("-")) return "must not begin with `-`";
  if (/^[a-z0-9+.-]*::/i.test(repo)) return "remote helpers such as `ext::` are not allowed";
  if (repoIsLocal(repo)) return repo.split("/").includes("..") ? "must not contain `..`" : null;
  if (/^https:\/\//.test(repo)) {
    if (!URL.canParse(repo)) return "is not a valid URL";
    const url = new URL(repo);
    if (url.username || url.password) return "must not carry credentials";
    return url.hostname.startsWith("-") ? "host must not begin with `-`" : null;
  }
  if (/^ssh:\/\//.test(repo)) {
    if (!URL.canParse(repo)) return "is not a valid URL";
    const url = new URL(repo);
    if (url.password) return "must not carry a password";
    return url.hostname.startsWith("-") || url.username.startsWith("-")
      ? "host must not begin with `-`"
      : null;
  }
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^-:/][^:]*$/.test(repo)) return null;
  return "must be an https:// or ssh:// address, or user@host:path";
}

export function repoIsLocal(repo: string): boolean {
  return repo.startsWith("/") || repo.startsWith("file:///");
}

/** A branch as git allows it, a little stricter; never an option. */
export const branchSchema = z
  .string()
  .min(1)
  .max(255)
  .refine(
    (name) =>
      !name.startsWith("-") &&
      !name.startsWith("/") &&
      !name.endsWith("/") &&
      !name.endsWith(".lock") &&
      !name.endsWith(".") &&
      !name.includes("..") &&
      !name.includes("//") &&
      !name.includes("@{") &&
      !/[\p{Cc} ~^:?*[\\]/u.test(name),
    "is not a valid branch name",
  );

/** A folder inside the repository, `.` for its root. */
export const rootDirSchema = z
  .string()
  .max(1_024)
  .refine(
    (path) => !CONTROL.test(path) && !path.includes("\\"),
    "must not contain control characters or backslashes",
  )
  .refine((path) => !path.startsWith("/"), "must be relative to the repository")
  .refine(
    (path) => !path.split("/").some((part) => part === ".." || part === ".git"),
    "must stay inside the repository",
  )
  .transform(
    (path) =>
      path
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .join("/") || ".",
  );

/** Run by a shell. */
export const commandSchema = z
  .string()
  .min(1)
  .max(LIMITS.commandChars)
  .refine((text) => text.trim() !== "", "must not be blank")
  .refine((text) => !text.includes("\u0000"), "must not contain NUL");

export const STOP_SIGNALS = [
  "SIGTERM",
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
] as const;

export const MODES = ["available", "exclusive"] as const;

/** Which comes first where a slot goes over to another release: the newcomer's start, or the old one's end. */
export const ROLLOUTS = ["start-first", "stop-first"] as const;

/** Labels of hosts: `region`, `disk`, `build` and what else their owner finds useful. */
export const labelsSchema = z
  .record(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, "must be a label's name, like `disk`"),
    z
      .string()
      .regex(
        /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
        "must be a label's value, like `ssd`",
      ),
  )
  .refine((labels) => Object.keys(labels).length <= 32, "at most 32 labels");

export const groupsSchema = z
  .array(nameSchema)
  .max(LIMITS.groups, `must not be more than ${LIMITS.groups}`)
  .refine((names) => new Set(names).size === names.length, "must name each group once");

/** Globs from the top of the repository: `api/**`, `!**\/*.md`. */
export const pathsSchema = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .refine(
        (glob) => !CONTROL.test(glob) && !/^!?\//.test(glob) && glob !== "!",
        "must be a path from the top of the repository, without a leading slash",
      ),
  )
  .max(LIMITS.paths);

const specFields = {
  repo: repoSchema,
  branch: branchSchema,
  rootDir: rootDirSchema,
  buildCommand: commandSchema.nullable(),
  /** Run once per deploy on one host, after the build and before the rollout; where it fails, nothing is rolled out. */
  predeployCommand: commandSchema.nullable(),
  startCommand: commandSchema,
  instances: z.int().min(0).max(LIMITS.instances),
  mode: z.enum(MODES),
  /** An exclusive worker is always `stop-first`. */
  rollout: z.enum(ROLLOUTS),
  stopSignal: z.enum(STOP_SIGNALS),
  /** 1 s to 1 h. */
  stopGraceMs: z.int().min(1_000).max(3_600_000),
  /** Set aside on the host for each instance, and its limit; null for nothing. At least 4 MiB. */
  memoryBytes: z
    .int()
    .min(4_194_304)
    .max(2 ** 45)
    .nullable(),
  /** Set aside on the host for each instance, in cores, and its limit; null for nothing. */
  cpus: z.number().min(0.01).max(1_024).nullable(),
  /** Processes and threads that an instance may have at once; null for no limit. */
  pids: z.int().min(LIMITS.leastPids).max(4_194_304).nullable(),
  /** Files that each of its processes may have open at once; null for what the host allows. */
  openFiles: z.int().min(LIMITS.leastOpenFiles).max(1_048_576).nullable(),
  /** Labels that a host must have to run it; `region` stands for the host's region. */
  hosts: labelsSchema,
  /** Groups of variables by name: a later one's value beats an earlier one's, and the worker's own beat them all. */
  groups: groupsSchema,
  /** Which changed files make a push deploy it; empty for those below `rootDir`. */
  paths: pathsSchema,
};

/** What the user asked for, one immutable version of it. It holds no release: what is live is the object's. */
export const WorkerSpec = z.strictObject({
  name: nameSchema,
  ...specFields,
  /** `stopped` keeps everything but runs nothing; `deleted` ends all for good. */
  wanted: z.enum(["running", "stopped", "deleted"]),
});
export type WorkerSpec = z.infer<typeof WorkerSpec>;

/** A spec as it was stored, perhaps before some of its fields existed: it asks for nothing there. */
export function readSpec(json: string): WorkerSpec {
  const unlimited = { memoryBytes: null, cpus: null, pids: null, openFiles: null };
  const unasked = { ...unlimited, hosts: {}, groups: [], paths: [] };
  const usual = { predeployCommand: null, rollout: "start-first" };
  return { ...unasked, ...usual, ...JSON.parse(json) } as WorkerSpec;
}

export const CreateWorker = z.strictObject({
  name: nameSchema,
  repo: specFields.repo,
  branch: specFields.branch.default("main"),
  rootDir: specFields.rootDir.default("."),
  buildCommand: specFields.buildCommand.default(null),
  predeployCommand: specFields.predeployCommand.default(null),
  startCommand: specFields.startCommand,
  instances: specFields.instances.default(1),
  mode: specFields.mode.default("available"),
  rollout: specFields.rollout.default("start-first"),
  stopSignal: specFields.stopSignal.default("SIGTERM"),
  stopGraceMs: specFields.stopGraceMs.default(30_000),
  memoryBytes: specFields.memoryBytes.default(null),
  cpus: specFields.cpus.default(null),
  pids: specFields.pids.default(null),
  openFiles: specFields.openFiles.default(null),
  hosts: specFields.hosts.default({}),
  groups: specFields.groups.default([]),
  paths: specFields.paths.default([]),
  /** Variables of the first release; write-only. */
  env: z.record(z.string(), z.string()).default({}),
  /** Deploy at once; false keeps the worker `pending` until the first deploy is asked for. */
  deploy: z.boolean().default(true),
});
export type CreateWorker = z.infer<typeof CreateWorker>;

export const PatchWorker = z
  .strictObject({
    name: nameSchema.optional(),
    repo: specFields.repo.optional(),
    branch: specFields.branch.optional(),
    rootDir: specFields.rootDir.optional(),
    buildCommand: specFields.buildCommand.optional(),
    predeployCommand: specFields.predeployCommand.optional(),
    startCommand: specFields.startCommand.optional(),
    instances: specFields.instances.optional(),
    mode: specFields.mode.optional(),
    rollout: specFields.rollout.optional(),
    stopSignal: specFields.stopSignal.optional(),
    stopGraceMs: specFields.stopGraceMs.optional(),
    memoryBytes: specFields.memoryBytes.optional(),
    cpus: specFields.cpus.optional(),
    pids: specFields.pids.optional(),
    openFiles: specFields.openFiles.optional(),
    hosts: specFields.hosts.optional(),
    groups: specFields.groups.optional(),
    paths: specFields.paths.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, "must change at least one field");
export type PatchWorker = z.infer<typeof PatchWorker>;

/** Names of variables: POSIX, and none of those that Coppice sets itself. */
export const envNameSchema = z
  .string()
  .max(256)
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "must be letters, digits and underscores, not beginning with a digit",
  )
  .refine(
    (name) => !name.startsWith("COPPICE_"),
    "names that begin with COPPICE_ are set by Coppice",
  );
