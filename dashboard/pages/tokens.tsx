// API tokens: made and shown once, listed without their text, revoked at once.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { NewTokenView, TokenView } from "../../protocol/rest.ts";
import { createToken, listTokens, revokeToken } from "../api/api.ts";
import { Action, Age, Copyable, Foreign, Loading, Why } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { plain } from "../text/plain.ts";

const ROLES = ["viewer", "developer", "admin"] as const;
const LIVES = {
  never: null,
  "in a day": 86_400,
  "in 30 days": 2_592_000,
  "in a year": 31_536_000,
} as const;

export default function TokensPage() {
  const { project = "" } = useRoute().params;
  const tokens = useSignal<readonly TokenView[] | null>(null);
  const error = useSignal<Error | null>(null);
  const making = useSignal(false);
  const leaving = useSignal<TokenView | null>(null);
  const read = () =>
    listTokens(project).then(
      ({ items }) => {
        tokens.value = items;
      },
      (refused) => {
        error.value = refused;
      },
    );
  useEffect(() => {
    document.title = `Tokens · ${plain(project)} · Coppice`;
    void read();
  }, [project]);
  return (
    <div class="page">
      <div class="title">
        <h1>
          Tokens <span class="soft">of</span> <Foreign text={project} />
        </h1>
        <Action kind="main" run={() => (making.value = true)}>
          New token
        </Action>
      </div>
      <p class="soft">
        For the command line, scripts and CI. A viewer reads; a developer also deploys, scales and
        sets variables; an admin also manages hosts and tokens.
      </p>
      <Why error={error.value} />
      {tokens.value === null && error.value === null && <Loading what="the tokens" />}
      {tokens.value !== null && tokens.value.length > 0 && (
        <Tokens tokens={tokens.value} revoke={(token) => (leaving.value = token)} />
      )}
      {making.value && (
        <Make
          project={project}
          close={() => {
            making.value = false;
            void read();
          }}
        />
      )}
      {leaving.value !== null && (
        <Dialog title={`Revoke ${plain(leaving.value.name)}?`} close={() => (leaving.value = null)}>
          <p>Whoever uses it is turned away at once. There is no way back.</p>
          <p class="row">
            <Action
              kind="danger"
              run={async () => {
                if (leaving.value !== null) await revokeToken(project, leaving.value.id);
                leaving.value = null;
                await read();
              }}
            >
              Revoke it
            </Action>
            <Action run={() => (leaving.value = null)}>Keep it</Action>
          </p>
        </Dialog>
      )}
    </div>
  );
}

function endOf({ expiresAt }: TokenView): string {
  return expiresAt === null
    ? "never"
    : new Date(expiresAt).toLocaleDateString(undefined, { dateStyle: "medium" });
}

function Tokens(props: { tokens: readonly TokenView[]; revoke: (token: TokenView) => void }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col" class="wide">
            Made
          </th>
          <th scope="col" class="wide">
            Last used
          </th>
          <th scope="col" class="wide">
            Ends
          </th>
          <th scope="col">
            <span class="hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.tokens.map((token) => (
          <tr key={token.id}>
            <th scope="row">
              <Foreign text={token.name} />
              <span class="sub narrow-only">
                {token.expiresAt === null ? "has no end" : `ends ${endOf(token)}`}
              </span>
            </th>
            <td>{token.role}</td>
            <td class="wide">
              <Age at={token.createdAt} />
            </td>
            <td class="wide">
              <Age at={token.lastUsedAt} />
            </td>
            <td class="wide">{endOf(token)}</td>
            <td class="end">
              <Action
                kind="quiet"
                run={() => props.revoke(token)}
                label={`Revoke ${plain(token.name)}`}
              >
                Revoke
              </Action>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Make({ project, close }: { project: string; close: () => void }) {
  const name = useSignal("");
  const role = useSignal<(typeof ROLES)[number]>("developer");
  const life = useSignal<keyof typeof LIVES>("never");
  const made = useSignal<NewTokenView | null>(null);
  const error = useSignal<Error | null>(null);
  const make = async (event: Event) => {
    event.preventDefault();
    error.value = null;
    const expiresInS = LIVES[life.value];
    try {
      made.value = await createToken(project, {
        ...{ name: name.value, role: role.value },
        ...(expiresInS === null ? {} : { expiresInS }),
      });
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  if (made.value !== null) {
    return (
      <Dialog title="The token" close={close}>
        <p>Take it now: it is shown this once.</p>
        <Copyable label="Token" text={made.value.token} />
      </Dialog>
    );
  }
  return (
    <Dialog title="New token" close={close}>
      <form class="stack" onSubmit={make}>
        <Field
          label="Name"
          value={name.value}
          set={(value) => {
            name.value = value;
          }}
          input={{ required: true, maxLength: 100, placeholder: "deploys from CI" }}
        />
        <Choice
          label="Role"
          options={ROLES}
          value={role.value}
          set={(value) => {
            role.value = value as (typeof ROLES)[number];
          }}
        />
        <Choice
          label="Ends"
          options={Object.keys(LIVES)}
          value={life.value}
          set={(value) => {
            life.value = value as keyof typeof LIVES;
          }}
        />
        <Why error={error.value} />
        <button type="submit" class="button main">
          Make it
        </button>
      </form>
    </Dialog>
  );
}
