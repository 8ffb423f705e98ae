// All projects, for the operator; everybody else has one and is taken there.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ProjectView } from "../../protocol/rest.ts";
import { createProject, listProjects } from "../api/api.ts";
import { pageProject } from "../api/paths.ts";
import { Age, Foreign, Loading, Why } from "../parts/basics.tsx";
import { Field } from "../parts/field.tsx";

export default function ProjectsPage() {
  const projects = useSignal<readonly ProjectView[] | null>(null);
  const name = useSignal("");
  const error = useSignal<Error | null>(null);
  const attempt = async (run: () => Promise<void>) => {
    error.value = null;
    await run().catch((refused) => {
      error.value = refused;
    });
  };
  const read = async () => {
    projects.value = (await listProjects()).items;
  };
  useEffect(() => {
    document.title = "Projects · Coppice";
    void attempt(read);
  }, []);
  return (
    <div class="page narrow">
      <h1>Projects</h1>
      <Why error={error.value} />
      {projects.value === null && error.value === null && <Loading what="the projects" />}
      {projects.value !== null && projects.value.length > 0 && (
        <ul class="list">
          {projects.value.map((project) => (
            <li key={project.id}>
              <a href={pageProject(project.name)}>
                <Foreign text={project.name} />
              </a>
              <span class="soft small">
                made <Age at={project.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(async () => {
            await createProject(name.value);
            name.value = "";
            await read();
          });
        }}
      >
        <Field
          label="New project"
          value={name.value}
          set={(value) => {
            name.value = value;
          }}
          input={{ required: true, placeholder: "shop" }}
        />
        <button type="submit" class="button main">
          Make it
        </button>
      </form>
    </div>
  );
}
