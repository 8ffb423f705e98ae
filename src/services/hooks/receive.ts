// A call to a hook: is it signed, was it heard before, what does it mean, and the deploy that follows.
//
// 1. Nothing is read of a body before its signature is right, and nothing is stored but a count of wrong ones.
// 2. An id that is none is answered as slowly as one that is: with the same look into D1 and the same HMAC over the same body.
//    It is counted by address alone, before its body comes: ids are the caller's to make up.
// 3. What is sent again is the same deploy, with the answer of the first time: known by its signature, the one thing that
//    nobody but who signed it can make another of.

import { isId } from "../../../protocol/ids.ts";
import { PROBLEMS, ProblemError } from "../../../protocol/problems.ts";
import { GenericPush, type HookAnswer, type HookKind } from "../../../protocol/rest.ts";
import { utf8 } from "../../db/bytes.ts";
import { type FoundHook, hookById, noteUse } from "../../db/hooks.ts";
import { type StoredWorker, workerById } from "../../db/workers.ts";
import { absent } from "../authorise.ts";
import type { Call } from "../call.ts";
import { startDeploy } from "../deploys/start.ts";
import { snapshotEnv } from "../env/snapshot.ts";
import { bounded, guarded } from "../limit.ts";
import { once, type RepeatKey, type Seed, seededId } from "../seed.ts";
import { judgeGeneric, judgePush, type Verdict } from "./push.ts";
import { canonicalSignature, isSignedBy } from "./signature.ts";
import { openSecret } from "./view.ts";

/** A generic call is heard for so long after it was signed, and so long before by a clock that is ahead. */
const WINDOW_S = 300;
const ANY_SECRET = `cop_hook_${"0".repeat(56)}`;

export interface HookCall {
  readonly id: string;
  readonly kind: HookKind;
  /** The bytes as they come. */
  readonly readBody: () => Promise<Uint8Array>;
  readonly contentType: string | undefined;
  readonly signature: string | undefined;
  /** GitHub: which event. */
  readonly event: string | undefined;
  /** Generic: seconds since the epoch, signed with the body. */
  readonly timestamp: string | undefined;
  readonly address: string;
  readonly path: string;
}

/** One whose body has come. */
type Read = HookCall & { readonly body: Uint8Array };

interface AdmittedHook extends FoundHook {
  readonly received: Read;
}

function signedParts({ body, kind, timestamp }: Read): Uint8Array[] {
  return kind === "github" ? [body] : [utf8(`${timestamp ?? ""}.`), body];
}

/** Throws `not_found` for an id that is none and `hook_signature` for a wrong signature, and counts both. */
async function admitHook(call: Call, asked: HookCall): Promise<AdmittedHook> {
  const { address, id, kind, signature } = asked;
  // An id of another form is looked for all the same.
  const found = await hookById(call.db, isId("hook", id) ? id : "");
  const mine = found?.hook.kind === kind ? found : null;
  if (!mine) {
    await bounded(call, { what: "hook_id", who: address });
    await isSignedBy(
      ANY_SECRET,
      signedParts({ ...asked, body: await asked.readBody() }),
      signature,
    );
    throw absent("hook");
  }
  const received = await guarded(
    call,
    { what: "hook_signature", who: `${address}|${id}` },
    {
      isWrong: (read) => read instanceof ProblemError,
      run: async (): Promise<Read | ProblemError> => {
        const read = { ...asked, body: await asked.readBody() };
        const secret = await openSecret(call, mine.project, mine.hook);
        return (await isSignedBy(secret, signedParts(read), signature)) ? read : unsigned(asked);
      },
    },
  );
  if (received instanceof ProblemError) throw received;
  return { ...mine, received };
}

function unsigned({ kind, signature }: HookCall): ProblemError {
  const where =
    kind === "github"
      ? "X-Hub-Signature-256: set the hook's secret at GitHub"
      : "X-Coppice-Signature";
  return new ProblemError(
    "hook_signature",
    signature
      ? "The signature does not fit the body and the hook's secret."
      : `Send the signature in ${where}.`,
  );
}

