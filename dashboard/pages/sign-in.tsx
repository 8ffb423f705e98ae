// Signing in: by a one-time link, whose code stands behind the # and never reaches a server log, or by a token.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Notice, Why } from "../parts/basics.tsx";
import { Field } from "../parts/field.tsx";
import { askWho, session, signIn } from "../session.ts";

export default function SignInPage() {
  const { route, path } = useLocation();
  const code = useSignal<string | null>(readCode());
  const token = useSignal("");
  const error = useSignal<Error | null>(null);
  const go = () => path === "/sign-in" && route("/", true);

  const take = async (proof: { code: string } | { token: string }) => {
    error.value = null;
    try {
      await signIn(proof);
      go();
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  useEffect(() => {
    document.title = "Sign in · Coppice";
    if (code.value === null) {
      if (path === "/sign-in") void askWho().then(() => session.value.phase === "in" && go());
      return;
    }
    const { value } = code;
    history.replaceState(null, "", "/sign-in");
    void take({ code: value }).finally(() => {
      code.value = null;
    });
  }, []);
  if (code.value !== null) return <p role="status">Signing you in …</p>;

  const now = session.value;
  return (
    <div class="card sign-in">
      <h1>
        <img src="/favicon.svg" alt="" width="32" height="32" />
        Coppice
      </h1>
      {now.phase === "out" && now.why === "over" && (
        <Notice tone="warn">
          <p>Your session is over. Sign in again to go on where you were.</p>
        </Notice>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void take({ token: token.value.trim() });
        }}
      >
        <Why error={error.value} />
        <Field
          label="Token"
          value={token.value}
          set={(value) => {
            token.value = value;
          }}
          input={{ type: "password", required: true, autocomplete: "current-password" }}
          hint="An API token of your project. It is exchanged for a session and not kept in the browser."
        />
        <button type="submit" class="button main">
          Sign in
        </button>
      </form>
      <section>
        <h2>Or with a link</h2>
        <p class="soft">
          <code>npm start</code> prints one, and so does <code>coppice open</code>. Each link works
          once, within 15 minutes.
        </p>
      </section>
    </div>
  );
}

function readCode(): string | null {
  return location.pathname === "/sign-in" && location.hash.length > 1
    ? location.hash.slice(1)
    : null;
}
