// Groups of variables that several workers share: which there are, what is in one, and who takes it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import type { GroupView } from "../../protocol/rest.ts";
import { changeGroup, createGroup, deleteGroup, listGroups } from "../api/api.ts";
import { pageGroups, pageWorker } from "../api/paths.ts";
import { Action, Age, Foreign, Loading, Notice, Why } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { EnvEditor } from "../parts/env-editor.tsx";
import { Field } from "../parts/field.tsx";
import { may } from "../session.ts";
import { plain } from "../text/plain.ts";

export default function GroupsPage() {
  const { project = "", group: wanted } = useRoute().params;
  const groups = useSignal<readonly GroupView[] | null>(null);
  const error = useSignal<Error | null>(null);
  const read = () =>
    listGroups(project).then(
      ({ items }) => {
        groups.value = items;
      },
      (refused) => {
        error.value = refused;
      },
    );
  useEffect(() => {
    document.title = `Groups · ${plain(project)} · Coppice`;
    void read();
  }, [project]);
  const all = groups.value;
  const one = all?.find(({ name }) => name === wanted);
  return (
    <div class="page">
      {wanted !== undefined && (
        <p class="crumb">
          <a href={pageGroups(project)}>Groups</a>
        </p>
      )}
      <Why error={error.value} />
      {all === null && error.value === null && <Loading what="the groups" />}
      {all !== null && wanted === undefined && <List project={project} groups={all} read={read} />}
      {one && <One key={one.id} project={project} group={one} read={read} />}
      {all !== null && wanted !== undefined && !one && <p>There is no such group.</p>}
    </div>
  );
}

function List(props: {
  project: string;
  groups: readonly GroupView[];
  read: () => Promise<unknown>;
}) {
  const { groups, project } = props;
  const making = useSignal(false);
  return (
    <>
      <div class="title">
        <h1>
          Groups <span class="soft">of</span> <Foreign text={project} />
        </h1>
        {may("developer") && (
          <Action kind="main" run={() => (making.value = true)}>
            New group
          </Action>
        )}
      </div>
      <p class="soft">
        Variables that several workers share. A worker takes those of the groups that its settings
        name.
      </p>
      {groups.length === 0 && <p>There is none yet.</p>}
      {groups.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Variables</th>
              <th scope="col">Workers</th>
              <th scope="col" class="wide">
                Made
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.id}>
                <th scope="row">
                  <a href={pageGroups(project, group.name)}>
                    <Foreign text={group.name} />
                  </a>
                </th>
                <td>{group.items.length}</td>
                <td>{group.workers.map(({ name }) => plain(name)).join(", ") || "none"}</td>
                <td class="wide">
                  <Age at={group.createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {making.value && (
        <Make project={project} read={props.read} close={() => (making.value = false)} />
      )}
    </>
  );
}

function Make(props: { project: string; close: () => void; read: () => Promise<unknown> }) {
  const { close, project, read } = props;
  const { route } = useLocation();
  const name = useSignal("");
  const error = useSignal<Error | null>(null);
  const make = async (event: Event) => {
    event.preventDefault();
    error.value = null;
    try {
      const made = await createGroup(project, name.value);
      await read();
      close();
      route(pageGroups(project, made.name));
    } catch (refused) {
      if (!(refused instanceof Error)) throw refused;
      error.value = refused;
    }
  };
  return (
    <Dialog title="New group" close={close}>
      <form class="stack" onSubmit={make}>
        <Field
          label="Name"
          value={name.value}
          set={(value) => {
            name.value = value;
          }}
          input={{ required: true, maxLength: 63, class: "mono", placeholder: "shared" }}
        />
        <Why error={error.value} />
        <button type="submit" class="button main">
          Make it
        </button>
      </form>
    </Dialog>
  );
}

function One(props: { project: string; group: GroupView; read: () => Promise<unknown> }) {
  const { group, project, read } = props;
  const { route } = useLocation();
  const begun = useSignal<readonly string[]>([]);
  const behind = group.workers.filter((one) => one.envChanged);
  const ship = async () => {
    const { deploys } = await changeGroup(project, group.name, { set: {}, plain: false }, true);
    begun.value = deploys.map(({ number, problem, worker }) =>
      number === null ? `${worker}: ${problem}` : `${worker}: deploy ${number}`,
    );
    await read();
  };
  const remove = async () => {
    await deleteGroup(project, group.id);
    await read();
    route(pageGroups(project), true);
  };
  return (
    <>
      <div class="title">
        <h1>
          <Foreign text={group.name} />
        </h1>
        {may("developer") && group.workers.length === 0 && (
          <Action kind="danger" run={remove}>
            Delete
          </Action>
        )}
      </div>
      <EnvEditor
        items={group.items}
        change={(body) => changeGroup(project, group.name, body, false)}
        read={read}
        ship={ship}
        head={
          <>
            {behind.length > 0 && (
              <Notice tone="busy">
                <p>
                  Env changed, deploy to apply: {behind.map(({ name }) => plain(name)).join(", ")}.
                </p>
                {may("developer") && <Action run={ship}>Deploy its workers</Action>}
              </Notice>
            )}
            {begun.value.length > 0 && (
              <ul role="status">
                {begun.value.map((line) => (
                  <li key={line}>{plain(line)}</li>
                ))}
              </ul>
            )}
          </>
        }
        foot={<Users project={project} group={group} />}
      />
    </>
  );
}

function Users({ project, group }: { project: string; group: GroupView }) {
  return (
    <>
      <h3>Workers that take them</h3>
      {group.workers.length === 0 && (
        <p class="soft">None: name the group in the settings of a worker.</p>
      )}
      <ul>
        {group.workers.map((worker) => (
          <li key={worker.id}>
            <a href={pageWorker(project, worker.name, "env")}>
              <Foreign text={worker.name} />
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