function checkFresh(call: Call, { timestamp }: HookCall): void {
  const at = /^\d{1,12}$/.test(timestamp ?? "") ? Number(timestamp) : Number.NaN;
  if (Math.abs(call.now / 1_000 - at) <= WINDOW_S) return;
  throw new ProblemError(
    "hook_signature",
    `X-Coppice-Timestamp must be the time of signing in seconds, at most ${WINDOW_S} s ago.`,
  );
}

function readJson({ body, contentType, kind }: Read): unknown {
  if (body.length === 0 && kind === "generic") return {};
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType ?? ""))
    throw new ProblemError(
      "unsupported_media_type",
      kind === "github"
        ? "Set the hook's content type at GitHub to application/json."
        : "Send `Content-Type: application/json`.",
    );
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    throw new ProblemError("malformed_json", PROBLEMS.malformed_json.title);
  }
}

function judge(received: Read, worker: StoredWorker): Verdict | "pong" {
  const { event, kind } = received;
  if (kind === "github") {
    if (event === "ping") return "pong";
    if (event !== "push")
      return {
        kind: "ignore",
        reason: `only push events count, not ${(event ?? "none").slice(0, 40)}`,
      };
    return judgePush(readJson(received), worker.spec);
  }
  const push = GenericPush.safeParse(readJson(received));
  if (push.success) return judgeGeneric(push.data, worker.spec);
  const [issue] = push.error.issues;
  return {
    kind: "malformed",
    message: `${issue?.path.join(".") || "the body"}: ${issue?.message}`,
  };
}

async function deploy(
  call: Call,
  found: FoundHook & { readonly worker: StoredWorker },
  verdict: Extract<Verdict, { kind: "deploy" }>,
  input: { readonly seed: Seed; readonly kind: HookKind },
): Promise<HookAnswer> {
  const { project, worker } = found;
  const name = `push by ${verdict.by ?? "somebody"}`;
  const started = await startDeploy(
    { call, project, worker, actor: { name } },
    {
      deployId: seededId(input.seed, "deploy", 0),
      kind: "deploy",
      // GitHub's word is that something was pushed; what to run is the branch as it is then.
      ref: input.kind === "generic" ? verdict.commit : null,
      env: await snapshotEnv(call, project, worker),
      actor: name,
    },
  );
  return {
    ...{ outcome: "deploying", reason: null, worker: worker.row.name },
    ...{ deploy: started.number, commit: verdict.commit },
  };
}

/** What tells one call from the next: its signature, which was found right. */
function repeatOf({ body, event, path, signature }: Read): RepeatKey {
  const key = canonicalSignature(signature);
  const text = new TextDecoder().decode(body);
  return { key, method: "POST", path: `${path} ${event ?? ""}`, body: text };
}

export async function receiveHook(call: Call, asked: HookCall): Promise<HookAnswer> {
  const found = await admitHook(call, asked);
  const { hook, received } = found;
  if (received.kind === "generic") checkFresh(call, received);
  await bounded(call, { what: "hook", who: hook.id });
  const worker = await workerById(call.db, hook.workerId);
  if (!worker || worker.row.deletedAt !== null) throw absent("hook");
  const verdict = judge(received, worker);
  const say = (outcome: string) =>
    call.later(noteUse(call.db, hook.id, { at: call.now, outcome: outcome.slice(0, 300) }));
  const none = { worker: worker.row.name, deploy: null, commit: null };
  if (verdict === "pong") {
    say("answered a ping");
    return { ...none, outcome: "pong", reason: null };
  }
  if (verdict.kind === "malformed") {
    say(`malformed: ${verdict.message}`);
    throw new ProblemError("invalid_request", `This is no push: ${verdict.message}.`);
  }
  if (verdict.kind === "ignore") {
    say(`ignored: ${verdict.reason}`);
    return { ...none, outcome: "ignored", reason: verdict.reason };
  }
  try {
    const answer = await once({ call, actor: hook }, repeatOf(received), {
      kept: true,
      run: (seed) => deploy(call, { ...found, worker }, verdict, { seed, kind: hook.kind }),
    });
    say(`deploy ${answer.deploy}`);
    return answer;
  } catch (error) {
    if (error instanceof ProblemError) say(`not deployed: ${error.message}`);
    throw error;
  }
}
