// A secret of a group, as it goes through the real parts: into the program, and nowhere else. And a signed push to a real
// repository, which deploys its branch.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConfigView, GroupView, NewHookView } from "../../protocol/rest.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import { WorkerHandle } from "../support/cluster-worker.ts";

const SECRET = "pw-7c1e5d9a2b4f";
const PROGRAM = `
const { URL_, LEVEL } = process.env;
process.stdout.write("level " + LEVEL + "\\nhas " + (URL_ === "pg://shop:${SECRET}@db/x") + "\\n");
process.stdout.write("half " + URL_.slice(0, 18));
setTimeout(() => process.stdout.write(URL_.slice(18) + " whole\\n"), 400);
setTimeout(() => { console.error("fatal: " + URL_); process.exit(3); }, 900);
`;

let cluster: Cluster;
let repo: TestRepo;
beforeAll(async () => {
  repo = new TestRepo({ "main.mjs": PROGRAM });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

test("a secret reaches the program and stands in no log, build log, crash or report", async () => {
  const { api, projectPath } = cluster;
  const env = { PASS: SECRET, URL_: "pg://${{USER_}}:${{PASS}}@db/x" };
  await api.json<GroupView>(`${projectPath}/groups`, { body: { name: "shared", env } });
  const config = {
    repo: repo.path,
    groups: ["shared"],
    env: { USER_: "shop", LEVEL: "informative" },
    workers: { mailer: { build: 'echo "building with $PASS and $URL_"', start: "node main.mjs" } },
  };
  const put = (deploy: string) =>
    api.json<ConfigView>(`${projectPath}/config?deploy=${deploy}`, { method: "PUT", body: config });
  const made = await put("changed");
  expect(made.deploys).toEqual([{ worker: "mailer", number: 1, problem: null }]);
  expect((await put("changed")).deploys).toEqual([]);
  const worker = new WorkerHandle(cluster, "mailer");
  const [crash] = await worker.crashed(1, 30_000);
  expect(crash?.tail.join("\n")).toMatch(/^fatal: \[URL_\]\*+$/m);
  // What the file says is no secret is shown.
  expect((await worker.logged((line) => line.text.startsWith("level "))).text).toBe(
    "level informative",
  );
  expect((await worker.logged((line) => line.text.startsWith("has "))).text).toBe("has true");
  await worker.logged((line) => line.text.endsWith(" whole"));
  const logs = JSON.stringify(await worker.logs({ limit: "500" }));
  const build = await (await api.fetch(`${worker.path}/deploys/1/log`)).text();
  expect(build).toMatch(/building with \[PASS\]\*+ and \[URL_\]\*+/);
  const seen = [
    logs,
    build,
    await worker.crashes(),
    await worker.deploys(),
    await worker.instances(),
  ];
  expect(JSON.stringify(seen)).not.toContain(SECRET);
});

test("a signed push deploys the branch as it is now", async () => {
  const worker = new WorkerHandle(cluster, "mailer");
  const hook = await worker.post<NewHookView>("hooks", { kind: "github" });
  const commit = repo.commit({ "main.mjs": "setInterval(() => {}, 1000)" }, "Stay up");
  const body = JSON.stringify({ ref: "refs/heads/main", after: commit, pusher: { name: "ada" } });
  const send = (signature: string) =>
    fetch(hook.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": "72d3162e",
        "x-hub-signature-256": signature,
      },
      body,
    });
  expect((await send(`sha256=${"0".repeat(64)}`)).status).toBe(401);
  const signature = `sha256=${createHmac("sha256", hook.secret).update(body).digest("hex")}`;
  const first = await (await send(signature)).json();
  expect(first).toMatchObject({ outcome: "deploying", deploy: 2, commit });
  expect(await (await send(signature)).json()).toEqual(first);
  const deploy = await worker.deployEnded(2, 40_000);
  expect(deploy).toMatchObject({ status: "live", actor: "push by ada", commit });
});
