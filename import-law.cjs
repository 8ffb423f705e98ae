// The import law: rooms import downward only. Held by `npm run imports`; explained in docs/ARCHITECTURE.md.
const only = (name, from, allowed, extra = {}) => ({
  name,
  severity: "error",
  comment: `${from} may import only: ${allowed.join(", ") || "nothing"}`,
  from: { path: `^${from}/`, ...extra },
  to: {
    path: "^(protocol|src|agent|client|cli|dashboard|scripts|bench|test)/",
    pathNot: [`^${from}/`, ...allowed],
  },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "protocol-zod-only",
      severity: "error",
      from: { path: "^protocol/" },
      to: { pathNot: ["^protocol/", "node_modules/zod/"] },
    },
    {
      name: "keeper-files-without-dependency",
      severity: "error",
      comment: "the keeper loads these; they may not pull in zod",
      from: { path: "^protocol/(policy|instance|keeper)\\.ts$" },
      to: { path: "node_modules" },
    },
    only("domain", "src/domain", ["^protocol/"]),
    {
      name: "domain-pure",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { path: "node_modules" },
    },
    only("logs", "src/logs", ["^src/rpc\\.ts$", "^protocol/"]),
    only("db", "src/db", ["^protocol/"]),
    only("objects", "src/objects", [
      "^src/domain/",
      "^src/logs/",
      "^src/db/",
      "^src/env\\.ts$",
      "^src/rpc\\.ts$",
      "^protocol/",
    ]),
    only("services", "src/services", [
      "^src/logs/",
      "^src/db/",
      "^src/env\\.ts$",
      "^src/rpc\\.ts$",
      "^protocol/",
    ]),
    only("status", "src/status", ["^src/db/", "^src/domain/", "^protocol/"]),
    only("http", "src/http", ["^src/services/", "^src/status/", "^src/env\\.ts$", "^protocol/"]),
    {
      name: "http-no-drizzle",
      severity: "error",
      from: { path: "^src/http/" },
      to: { path: "node_modules/drizzle-orm" },
    },
    {
      name: "env",
      severity: "error",
      from: { path: "^src/env\\.ts$" },
      to: { path: "^src/", pathNot: ["^src/rpc\\.ts$"] },
    },
    {
      name: "rpc",
      severity: "error",
      from: { path: "^src/rpc\\.ts$" },
      to: { path: "^(src|agent)/" },
    },
    only("agent", "agent", ["^protocol/"]),
    only("client", "client", ["^protocol/"]),
    only("cli", "cli", ["^client/", "^protocol/"]),
    only("dashboard", "dashboard", ["^client/", "^protocol/"]),
    {
      name: "keeper-alone",
      severity: "error",
      from: { path: "^agent/keeper/" },
      to: { pathNot: ["^agent/keeper/", "^protocol/(policy|instance|keeper)\\.ts$", "^node:"] },
    },
  ],
};
