// A component whose code is loaded when it is first shown. A piece that is gone from the server means that a newer
// dashboard was deployed: then reloading helps, and is offered.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Action, Loading, Notice } from "./basics.tsx";

export function later<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P> {
  let Loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const there = useSignal(Loaded !== null);
    const failed = useSignal(false);
    useEffect(() => {
      if (Loaded !== null) return;
      load().then(
        (module) => {
          Loaded = module.default;
          there.value = true;
        },
        () => {
          failed.value = true;
        },
      );
    }, []);
    if (failed.value) {
      return (
        <Notice tone="warn" alert>
          <p>This page could not be loaded; there may be a newer version of it.</p>
          <Action run={() => location.reload()}>Reload</Action>
        </Notice>
      );
    }
    if (!there.value || Loaded === null) return <Loading what="the page" />;
    const Ready = Loaded;
    return <Ready {...props} />;
  };
}
