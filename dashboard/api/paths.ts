// Addresses: of the API, and of the pages. Every part that comes from outside is encoded here and nowhere else.
const enc = encodeURIComponent;

export const apiProject = (project: string) => `/v1/projects/${enc(project)}`;
export const apiWorker = (project: string, worker: string) =>
  `${apiProject(project)}/workers/${enc(worker)}`;

export const TABS = ["events", "logs", "env", "deploys", "settings"] as const;
export type Tab = (typeof TABS)[number];

export const pageProject = (project: string) => `/p/${enc(project)}`;
export const pageNew = (project: string) => `${pageProject(project)}/new`;
export const pageHosts = (project: string) => `${pageProject(project)}/hosts`;
export const pageGroups = (project: string, group?: string) =>
  `${pageProject(project)}/groups${group === undefined ? "" : `/${enc(group)}`}`;
export const pageTokens = (project: string) => `${pageProject(project)}/tokens`;
export const pageWorker = (project: string, worker: string, tab: Tab = "events") =>
  `${pageProject(project)}/w/${enc(worker)}${tab === "events" ? "" : `/${tab}`}`;
export const pageDeploy = (project: string, worker: string, number: number) =>
  `${pageWorker(project, worker, "deploys")}/${number}`;
