// What stands in front locally: the app for its own paths, the dashboard's files for all others. On Cloudflare the same
// is done by `run_worker_first` of wrangler.toml, which is where the paths come from. Put in front of every request,
// as the embedded runtime would do it, the file server takes a third of the API's speed.

/** `/v1/*` and the like as one expression. */
export function ownPaths(patterns: readonly string[]): RegExp {
  const parts = patterns.map((pattern) =>
    pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*"),
  );
  return new RegExp(`^(?:${parts.join("|")})$`);
}

/** The module that the runtime enters by; `app` is the name of the control plane's own module. */
export function frontModule(app: string, patterns: readonly string[]): string {
  return `import app from ${JSON.stringify(app)};
export * from ${JSON.stringify(app)};
const own = ${ownPaths(patterns)};
export default {
  ...app,
  fetch(request, env, ctx) {
    if (own.test(new URL(request.url).pathname)) return app.fetch(request, env, ctx);
    return env.DASHBOARD.fetch(request);
  },
};
`;
}
