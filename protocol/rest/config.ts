// Config as code: coppice.toml as the API takes it, and the plan that it comes to.
import * as z from "zod";
import { FieldError } from "../problems.ts";
import { count } from "./common.ts";

export const PutConfigQuery = z.object({
  /** `1`: answer with the plan and do nothing. */
  dry_run: z.enum(["0", "1"]).default("0"),
  /** Which workers are deployed: those whose release would be another one, all (there may be new commits), or none. */
  deploy: z.enum(["changed", "always", "never"]).default("changed"),
});
export type PutConfigQuery = z.infer<typeof PutConfigQuery>;

export const FieldChange = z.object({
  /** As the file calls it. */
  field: z.string(),
  from: z.string(),
  to: z.string(),
});

export const ConfigOperation = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("create"),
    name: z.string(),
    /** What it begins with, as the file calls it and as people read it. */
    fields: z.array(z.object({ field: z.string(), value: z.string() })),
    instances: count,
    mode: z.enum(["available", "exclusive"]),
    /** Names of its variables. */
    env: z.array(z.string()),
    deploy: z.boolean(),
  }),
  z.object({
    type: z.literal("change"),
    name: z.string(),
    specVersion: count,
    changes: z.array(FieldChange),
  }),
  /** Where the values differ. Whether they do is not told before they are set: they may be secrets. */
  z.object({ type: z.literal("env"), name: z.string(), set: z.array(z.string()) }),
  z.object({
    type: z.literal("deploy"),
    name: z.string(),
    branch: z.string(),
    /** `if_env_differs`: only where a variable has another value then. */
    when: z.enum(["now", "if_env_differs"]),
  }),
  /** A worker of the project that the file does not name. */
  z.object({ type: z.literal("leave"), name: z.string() }),
]);
export type ConfigOperation = z.infer<typeof ConfigOperation>;

export const ConfigView = z.object({
  operations: z.array(ConfigOperation),
  /** What stands in the way; nothing is done while there is any. */
  obstacles: z.array(FieldError),
  /** Secrets that have no value yet: they stand in the way too. */
  missing: z.array(z.object({ worker: z.string(), name: z.string() })),
  /** Of what the plan was made from; as If-Match it refuses to carry out another plan than this. */
  version: z.string(),
  /** False for a plan alone. */
  applied: z.boolean(),
  /** One that could not be begun leaves the others, and what was stored, alone. */
  deploys: z.array(
    z.object({ worker: z.string(), number: count.nullable(), problem: z.string().nullable() }),
  ),
});
export type ConfigView = z.infer<typeof ConfigView>;
