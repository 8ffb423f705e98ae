// Made from /openapi.json by `npm run client:generate`; a test fails where it is out of date. Not edited by hand.

export interface paths {
  "/healthz": {
    /** Is the control plane there, and can it read its store? No token needed. */
    get: operations["health"];
  };
  "/v1/whoami": {
    /** The token's name, role and project. Role: viewer. */
    get: operations["whoami"];
  };
  "/v1/sign-in-links": {
    /** Make a link that signs a browser in, once and within 15 minutes. Role: viewer. */
    post: operations["createSignInLink"];
  };
  "/v1/session": {
    /** Begin a session with the code of a sign-in link, or with a token. No token needed. */
    post: operations["createSession"];
    /** End the session of this browser. No token needed. */
    delete: operations["deleteSession"];
  };
  "/v1/device-codes": {
    /** Ask for a token that a signed-in person is to approve. No token needed. */
    post: operations["createDeviceCode"];
  };
  "/v1/device-codes/token": {
    /** How it stands with a device code; the token, once, when it was approved. No token needed. */
    post: operations["claimDeviceToken"];
  };
  "/v1/device-codes/{userCode}": {
    /** Which client shows this code. Role: viewer. */
    get: operations["getDeviceCode"];
  };
  "/v1/device-codes/{userCode}/approve": {
    /** Give the client that shows this code a token. Role: developer. */
    post: operations["approveDeviceCode"];
  };
  "/v1/device-codes/{userCode}/deny": {
    /** Turn the client that shows this code away. Role: developer. */
    post: operations["denyDeviceCode"];
  };
  "/v1/projects": {
    /** The projects that the token may see. Role: viewer. */
    get: operations["listProjects"];
    /** Make a project. Role: operator. */
    post: operations["createProject"];
  };
  "/v1/projects/{project}/workers": {
    /** The workers of a project, with the status that was known last. Role: viewer. */
    get: operations["listWorkers"];
    /** Make a worker and deploy it at once. Role: developer. */
    post: operations["createWorker"];
  };
  "/v1/projects/{project}/workers/{worker}": {
    /** One worker, with its status now. Role: viewer. */
    get: operations["getWorker"];
    /** Change some fields; `instances` scales. Role: developer. */
    patch: operations["patchWorker"];
    /** End a worker for good; its name is free at once. Role: developer. */
    delete: operations["deleteWorker"];
  };
  "/v1/projects/{project}/workers/{worker}/stop": {
    /** Stop all instances and keep everything else. Role: developer. */
    post: operations["stopWorker"];
  };
  "/v1/projects/{project}/workers/{worker}/start": {
    /** Run a stopped worker again. Role: developer. */
    post: operations["startWorker"];
  };
  "/v1/projects/{project}/workers/{worker}/deploys": {
    /** The deploys of a worker, newest first. Role: viewer. */
    get: operations["listDeploys"];
    /** Deploy a branch or commit, with the variables as they are now. Role: developer. */
    post: operations["createDeploy"];
  };
  "/v1/projects/{project}/workers/{worker}/deploys/{number}": {
    /** One deploy, step by step. Role: viewer. */
    get: operations["getDeploy"];
  };
  "/v1/projects/{project}/workers/{worker}/deploys/{number}/cancel": {
    /** End a deploy that is under way; what was live stays. Role: developer. */
    post: operations["cancelDeploy"];
  };
  "/v1/projects/{project}/workers/{worker}/restart": {
    /** Replace all instances of the live release. Role: developer. */
    post: operations["restartWorker"];
  };
  "/v1/projects/{project}/workers/{worker}/rollbacks": {
    /** Bring back what an older release was: files, commands and variables, without a build. Role: developer. */
    post: operations["rollBack"];
  };
  "/v1/projects/{project}/workers/{worker}/releases/{number}/diff": {
    /** What would be different with that release: commit, commands, variables by name and version. Role: viewer. */
    get: operations["diffReleases"];
  };
  "/v1/projects/{project}/workers/{worker}/instances": {
    /** The instances of a worker now, by slot. Role: viewer. */
    get: operations["listInstances"];
  };
  "/v1/projects/{project}/workers/{worker}/releases": {
    /** The releases of a worker, newest first. Role: viewer. */
    get: operations["listReleases"];
  };
  "/v1/projects/{project}/workers/{worker}/crashes": {
    /** Every exit that nobody asked for, newest first. Role: viewer. */
    get: operations["listCrashes"];
  };
  "/v1/projects/{project}/workers/{worker}/crash-groups": {
    /** Kinds of crash: how often, since which release; seen last first. Role: viewer. */
    get: operations["listCrashGroups"];
  };
  "/v1/projects/{project}/workers/{worker}/events": {
    /** The timeline of a worker, newest first. Role: viewer. */
    get: operations["listEvents"];
  };
  "/v1/projects/{project}/workers/{worker}/logs": {
    /** The newest lines, or those after or before a cursor; with `follow=1` a stream that goes on. Role: viewer. */
    get: operations["readLogs"];
  };
  "/v1/projects/{project}/config": {
    /** Put a coppice.toml, as JSON, into force: all of it or nothing. Workers that it does not name are left alone. Role: developer. */
    put: operations["putConfig"];
  };
  "/schema/coppice.json": {
    /** The JSON Schema of coppice.toml, for editors. No token needed. */
    get: operations["configSchema"];
  };
  "/v1/projects/{project}/workers/{worker}/env": {
    /** The names of a worker's variables; never their values. Role: viewer. */
    get: operations["getEnv"];
    /** Set and unset variables, singly or by a `.env` text; in force with the next deploy. Role: developer. */
    put: operations["changeEnv"];
  };
  "/v1/projects/{project}/groups": {
    /** The groups of variables of a project; never their values. Role: viewer. */
    get: operations["listGroups"];
    /** Make a group; workers take its variables once their `groups` name it. Role: developer. */
    post: operations["createGroup"];
  };
  "/v1/projects/{project}/groups/{group}": {
    /** The names of a group's variables, and the workers that take them. Role: viewer. */
    get: operations["getGroup"];
    /** Delete a group that no worker names any more. Role: developer. */
    delete: operations["deleteGroup"];
  };
  "/v1/projects/{project}/groups/{group}/env": {
    /** Set and unset a group's variables; in force with the next deploy of each worker, at once with `deploy=1`. Role: developer. */
    put: operations["changeGroup"];
  };
  "/v1/projects/{project}/workers/{worker}/git-credential": {
    /** Whether a worker has a credential for its repository; never the credential. Role: viewer. */
    get: operations["getGitCredential"];
    /** Set a token (https) or a deploy key (ssh) for a private repository. Role: developer. */
    put: operations["setGitCredential"];
    /** Forget the credential of a worker's repository. Role: developer. */
    delete: operations["removeGitCredential"];
  };
  "/hooks/github/{hook}": {
    /** For GitHub's webhooks: a push to the worker's branch deploys it. The body is GitHub's, signed in X-Hub-Signature-256. No token needed. */
    post: operations["githubHook"];
  };
  "/hooks/deploy/{hook}": {
    /** For everything else: deploys the worker. X-Coppice-Signature is `sha256=` and the HMAC-SHA-256 of X-Coppice-Timestamp, a dot and the body. No token needed. */
    post: operations["deployHook"];
  };
  "/v1/projects/{project}/workers/{worker}/hooks": {
    /** The hooks of a worker; never their secrets. Role: developer. */
    get: operations["listHooks"];
    /** Make a hook; its secret is shown this once. Role: developer. */
    post: operations["createHook"];
  };
  "/v1/projects/{project}/workers/{worker}/hooks/{hook}/rotate": {
    /** Give a hook another secret; the one before is worthless at once. Role: developer. */
    post: operations["rotateHook"];
  };
  "/v1/projects/{project}/workers/{worker}/hooks/{hook}": {
    /** End a hook. Role: developer. */
    delete: operations["revokeHook"];
  };
  "/v1/projects/{project}/hosts": {
    /** The hosts of a project, with the status that was known last. Role: viewer. */
    get: operations["listHosts"];
  };
  "/v1/projects/{project}/hosts/{host}": {
    /** One host, with its status now. Role: viewer. */
    get: operations["getHost"];
    /** Remove a host for good; its instances are replaced elsewhere. Role: admin. */
    delete: operations["removeHost"];
  };
  "/v1/projects/{project}/hosts/{host}/instances": {
    /** What runs on a host now, by worker and slot, with what is to take each one's place. Role: viewer. */
    get: operations["listHostInstances"];
  };
  "/v1/projects/{project}/hosts/{host}/cordon": {
    /** Let a host take nothing new; what runs there stays. Role: admin. */
    post: operations["cordonHost"];
    /** Let a host take instances again. Role: admin. */
    delete: operations["uncordonHost"];
  };
  "/v1/projects/{project}/hosts/{host}/drain": {
    /** Empty a host: instances start elsewhere, then stop here; what is left at the deadline is stopped. Role: admin. */
    post: operations["drainHost"];
    /** End a drain: what has moved stays where it is, and the host takes instances again. Role: admin. */
    delete: operations["undrainHost"];
  };
  "/v1/projects/{project}/hosts/thaw": {
    /** Replace what lost hosts ran although many were lost at once: you know that they are dead. Role: admin. */
    post: operations["thawHosts"];
  };
  "/v1/projects/{project}/join-tokens": {
    /** Make a token with which one host may join within 15 minutes. Role: admin. */
    post: operations["createJoinToken"];
  };
  "/install.sh": {
    /** A shell script that makes a machine a host; it takes its join token from the environment. No token needed. */
    get: operations["installScript"];
  };
  "/v1/projects/{project}/tokens": {
    /** The tokens of a project; never their text. Role: admin. */
    get: operations["listTokens"];
    /** Make a token for this project. Role: admin. */
    post: operations["createToken"];
  };
  "/v1/projects/{project}/tokens/{token}": {
    /** Make a token worthless at once. Role: admin. */
    delete: operations["revokeToken"];
  };
  "/v1/projects/{project}/stream": {
    /** Workers and hosts of a project as they change, as server-sent events. Role: viewer. */
    get: operations["watchProject"];
  };
  "/v1/projects/{project}/workers/{worker}/stream": {
    /** Status, instances, deploys and timeline of a worker as they change, as server-sent events. Role: viewer. */
    get: operations["watchWorker"];
  };
  "/v1/projects/{project}/workers/{worker}/deploys/{number}/log": {
    /** What the build of a deploy wrote; with `follow=1` a stream that ends when the build has. Role: viewer. */
    get: operations["readBuildLog"];
  };
  "/v1/projects/{project}/inspect-repo": {
    /** The branches of a repository, and commands that its files suggest. Role: developer. */
    post: operations["inspectRepo"];
  };
  "/api/v2/summary.json": {
    /** Statuspage v2: summary. No token needed. */
    get: operations["allStatusSummary"];
  };
  "/api/v2/status.json": {
    /** Statuspage v2: status. No token needed. */
    get: operations["allStatusStatus"];
  };
  "/api/v2/components.json": {
    /** Statuspage v2: components. No token needed. */
    get: operations["allStatusComponents"];
  };
  "/api/v2/incidents.json": {
    /** Statuspage v2: incidents. No token needed. */
    get: operations["allStatusIncidents"];
  };
  "/api/v2/incidents/unresolved.json": {
    /** Statuspage v2: incidents unresolved. No token needed. */
    get: operations["allStatusIncidentsUnresolved"];
  };
  "/api/v2/scheduled-maintenances.json": {
    /** Statuspage v2: scheduled maintenances. No token needed. */
    get: operations["allStatusScheduledMaintenances"];
  };
  "/api/v2/scheduled-maintenances/upcoming.json": {
    /** Statuspage v2: scheduled maintenances upcoming. No token needed. */
    get: operations["allStatusScheduledMaintenancesUpcoming"];
  };
  "/api/v2/scheduled-maintenances/active.json": {
    /** Statuspage v2: scheduled maintenances active. No token needed. */
    get: operations["allStatusScheduledMaintenancesActive"];
  };
  "/history.atom": {
    /** Incidents as an Atom feed. No token needed. */
    get: operations["allStatusFeed"];
  };
  "/badge.svg": {
    /** A badge that says how it is. No token needed. */
    get: operations["allStatusBadge"];
  };
  "/badge.json": {
    /** The same for an endpoint badge of Shields. No token needed. */
    get: operations["allStatusShield"];
  };
  "/status": {
    /** The status page for people. No token needed. */
    get: operations["allStatusPage"];
  };
  "/status/{project}": {
    /** The status page for people. No token needed. */
    get: operations["projectStatusPage"];
  };
  "/status/{project}/api/v2/summary.json": {
    /** Statuspage v2: summary. No token needed. */
    get: operations["projectStatusSummary"];
  };
  "/status/{project}/api/v2/status.json": {
    /** Statuspage v2: status. No token needed. */
    get: operations["projectStatusStatus"];
  };
  "/status/{project}/api/v2/components.json": {
    /** Statuspage v2: components. No token needed. */
    get: operations["projectStatusComponents"];
  };
  "/status/{project}/api/v2/incidents.json": {
    /** Statuspage v2: incidents. No token needed. */
    get: operations["projectStatusIncidents"];
  };
  "/status/{project}/api/v2/incidents/unresolved.json": {
    /** Statuspage v2: incidents unresolved. No token needed. */
    get: operations["projectStatusIncidentsUnresolved"];
  };
  "/status/{project}/api/v2/scheduled-maintenances.json": {
    /** Statuspage v2: scheduled maintenances. No token needed. */
    get: operations["projectStatusScheduledMaintenances"];
  };
  "/status/{project}/api/v2/scheduled-maintenances/upcoming.json": {
    /** Statuspage v2: scheduled maintenances upcoming. No token needed. */
    get: operations["projectStatusScheduledMaintenancesUpcoming"];
  };
  "/status/{project}/api/v2/scheduled-maintenances/active.json": {
    /** Statuspage v2: scheduled maintenances active. No token needed. */
    get: operations["projectStatusScheduledMaintenancesActive"];
  };
  "/status/{project}/history.atom": {
    /** Incidents as an Atom feed. No token needed. */
    get: operations["projectStatusFeed"];
  };
  "/status/{project}/badge.svg": {
    /** A badge that says how it is. No token needed. */
    get: operations["projectStatusBadge"];
  };
  "/status/{project}/badge.json": {
    /** The same for an endpoint badge of Shields. No token needed. */
    get: operations["projectStatusShield"];
  };
  "/status/{project}/components/{component}/badge.svg": {
    /** A badge that says how it is. No token needed. */
    get: operations["componentStatusBadge"];
  };
  "/status/{project}/components/{component}/badge.json": {
    /** The same for an endpoint badge of Shields. No token needed. */
    get: operations["componentStatusShield"];
  };
  "/v1/projects/{project}/workers/{worker}/status-page": {
    /** Whether the worker is public, and under which name. Role: viewer. */
    get: operations["getStatusPage"];
    /** Make the worker public on the status page, or private again. Role: developer. */
    put: operations["publishWorker"];
  };
  "/v1/projects/{project}/incidents": {
    /** The incidents of the project's public workers. Role: viewer. */
    get: operations["listIncidents"];
  };
  "/v1/projects/{project}/incidents/{incident}/updates": {
    /** Add an update to an incident; nothing that was said is taken back. Role: developer. */
    post: operations["annotateIncident"];
  };
  "/v1/projects/{project}/maintenances": {
    /** Scheduled maintenances, past ones too. Role: viewer. */
    get: operations["listMaintenances"];
    /** Announce a maintenance; while it is under way, the workers that it names open no incident. Role: admin. */
    post: operations["createMaintenance"];
  };
  "/v1/projects/{project}/maintenances/{maintenance}": {
    /** Take back a maintenance that is not over. Role: admin. */
    delete: operations["cancelMaintenance"];
  };
  "/v1/agent/gone-workers": {
    /** Which of these workers are deleted, so that a host can let go of what it keeps of them. No token needed. */
    post: operations["goneWorkers"];
  };
  "/v1/agent/join": {
    /** Join a project as a host; the body carries a join token. No token needed. */
    post: operations["joinHost"];
  };
  "/v1/agent/host": {
    /** The host channel: a WebSocket with the host's signed assertion as bearer. No token needed. */
    get: operations["connectHost"];
  };
  "/v1/agent/workers/{workerId}": {
    /** A worker channel: a WebSocket with the host's signed assertion as bearer. No token needed. */
    get: operations["connectWorker"];
  };
  "/v1/agent/artifacts/{sha256}": {
    /** An artifact of the host's project; `Range: bytes=N-` goes on where a download was cut. No token needed. */
    get: operations["readArtifact"];
    /** Store an artifact as a whole; its bytes are the body. No token needed. */
    put: operations["putArtifact"];
  };
  "/v1/agent/artifacts/{sha256}/upload": {
    /** Begin to upload an artifact in parts, or learn which parts are there. No token needed. */
    post: operations["beginUpload"];
    /** Give an upload up: nothing of it is kept. No token needed. */
    delete: operations["abortUpload"];
  };
  "/v1/agent/artifacts/{sha256}/upload/complete": {
    /** Join the parts and verify the whole; only then it counts. No token needed. */
    post: operations["completeUpload"];
  };
  "/v1/agent/artifacts/{sha256}/upload/{part}": {
    /** Store a part; its bytes are the body. No token needed. */
    put: operations["putPart"];
  };
}

