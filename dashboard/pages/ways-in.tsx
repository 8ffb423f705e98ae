// An empty project: three ways to the first worker, each complete.
import { pageNew } from "../api/paths.ts";
import { Copyable } from "../parts/basics.tsx";
import { may } from "../session.ts";

export function WaysIn({ project }: { project: string }) {
  const path = `${location.origin}/v1/projects/${encodeURIComponent(project)}/workers`;
  const body = `{"name":"mailer","repo":"https://github.com/acme/shop","startCommand":"node mailer.js"}`;
  const curl = `curl ${path} \\\n  -H "authorization: Bearer $TOKEN" \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
  return (
    <section class="ways" aria-label="Three ways to make the first worker">
      <p class="lead">
        Nothing runs here yet. A worker is a program from a git repository that Coppice keeps alive:
        it needs no port and no public address.
      </p>
      <div class="way">
        <h2>With a form</h2>
        <p>Name a repository; branches and start commands are suggested.</p>
        {may("developer") ? (
          <a class="button main" href={pageNew(project)}>
            New worker
          </a>
        ) : (
          <p class="soft">This needs the role developer; you are signed in as viewer.</p>
        )}
      </div>
      <div class="way">
        <h2>From the terminal</h2>
        <p>
          In the folder of your program. A <code>Procfile</code> is understood.
        </p>
        <Copyable
          label="Commands"
          text={`coppice login ${location.origin}\ncoppice init\ncoppice up`}
        />
      </div>
      <div class="way">
        <h2>Over the API</h2>
        <p>
          All of it is in the <a href="/docs">reference</a>.
        </p>
        <Copyable label="Request" text={curl} />
      </div>
    </section>
  );
}
