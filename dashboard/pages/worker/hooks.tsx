// Deploy on push: the hooks of a worker, made, given another secret, ended. A secret is shown once.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { HookView, NewHookView } from "../../../protocol/rest.ts";
import { createHook, listHooks, revokeHook, rotateHook } from "../../api/api.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Age, Copyable, Why } from "../../parts/basics.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { plain } from "../../text/plain.ts";

const KINDS = { github: "GitHub", generic: "Signed call" } as const;

export function Hooks({ live }: { live: WorkerLive }) {
  const { project, name } = live;
  const hooks = useSignal<readonly HookView[]>([]);
  const made = useSignal<NewHookView | null>(null);
  const error = useSignal<Error | null>(null);
  const read = () =>
    listHooks(project, name).then(
      ({ items }) => {
        hooks.value = items;
      },
      (refused) => {
        error.value = refused;
      },
    );
  useEffect(() => {
    void read();
  }, [project, name]);
  const make = (kind: HookView["kind"]) => async () => {
    made.value = await createHook(project, name, kind);
    await read();
  };
  return (
    <section class="stack" aria-labelledby="hooks">
      <h2 id="hooks">Deploy on push</h2>
      <p class="hint">
        A push to the worker's branch deploys it, where it changes a file of its paths; without
        paths, one below its root directory.
      </p>
      <Why error={error.value} />
      {hooks.value.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Last call</th>
              <th scope="col">
                <span class="hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {hooks.value.map((hook) => (
              <tr key={hook.id}>
                <th scope="row">
                  {KINDS[hook.kind]}
                  <span class="sub mono">…{hook.id.slice(-6)}</span>
                </th>
                <td>
                  <Age at={hook.lastUsedAt} />
                  {hook.lastOutcome !== null && <span class="sub">{plain(hook.lastOutcome)}</span>}
                </td>
                <td class="end">
                  <Action
                    kind="quiet"
                    label={`New secret for hook ${hook.id.slice(-6)}`}
                    run={async () => {
                      made.value = await rotateHook(project, name, hook.id);
                    }}
                  >
                    New secret
                  </Action>
                  <Action
                    kind="quiet"
                    label={`Remove hook ${hook.id.slice(-6)}`}
                    run={async () => {
                      await revokeHook(project, name, hook.id);
                      await read();
                    }}
                  >
                    Remove
                  </Action>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="row">
        <Action run={make("github")}>New hook for GitHub</Action>
        <Action run={make("generic")}>New hook for a signed call</Action>
      </p>
      {made.value !== null && (
        <Dialog title="The hook" close={() => (made.value = null)}>
          <p>Take the secret now: it is shown this once.</p>
          <Copyable label="Address" text={made.value.url} />
          <Copyable label="Secret" text={made.value.secret} />
          {made.value.kind === "github" && (
            <p class="hint">
              At GitHub: Settings, Webhooks, Add; content type <code>application/json</code>, just
              the push event.
            </p>
          )}
        </Dialog>
      )}
    </section>
  );
}
