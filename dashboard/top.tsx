// The bar above every page: where one is, where one can go, who one is.
import { useLocation } from "preact-iso";
import { pageGroups, pageHosts, pageProject, pageTokens } from "./api/paths.ts";
import { Action } from "./parts/basics.tsx";
import { may, session, signOut } from "./session.ts";
import { plain } from "./text/plain.ts";

/** The project of the address, else one's own. */
function projectOf(path: string, own: string | null): string | null {
  const found = /^\/p\/([^/]+)/.exec(path)?.[1];
  return found === undefined ? own : decodeURIComponent(found);
}

export function Top() {
  const { path } = useLocation();
  const now = session.value;
  if (now.phase !== "in") return null;
  const { who } = now;
  const project = projectOf(path, who.project?.name ?? null);
  return (
    <header class="top">
      <a class="skip" href="#main">
        To the content
      </a>
      <a class="brand" href="/" aria-label="Coppice, to the start">
        <img src="/favicon.svg" alt="" width="22" height="22" />
        <span>Coppice</span>
      </a>
      {project !== null && (
        <nav aria-label={`Project ${plain(project)}`}>
          <Go to={pageProject(project)} at={path} below={["/w/", "/new"]}>
            Workers
          </Go>
          <Go to={pageHosts(project)} at={path}>
            Hosts
          </Go>
          <Go to={pageGroups(project)} at={path} below={["/"]}>
            Groups
          </Go>
          {may("admin") && (
            <Go to={pageTokens(project)} at={path}>
              Tokens
            </Go>
          )}
        </nav>
      )}
      <details class="who">
        <summary>
          <span class="who-name">{plain(project ?? who.name)}</span>
        </summary>
        <div class="menu">
          <p>
            Signed in as <strong>{plain(who.name)}</strong>
            <br />
            <span class="soft">
              role {who.role}
              {who.project !== null && `, project ${plain(who.project.name)}`}
            </span>
          </p>
          {who.project === null && <a href="/">All projects</a>}
          <a href="/docs">API reference</a>
          <a href="/status">Status page</a>
          <Action run={signOut}>Sign out</Action>
        </div>
      </details>
    </header>
  );
}

function Go(props: { to: string; at: string; below?: string[]; children: string }) {
  const { to, at, below = [] } = props;
  const here = at === to || below.some((part) => at.startsWith(`${to}${part}`));
  return (
    <a href={to} aria-current={here ? "page" : undefined}>
      {props.children}
    </a>
  );
}
