// The variables of a worker, with those that its groups give it; in force with the next deploy.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { EnvView } from "../../../protocol/rest.ts";
import { changeEnv, deploy, getEnv } from "../../api/api.ts";
import { pageDeploy, pageGroups } from "../../api/paths.ts";
import type { WorkerLive } from "../../live/worker.ts";
import { Action, Foreign, Loading, Notice, Why } from "../../parts/basics.tsx";
import { EnvEditor } from "../../parts/env-editor.tsx";
import { may } from "../../session.ts";

export default function EnvTab({ live }: { live: WorkerLive }) {
  const { project, name } = live;
  const { route } = useLocation();
  const env = useSignal<EnvView | null>(null);
  const error = useSignal<Error | null>(null);
  const read = () =>
    getEnv(project, name).then(
      (view) => {
        env.value = view;
      },
      (refused) => {
        error.value = refused;
      },
    );
  const { release, envChanged = false } = live.worker.value ?? {};
  useEffect(() => {
    void read();
  }, [project, name, release, envChanged]);
  if (env.value === null) {
    return error.value === null ? <Loading what="the variables" /> : <Why error={error.value} />;
  }
  const { groups, items, version, liveVersion } = env.value;
  const ship = async () => route(pageDeploy(project, name, (await deploy(project, name)).number));
  const waiting = envChanged || (version > 0 && version !== liveVersion);
  return (
    <EnvEditor
      items={items}
      change={(body) => changeEnv(project, name, body)}
      read={read}
      ship={ship}
      head={
        waiting && (
          <Notice tone="busy">
            <p>
              Env changed, deploy to apply: version {version} is saved, and the live release runs
              with {liveVersion === null ? "none yet" : `version ${liveVersion}`}
              {groups.some((one) => one.version !== one.liveVersion) && " and older groups"}.
            </p>
            {may("developer") && <Action run={ship}>Deploy now</Action>}
          </Notice>
        )
      }
      foot={groups.length > 0 && <Groups project={project} env={env.value} />}
    />
  );
}

/** Weakest first, as they are applied. */
function Groups({ project, env }: { project: string; env: EnvView }) {
  const own = new Set(env.items.map((item) => item.name));
  return (
    <>
      <h3>From groups</h3>
      <p class="hint">A later group beats an earlier one; the worker's own variables beat both.</p>
      <ul>
        {env.groups.map((group, at) => {
          const later = new Set(env.groups.slice(at + 1).flatMap(({ names }) => names));
          return (
            <li key={group.name}>
              <a href={pageGroups(project, group.name)}>
                <Foreign text={group.name} />
              </a>{" "}
              <span class="soft small">v{group.version}</span>:{" "}
              {group.names.length === 0 && <span class="soft">nothing yet</span>}
              {group.names.map((name, nth) => (
                <span key={name}>
                  {nth > 0 && ", "}
                  {own.has(name) || later.has(name) ? (
                    <s title="another value is used">
                      <Foreign text={name} mono />
                    </s>
                  ) : (
                    <Foreign text={name} mono />
                  )}
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </>
  );
}
