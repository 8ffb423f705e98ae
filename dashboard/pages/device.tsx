// `coppice login` shows a code; here somebody who is signed in compares it and lets the client in, or not.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { DeviceCodeView } from "../../protocol/rest.ts";
import { approveDevice, denyDevice, readDevice } from "../api/api.ts";
import { Action, Age, Foreign, Notice, Why } from "../parts/basics.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { session } from "../session.ts";

type Phase =
  | { readonly phase: "code" }
  | { readonly phase: "ask"; readonly view: DeviceCodeView }
  | { readonly phase: "done"; readonly let: boolean };

const ROLES = ["viewer", "developer", "admin"] as const;

export default function DevicePage() {
  const { query } = useLocation();
  const code = useSignal(query.code ?? query.user_code ?? "");
  const phase = useSignal<Phase>({ phase: "code" });
  const error = useSignal<Error | null>(null);
  const now = session.value;
  const own = now.phase === "in" ? now.who.role : "viewer";
  const roles = ROLES.slice(0, own === "operator" ? 3 : ROLES.indexOf(own) + 1);
  const role = useSignal<(typeof ROLES)[number]>(roles.at(-1) ?? "viewer");

  const attempt = async (run: () => Promise<Phase>) => {
    error.value = null;
    try {
      phase.value = await run();
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  const look = () =>
    attempt(async () => ({ phase: "ask", view: await readDevice(code.value.trim()) }));
  const decide = (yes: boolean) =>
    attempt(async () => {
      if (yes) await approveDevice(code.value.trim(), { role: role.value });
      else await denyDevice(code.value.trim());
      return { phase: "done", let: yes };
    });
  useEffect(() => {
    document.title = "Let a computer in · Coppice";
    if (code.value !== "") void look();
  }, []);

  const at = phase.value;
  return (
    <div class="page narrow">
      <h1>Let a computer in</h1>
      <Why error={error.value} />
      {at.phase === "code" && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void look();
          }}
        >
          <Field
            label="Code"
            value={code.value}
            set={(value) => {
              code.value = value.toUpperCase();
            }}
            input={{ placeholder: "BCDF-GHJK", required: true, size: 12, class: "mono big" }}
            hint={
              <>
                <code>coppice login</code> shows it in the terminal.
              </>
            }
          />
          <button type="submit" class="button main">
            Go on
          </button>
        </form>
      )}
      {at.phase === "ask" && (
        <div class="card stack">
          <p>
            <strong>
              <Foreign text={at.view.clientName} />
            </strong>{" "}
            asks for a token (<Age at={at.view.createdAt} />
            ). Does the terminal show this very code?
          </p>
          <p class="mono big">{code.value}</p>
          <Choice
            label="Role of its token"
            options={roles}
            value={role.value}
            set={(value) => {
              role.value = value as (typeof ROLES)[number];
            }}
          />
          <p class="row">
            <Action kind="main" run={() => decide(true)}>
              Let it in
            </Action>
            <Action run={() => decide(false)}>No, turn it away</Action>
          </p>
        </div>
      )}
      {at.phase === "done" && (
        <Notice tone={at.let ? "good" : "none"}>
          <p role="status">
            {at.let ? "It is let in: go on in the terminal." : "It was turned away."} You may close
            this page.
          </p>
        </Notice>
      )}
    </div>
  );
}