export interface operations {
  health: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  whoami: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Whoami"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createSignInLink: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CreateSignInLink"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["SignInLink"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateSession"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Whoami"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  deleteSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createDeviceCode: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateDeviceCode"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["NewDeviceCode"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  claimDeviceToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ClaimDeviceToken"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["DeviceToken"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getDeviceCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** The code that the client shows. */
        userCode: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["DeviceCode"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  approveDeviceCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** The code that the client shows. */
        userCode: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ApproveDeviceCode"];
      };
    };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  denyDeviceCode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** The code that the client shows. */
        userCode: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listProjects: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Project"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createProject: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateProject"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Project"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listWorkers: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["WorkerService"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createWorker: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateWorker"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  patchWorker: {
    parameters: {
      query?: never;
      header?: {
        /** The ETag that was seen, such as `"3"`; 412 if it is another now. */
        "if-match"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PatchWorker"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      412: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  deleteWorker: {
    parameters: {
      query?: never;
      header?: {
        /** The ETag that was seen, such as `"3"`; 412 if it is another now. */
        "if-match"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      412: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  stopWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  startWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["WorkerService"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listDeploys: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Deploy"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createDeploy: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CreateDeploy"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Deploy"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getDeploy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Number of the deploy. */
        number: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Deploy"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  cancelDeploy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Number of the deploy. */
        number: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Deploy"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  restartWorker: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Deploy"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  rollBack: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CreateRollback"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Deploy"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  diffReleases: {
    parameters: {
      query?: {
        /** The release to compare with; the live one where left out. */
        against?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Number of the release. */
        number: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ReleaseDiff"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listInstances: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Instance"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listReleases: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Release"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listCrashes: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
        group?: number | null | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Crash"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listCrashGroups: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["CrashGroup"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Event"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  readLogs: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        before?: string | undefined;
        limit?: number | undefined;
        slot?: number | null | undefined;
        instance?: string | undefined;
        release?: number | undefined;
        stream?: "stdout" | "stderr" | "system" | undefined;
        since?: string | undefined;
        text?: string | undefined;
        follow?: "0" | "1" | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/x-ndjson": components["schemas"]["LogLine"];
          "text/event-stream": components["schemas"]["LogLine"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  putConfig: {
    parameters: {
      query?: {
        dry_run?: "0" | "1" | undefined;
        deploy?: "changed" | "always" | "never" | undefined;
      };
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
        /** The ETag that was seen, such as `"3"`; 412 if it is another now. */
        "if-match"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CoppiceToml"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Config"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      412: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  configSchema: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/schema+json": { [name: string]: unknown };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getEnv: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Env"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  changeEnv: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ChangeEnv"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["EnvChange"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listGroups: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Group"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createGroup: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateGroup"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getGroup: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the group. */
        group: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  deleteGroup: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the group. */
        group: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  changeGroup: {
    parameters: {
      query?: {
        deploy?: "0" | "1" | undefined;
      };
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the group. */
        group: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ChangeEnv"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["GroupChange"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getGitCredential: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["GitCredential"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  setGitCredential: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SetGitCredential"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["GitCredential"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  removeGitCredential: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  githubHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Id of the hook. */
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["HookAnswer"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  deployHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Id of the hook. */
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["HookAnswer"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      429: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listHooks: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Hook"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createHook: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["CreateHook"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["NewHook"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  rotateHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Id of the hook. */
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["NewHook"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  revokeHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Id of the hook. */
        hook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listHosts: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Host"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Host"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  removeHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listHostInstances: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["HostInstance"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  cordonHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Host"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  uncordonHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Host"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  drainHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["DrainHost"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Host"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  undrainHost: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the host. */
        host: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Host"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  thawHosts: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Thawed"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createJoinToken: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["JoinToken"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  installScript: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/plain": string;
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listTokens: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Token"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateToken"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["NewToken"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Id of the token. */
        token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  watchProject: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/event-stream": components["schemas"]["ProjectStreamEvent"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  watchWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/event-stream": components["schemas"]["WorkerStreamEvent"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  readBuildLog: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
        follow?: "0" | "1" | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
        /** Number of the deploy. */
        number: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/x-ndjson": components["schemas"]["BuildLogLine"];
          "text/event-stream": components["schemas"]["BuildLogLine"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  inspectRepo: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InspectRepo"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Repo"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusSummary: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
            incidents: components["schemas"]["StatuspageIncident"][];
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusComponents: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusIncidents: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusIncidentsUnresolved: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusScheduledMaintenances: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusScheduledMaintenancesUpcoming: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusScheduledMaintenancesActive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusFeed: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/atom+xml": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusBadge: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "image/svg+xml": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusShield: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ShieldsBadge"];
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  allStatusPage: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/html": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusPage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/html": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "text/html": string;
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusSummary: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
            incidents: components["schemas"]["StatuspageIncident"][];
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
            incidents: components["schemas"]["StatuspageIncident"][];
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusStatus: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            status: {
              indicator: "none" | "minor" | "major" | "critical";
              description: string;
            };
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusComponents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            components: components["schemas"]["StatuspageComponent"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusIncidents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusIncidentsUnresolved: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            incidents: components["schemas"]["StatuspageIncident"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusScheduledMaintenances: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusScheduledMaintenancesUpcoming: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusScheduledMaintenancesActive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            page: {
              id: string;
              name: string;
              url: string;
              time_zone: "Etc/UTC";
              updated_at: string;
            };
            scheduled_maintenances: components["schemas"]["StatuspageMaintenance"][];
          };
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusFeed: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/atom+xml": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/atom+xml": string;
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusBadge: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "image/svg+xml": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "image/svg+xml": string;
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  projectStatusShield: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ShieldsBadge"];
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ShieldsBadge"];
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  componentStatusBadge: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
        /** Id or public name of a component. */
        component: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "image/svg+xml": string;
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "image/svg+xml": string;
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  componentStatusShield: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name of a project that shows something. */
        project: string;
        /** Id or public name of a component. */
        component: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ShieldsBadge"];
        };
      };
      304: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ShieldsBadge"];
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getStatusPage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["StatusPage"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  publishWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Name or id of the worker. */
        worker: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PublishWorker"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["StatusPage"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listIncidents: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Incident"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  annotateIncident: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
        /** Id of the incident. */
        incident: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AnnotateIncident"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Incident"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listMaintenances: {
    parameters: {
      query?: {
        cursor?: string | undefined;
        limit?: number | undefined;
      };
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": {
            items: components["schemas"]["Maintenance"][];
            next: string | null;
          };
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  createMaintenance: {
    parameters: {
      query?: never;
      header?: {
        /** Repeating the request with the same key and body gives the first answer again. */
        "idempotency-key"?: string | undefined;
      };
      path: {
        /** Name or id of the project. */
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CreateMaintenance"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Maintenance"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  cancelMaintenance: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Name or id of the project. */
        project: string;
        /** Id of the maintenance. */
        maintenance: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  goneWorkers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["GoneWorkers"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["GoneWorkers"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  joinHost: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["JoinRequest"];
      };
    };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["JoinAnswer"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  connectHost: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      101: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      426: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  connectWorker: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        workerId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      101: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      426: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  readArtifact: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/octet-stream": string;
        };
      };
      206: {
        headers: { [name: string]: unknown };
        content: {
          "application/octet-stream": string;
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  putArtifact: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      201: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  beginUpload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BeginUpload"];
      };
    };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Upload"];
        };
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      413: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      415: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  abortUpload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  completeUpload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      422: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  putPart: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** Digest of the packed bytes, in hex. */
        sha256: string;
        part: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      401: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      403: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      404: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      409: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      500: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
}

export interface components {
  schemas: {
    Health: {
      ok: true;
      version: string;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      code:
        | "malformed_json"
        | "invalid_request"
        | "unauthenticated"
        | "hook_signature"
        | "forbidden"
        | "not_found"
        | "method_not_allowed"
        | "name_taken"
        | "conflict"
        | "idempotency_mismatch"
        | "join_token_spent"
        | "precondition_failed"
        | "body_too_large"
        | "unsupported_media_type"
        | "local_repo_refused"
        | "artifact_mismatch"
        | "env_unresolved"
        | "upgrade_required"
        | "rate_limited"
        | "internal"
        | "unavailable";
      detail: string;
      requestId: string;
      errors?: {
        path: string;
        message: string;
      }[];
    };
    Whoami: {
      name: string;
      role: "viewer" | "developer" | "admin" | "operator";
      project: {
        id: string;
        name: string;
      } | null;
    };
    SignInLink: {
      url: string;
      expiresAt: string;
    };
    CreateSignInLink: {
      project?: string;
      role?: "viewer" | "developer" | "admin" | "operator";
    };
    CreateSession:
      | {
          code: string;
        }
      | {
          token: string;
        };
    NewDeviceCode: {
      deviceCode: string;
      userCode: string;
      verificationUrl: string;
      expiresAt: string;
      intervalS: number;
    };
    CreateDeviceCode: {
      clientName: string;
    };
    DeviceToken: {
      state: "pending" | "approved" | "denied" | "expired";
      token: string | null;
      project: string | null;
    };
    ClaimDeviceToken: {
      deviceCode: string;
    };
    DeviceCode: {
      clientName: string;
      createdAt: string;
      expiresAt: string;
    };
    ApproveDeviceCode: {
      role?: "viewer" | "developer" | "admin";
      project?: string;
    };
    Project: {
      id: string;
      name: string;
      createdAt: string;
    };
    CreateProject: {
      name: string;
    };
    WorkerService: {
      id: string;
      name: string;
      repo: string;
      branch: string;
      rootDir: string;
      buildCommand: string | null;
      predeployCommand: string | null;
      startCommand: string;
      instances: number;
      mode: "available" | "exclusive";
      rollout: "start-first" | "stop-first";
      stopSignal: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";
      stopGraceMs: number;
      memoryBytes: number | null;
      cpus: number | null;
      pids: number | null;
      openFiles: number | null;
      hosts: { [name: string]: string };
      groups: string[];
      paths: string[];
      specVersion: number;
      status:
        | "pending"
        | "deploying"
        | "running"
        | "degraded"
        | "crashlooping"
        | "stopped"
        | "unknown";
      statusReason: string | null;
      running: number;
      release: number | null;
      lastDeployAt: string | null;
      lastCrashAt: string | null;
      envChanged: boolean;
      createdAt: string;
      statusAt: string | null;
    };
    CreateWorker: {
      name: string;
      repo: string;
      branch?: string;
      rootDir?: string;
      buildCommand?: string | null;
      predeployCommand?: string | null;
      startCommand: string;
      instances?: number;
      mode?: "available" | "exclusive";
      rollout?: "start-first" | "stop-first";
      stopSignal?: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";
      stopGraceMs?: number;
      memoryBytes?: number | null;
      cpus?: number | null;
      pids?: number | null;
      openFiles?: number | null;
      hosts?: { [name: string]: string };
      groups?: string[];
      paths?: string[];
      env?: { [name: string]: string };
      deploy?: boolean;
    };
    PatchWorker: {
      name?: string;
      repo?: string;
      branch?: string;
      rootDir?: string;
      buildCommand?: string | null;
      predeployCommand?: string | null;
      startCommand?: string;
      instances?: number;
      mode?: "available" | "exclusive";
      rollout?: "start-first" | "stop-first";
      stopSignal?: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";
      stopGraceMs?: number;
      memoryBytes?: number | null;
      cpus?: number | null;
      pids?: number | null;
      openFiles?: number | null;
      hosts?: { [name: string]: string };
      groups?: string[];
      paths?: string[];
    };
    Deploy: {
      id: string;
      number: number;
      kind: "deploy" | "rollback" | "restart";
      status:
        | "queued"
        | "building"
        | "predeploy"
        | "rolling_out"
        | "live"
        | "failed"
        | "reverted"
        | "canceled"
        | "superseded";
      reason: string | null;
      ref: string | null;
      commit: string | null;
      commitMessage: string | null;
      release: number | null;
      restores: number | null;
      steps: {
        name: "resolve" | "fetch" | "build" | "pack" | "upload" | "predeploy";
        state: "running" | "done" | "failed" | "skipped";
        startedAt: string;
        durationMs: number | null;
        detail: string | null;
      }[];
      tail: string[];
      actor: string;
      createdAt: string;
      endedAt: string | null;
    };
    CreateDeploy: {
      ref?: string;
    };
    CreateRollback: {
      release?: number;
    };
    ReleaseDiff: {
      from: {
        release: number;
        commit: string;
        commitMessage: string | null;
      };
      to: {
        release: number;
        commit: string;
        commitMessage: string | null;
      };
      fields: {
        field:
          | "repo"
          | "rootDir"
          | "buildCommand"
          | "predeployCommand"
          | "startCommand"
          | "stopSignal"
          | "stopGraceMs"
          | "mode"
          | "memoryBytes"
          | "cpus"
          | "pids"
          | "openFiles";
        from: string | null;
        to: string | null;
      }[];
      env: {
        added: {
          name: string;
          version: number;
        }[];
        removed: {
          name: string;
          version: number;
        }[];
        changed: {
          name: string;
          from: number;
          to: number;
        }[];
      };
    };
    Instance: {
      id: string;
      slot: number;
      generation: number;
      attempt: number;
      state:
        | "pending"
        | "starting"
        | "running"
        | "healthy"
        | "backoff"
        | "stopping"
        | "stopped"
        | "lost"
        | "unknown";
      mode: "available" | "exclusive";
      hostId: string | null;
      hostName: string | null;
      pid: number | null;
      startedAt: string | null;
      lastHeartbeatAt: string | null;
      release: number;
      restarts: number;
      restartAt: string | null;
      detail: string | null;
    };
    Release: {
      number: number;
      commit: string;
      commitMessage: string | null;
      digest: string;
      startCommand: string;
      buildCommand: string | null;
      predeployCommand: string | null;
      restores: number | null;
      envVersion: number;
      envNames: string[];
      live: boolean;
      wasLive: boolean;
      createdAt: string;
    };
    Crash: {
      id: string;
      at: string;
      slot: number;
      instance: string;
      attempt: number;
      exitCode: number | null;
      signal: string | null;
      oom: boolean;
      uptimeMs: number;
      release: number;
      reason: "crash" | "stopped" | "replaced" | "fenced" | "stalled" | "host_rebooted" | "unknown";
      detail: string | null;
      tail: string[];
      group: number | null;
    };
    CrashGroup: {
      id: number;
      cause: string;
      title: string;
      count: number;
      firstAt: string;
      firstRelease: number;
      lastAt: string;
      lastRelease: number;
      lastCrash: string;
      isNew: boolean;
      days: {
        date: string;
        count: number;
      }[];
    };
    Event: {
      id: string;
      at: string;
      kind:
        | "worker_created"
        | "spec_changed"
        | "scaled"
        | "stopped"
        | "started"
        | "deleted"
        | "env_changed"
        | "deploy_queued"
        | "deploy_building"
        | "deploy_predeploy"
        | "deploy_rolling_out"
        | "deploy_live"
        | "deploy_failed"
        | "deploy_reverted"
        | "deploy_canceled"
        | "deploy_superseded"
        | "restart_requested"
        | "instance_placed"
        | "instance_started"
        | "instance_healthy"
        | "instance_crashed"
        | "instance_stopped"
        | "instance_moved"
        | "host_suspect"
        | "host_lost"
        | "host_returned"
        | "host_drained"
        | "replacement_frozen"
        | "replacement_thawed"
        | "no_room";
      actor: string;
      message: string;
      slot: number | null;
      instance: string | null;
      deploy: number | null;
      release: number | null;
      crash: string | null;
    };
    LogLine: {
      at: string;
      stream: "stdout" | "stderr" | "system";
      slot: number | null;
      instance: string | null;
      release: number | null;
      text: string;
      cursor: string;
    };
    Config: {
      operations: (
        | {
            type: "create";
            name: string;
            fields: {
              field: string;
              value: string;
            }[];
            instances: number;
            mode: "available" | "exclusive";
            env: string[];
            deploy: boolean;
          }
        | {
            type: "change";
            name: string;
            specVersion: number;
            changes: {
              field: string;
              from: string;
              to: string;
            }[];
          }
        | {
            type: "env";
            name: string;
            set: string[];
          }
        | {
            type: "deploy";
            name: string;
            branch: string;
            when: "now" | "if_env_differs";
          }
        | {
            type: "leave";
            name: string;
          }
      )[];
      obstacles: {
        path: string;
        message: string;
      }[];
      missing: {
        worker: string;
        name: string;
      }[];
      version: string;
      applied: boolean;
      deploys: {
        worker: string;
        number: number | null;
        problem: string | null;
      }[];
    };
    CoppiceToml: {
      project?: string;
      repo?: string;
      branch?: string;
      /** A folder of the repository. */
      root?: string;
      /** Groups of variables; a later one beats an earlier one, and `env` beats them all. */
      groups?: string[];
      /** Names of variables that must have a value before anything is deployed. */
      secrets?: string[];
      /** Variables. Secrets are named in `secrets` instead, and set with `coppice env set`. */
      env?: { [name: string]: string | number | boolean };
      workers: {
        [name: string]: {
          repo?: string;
          branch?: string;
          /** A folder of the repository. */
          root?: string;
          /** Run once for each release, on a host. */
          build?: string;
          /** Run once per deploy on one host, after the build and before the rollout. Where it fails, nothing is rolled out. */
          predeploy?: string;
          /** Run by a shell for each instance. Each exit of it is a crash, and it is started again. */
          start: string;
          /** How many are kept running. Left out: 1 at first, then as `coppice scale` has it. */
          instances?: number;
          /** Set aside on the host for each instance, such as 512M or 1.5G; one that takes more is killed. */
          memory?: string;
          /** Set aside on the host for each instance, in cores, such as 0.5; it gets no more. */
          cpus?: number;
          /** Processes and threads that an instance may have at once. */
          pids?: number;
          /** Files that each process of an instance may have open at once. */
          open_files?: number;
          /** How an instance is asked to end, and how long it has before KILL. */
          stop?: {
            signal?: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";
            grace?: string;
          };
          /** available: at least so many run, but for short gaps; an outage of the control plane stops nothing, a cut network can leave a duplicate until it heals. exclusive: at most one per slot; an outage of the control plane stops its instances after 40 s, and they come back by themselves. */
          mode?: "available" | "exclusive";
          /** start-first: each newcomer has shown itself before the old one is stopped; for that while one more than so many run. stop-first: each old one has ended before its newcomer starts: never more than so many run, for a while one fewer. An exclusive worker always stops first. */
          rollout?: "start-first" | "stop-first";
          /** Labels that a host must have to run it; `region` stands for the host's region. */
          hosts?: { [name: string]: string };
          /** Groups of variables; a later one beats an earlier one, and `env` beats them all. */
          groups?: string[];
          /** Which changed files make a push deploy it, as globs from the top of the repository; those below `root` where left out. */
          paths?: string[];
          /** Names of variables that must have a value before anything is deployed. */
          secrets?: string[];
          /** Variables. Secrets are named in `secrets` instead, and set with `coppice env set`. */
          env?: { [name: string]: string | number | boolean };
        };
      };
    };
    Env: {
      version: number;
      liveVersion: number | null;
      items: {
        name: string;
        version: number;
        plain: boolean;
        updatedAt: string;
      }[];
      groups: {
        name: string;
        version: number;
        liveVersion: number | null;
        names: string[];
      }[];
    };
    EnvChange: {
      version: number;
      liveVersion: number | null;
      items: {
        name: string;
        version: number;
        plain: boolean;
        updatedAt: string;
      }[];
      groups: {
        name: string;
        version: number;
        liveVersion: number | null;
        names: string[];
      }[];
      changed: string[];
      warnings: string[];
    };
    ChangeEnv:
      | {
          set: { [name: string]: string | null };
          plain?: boolean;
        }
      | {
          dotenv: string;
          replace?: boolean;
          plain?: boolean;
        };
    Group: {
      id: string;
      name: string;
      version: number;
      items: {
        name: string;
        version: number;
        plain: boolean;
        updatedAt: string;
      }[];
      workers: {
        id: string;
        name: string;
        envChanged: boolean;
      }[];
      createdAt: string;
    };
    CreateGroup: {
      name: string;
      env?: { [name: string]: string };
    };
    GroupChange: {
      id: string;
      name: string;
      version: number;
      items: {
        name: string;
        version: number;
        plain: boolean;
        updatedAt: string;
      }[];
      workers: {
        id: string;
        name: string;
        envChanged: boolean;
      }[];
      createdAt: string;
      changed: string[];
      warnings: string[];
      deploys: {
        worker: string;
        number: number | null;
        problem: string | null;
      }[];
    };
    GitCredential: {
      kind: "token" | "ssh_key" | null;
      updatedAt: string | null;
    };
    SetGitCredential:
      | {
          kind: "token";
          username?: string;
          token: string;
        }
      | {
          kind: "ssh_key";
          privateKey: string;
          knownHosts?: string | null;
        };
    HookAnswer: {
      outcome: "deploying" | "ignored" | "pong";
      reason: string | null;
      worker: string;
      deploy: number | null;
      commit: string | null;
    };
    Hook: {
      id: string;
      kind: "github" | "generic";
      url: string;
      createdBy: string;
      createdAt: string;
      lastUsedAt: string | null;
      lastOutcome: string | null;
    };
    NewHook: {
      id: string;
      kind: "github" | "generic";
      url: string;
      createdBy: string;
      createdAt: string;
      lastUsedAt: string | null;
      lastOutcome: string | null;
      secret: string;
    };
    CreateHook: {
      kind?: "github" | "generic";
    };
    Host: {
      id: string;
      name: string;
      status: "joining" | "online" | "suspect" | "lost" | "cloned" | "removed";
      capacity: {
        slots: number;
        memoryBytes: number;
        cpus: number;
      } | null;
      used: number;
      heldMemoryBytes: number;
      heldCpus: number;
      region: string | null;
      labels: { [name: string]: string };
      cordoned: boolean;
      drainUntil: string | null;
      lostAt: string | null;
      frozen: {
        gone: number;
        of: number;
      } | null;
      facts: {
        agentVersion: string;
        os: string;
        arch: string;
        containment: "cgroup" | "best_effort";
        holds?: {
          memory: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          cpus: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          pids: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          openFiles: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          user: "project" | "agent";
        };
      } | null;
      epoch: number;
      lastHeardAt: string | null;
      joinedAt: string;
    };
    HostInstance: {
      worker: {
        id: string;
        name: string;
      };
      instance: components["schemas"]["Instance"];
      successor: components["schemas"]["Instance"] | null;
    };
    DrainHost: {
      deadlineMs?: number;
    };
    Thawed: {
      hosts: string[];
    };
    JoinToken: {
      id: string;
      token: string;
      expiresAt: string;
      command: string;
      cloudInit: string;
    };
    Token: {
      id: string;
      name: string;
      role: "viewer" | "developer" | "admin" | "operator";
      createdAt: string;
      expiresAt: string | null;
      lastUsedAt: string | null;
    };
    NewToken: {
      id: string;
      name: string;
      role: "viewer" | "developer" | "admin" | "operator";
      createdAt: string;
      expiresAt: string | null;
      lastUsedAt: string | null;
      token: string;
    };
    CreateToken: {
      name: string;
      role: "viewer" | "developer" | "admin";
      expiresInS?: number;
    };
    ProjectStreamEvent:
      | {
          event: "workers";
          data: {
            items: components["schemas"]["WorkerService"][];
          };
        }
      | {
          event: "worker";
          data: components["schemas"]["WorkerService"];
        }
      | {
          event: "worker_gone";
          data: {
            id: string;
          };
        }
      | {
          event: "hosts";
          data: {
            items: components["schemas"]["Host"][];
          };
        };
    WorkerStreamEvent:
      | {
          event: "worker";
          data: components["schemas"]["WorkerService"];
        }
      | {
          event: "instances";
          data: {
            items: components["schemas"]["Instance"][];
          };
        }
      | {
          event: "deploy";
          data: components["schemas"]["Deploy"];
        }
      | {
          event: "event";
          data: components["schemas"]["Event"];
        };
    BuildLogLine: {
      at: string;
      text: string;
      cursor: string;
    };
    Repo: {
      branches: string[];
      defaultBranch: string | null;
      suggestions: components["schemas"]["CommandSuggestion"][];
      readable: boolean;
      reason: string | null;
    };
    CommandSuggestion: {
      source: string;
      startCommand: string;
      buildCommand: string | null;
    };
    InspectRepo: {
      repo: string;
      branch?: string;
      rootDir?: string;
    };
    StatuspageComponent: {
      id: string;
      name: string;
      status:
        | "operational"
        | "degraded_performance"
        | "partial_outage"
        | "major_outage"
        | "under_maintenance";
      created_at: string;
      updated_at: string;
      position: number;
      description: string | null;
      showcase: boolean;
      start_date: string | null;
      group_id: string | null;
      page_id: string;
      group: boolean;
      only_show_if_degraded: boolean;
      components?: string[];
    };
    StatuspageIncident: {
      id: string;
      name: string;
      created_at: string;
      updated_at: string;
      monitoring_at: string | null;
      resolved_at: string | null;
      shortlink: string;
      started_at: string;
      page_id: string;
      components: components["schemas"]["StatuspageComponent"][];
      reminder_intervals: null;
      status: "investigating" | "identified" | "monitoring" | "resolved";
      impact: "none" | "minor" | "major" | "critical";
      incident_updates: {
        id: string;
        status: "investigating" | "identified" | "monitoring" | "resolved";
        body: string;
        incident_id: string;
        created_at: string;
        updated_at: string;
        display_at: string;
        affected_components: {
          code: string;
          name: string;
          old_status:
            | "operational"
            | "degraded_performance"
            | "partial_outage"
            | "major_outage"
            | "under_maintenance";
          new_status:
            | "operational"
            | "degraded_performance"
            | "partial_outage"
            | "major_outage"
            | "under_maintenance";
        }[];
        deliver_notifications: boolean;
        custom_tweet: null;
        tweet_id: null;
      }[];
    };
    StatuspageMaintenance: {
      id: string;
      name: string;
      created_at: string;
      updated_at: string;
      monitoring_at: string | null;
      resolved_at: string | null;
      shortlink: string;
      started_at: string;
      page_id: string;
      components: components["schemas"]["StatuspageComponent"][];
      reminder_intervals: null;
      status: "scheduled" | "in_progress" | "completed";
      impact: "maintenance";
      incident_updates: {
        id: string;
        status: "scheduled" | "in_progress" | "completed";
        body: string;
        incident_id: string;
        created_at: string;
        updated_at: string;
        display_at: string;
        affected_components: {
          code: string;
          name: string;
          old_status:
            | "operational"
            | "degraded_performance"
            | "partial_outage"
            | "major_outage"
            | "under_maintenance";
          new_status:
            | "operational"
            | "degraded_performance"
            | "partial_outage"
            | "major_outage"
            | "under_maintenance";
        }[];
        deliver_notifications: boolean;
        custom_tweet: null;
        tweet_id: null;
      }[];
      scheduled_for: string;
      scheduled_until: string;
    };
    ShieldsBadge: {
      schemaVersion: 1;
      label: string;
      message: string;
      color: string;
      isError: boolean;
      cacheSeconds: number;
    };
    StatusPage: {
      public: boolean;
      name: string;
      group: string | null;
      updatedAt: string | null;
    };
    PublishWorker: {
      public: boolean;
      name?: string;
      group?: string | null;
    };
    Incident: {
      id: string;
      name: string;
      status: "investigating" | "identified" | "monitoring" | "resolved";
      impact: "none" | "minor" | "major" | "critical";
      startedAt: string;
      monitoringAt: string | null;
      resolvedAt: string | null;
      components: {
        id: string;
        name: string;
      }[];
      updates: {
        id: string;
        status: "investigating" | "identified" | "monitoring" | "resolved";
        message: string;
        at: string;
        actor: string;
      }[];
    };
    AnnotateIncident: {
      message: string;
      status?: "investigating" | "identified" | "monitoring" | "resolved";
    };
    Maintenance: {
      id: string;
      name: string;
      message: string;
      status: "scheduled" | "in_progress" | "completed";
      startsAt: string;
      endsAt: string;
      createdAt: string;
      components: {
        id: string;
        name: string;
      }[];
    };
    CreateMaintenance: {
      name: string;
      message: string;
      startsAt: string;
      endsAt: string;
      workers: (string | string)[];
    };
    GoneWorkers: {
      workers: string[];
    };
    JoinAnswer: {
      hostId: string;
      projectId: string;
      project: string;
      name: string;
    };
    JoinRequest: {
      token: string;
      name: string;
      publicKey: string;
      capacity: {
        slots: number;
        memoryBytes: number;
        cpus: number;
      };
      facts: {
        agentVersion: string;
        os: string;
        arch: string;
        containment: "cgroup" | "best_effort";
        holds?: {
          memory: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          cpus: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          pids: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          openFiles: "cgroup2" | "cgroup1" | "sampled" | "rlimit" | "none";
          user: "project" | "agent";
        };
      };
      labels?: { [name: string]: string };
      region?: string;
    };
    Upload: {
      stored: boolean;
      partBytes: number;
      parts: number[];
    };
    BeginUpload: {
      bytes: number;
    };
  };
}

/** Operations that take an Idempotency-Key, so that repeating them is safe. */
export const REPEATABLE: ReadonlySet<string> = new Set([
  "POST /v1/projects",
  "POST /v1/projects/{project}/workers",
  "POST /v1/projects/{project}/workers/{worker}/deploys",
  "POST /v1/projects/{project}/workers/{worker}/restart",
  "POST /v1/projects/{project}/workers/{worker}/rollbacks",
  "PUT /v1/projects/{project}/config",
  "POST /v1/projects/{project}/groups",
  "PUT /v1/projects/{project}/groups/{group}/env",
  "POST /v1/projects/{project}/workers/{worker}/hooks",
  "POST /v1/projects/{project}/join-tokens",
  "POST /v1/projects/{project}/tokens",
  "POST /v1/projects/{project}/incidents/{incident}/updates",
  "POST /v1/projects/{project}/maintenances",
]);
