// A native modal dialog: focus, Escape and the rest of the page being inert come from the browser.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog(props: { title: string; close: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={props.close}>
      <header>
        <h2 id={id}>{props.title}</h2>
        <button
          type="button"
          class="button quiet"
          aria-label="Close"
          onClick={() => ref.current?.close()}
        >
          ✕
        </button>
      </header>
      {props.children}
    </dialog>
  );
}
