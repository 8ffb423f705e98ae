// A host as the installer leaves it, in a directory of its own: versions, links, start.sh, and two services that are
// started again whenever they end. Its control plane speaks the real protocol; versions come from a file server.
import { spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkedVersion, type Role } from "../../agent/upgrade/layout.ts";
import { packAgent, writePack } from "../../scripts/bundle-agent.ts";
import { Part } from "../../scripts/supervisor.ts";
import { FAST, INSTANCE, TestHost, until } from "./agent-host.ts";
import { FakeControlPlane } from "./fake-control-plane.ts";
import { type Mirror, startMirror } from "./mirror.ts";

type Contents = Record<string, Buffer>;

export interface Program {
  readonly instanceId: string;
  readonly pid: number;
  readonly attempt: number;
}

export class InstalledHost {
  readonly host: TestHost;
  readonly prefix: string;
  readonly #mirror: Mirror;
  readonly #parts: Readonly<Record<Role, Part>>;
  /** Of the version that was installed first. */
  readonly #contents: Contents;
  readonly #directory: string;

  private constructor(made: {
    host: TestHost;
    directory: string;
    mirror: Mirror;
    contents: Contents;
  }) {
    const { host, directory, mirror, contents } = made;
    this.host = host;
    this.#directory = directory;
    this.prefix = join(directory, "prefix");
    this.#mirror = mirror;
    this.#contents = contents;
    const part = (role: Role) =>
      new Part({
        name: role,
        command: "/bin/sh",
        args: [join(this.prefix, "bin/start.sh"), role],
        env: { PATH: process.env.PATH, HOME: process.env.HOME, COPPICE_STATE: host.state },
        logFile: join(directory, `${role}.log`),
        ipc: false,
        graceMs: 5_000,
      });
    this.#parts = { agent: part("agent"), keeper: part("keeper") };
  }

  static async start(): Promise<InstalledHost> {
    const directory = mkdtempSync(join(tmpdir(), "coppice-installed-"));
    const host = new TestHost(await FakeControlPlane.start());
    host.plane.policy = FAST;
    host.plane.joinTokens.set("join-me", "fresh");
    await host.join("join-me");
    host.plane.list("wrk_1");
    const { version } = await packAgent(join(directory, "packed"));
    const packed = join(directory, "packed", version);
    const contents = Object.fromEntries(
      readdirSync(packed)
        .filter((name) => name !== "manifest.json")
        .map((name) => [name, readFileSync(join(packed, name))]),
    );
    const installed = new InstalledHost({
      host,
      directory,
      mirror: await startMirror(null),
      contents,
    });
    const { prefix } = installed;
    mkdirSync(join(prefix, "bin"), { recursive: true });
    mkdirSync(join(prefix, "versions", version), { recursive: true });
    for (const name of readdirSync(packed))
      copyFileSync(join(packed, name), join(prefix, "versions", version, name));
    copyFileSync(join(packed, "start.sh"), join(prefix, "bin/start.sh"));
    symlinkSync(process.execPath, join(prefix, "bin/node"));
    for (const role of ["agent", "keeper"] as const) {
      symlinkSync(join("versions", version), join(prefix, role));
      installed.#parts[role].start();
    }
    await until("the agent says hello to its worker", () => host.worker.hellos > 0);
    return installed;
  }

  /** Serves a version that differs from the first in these files; gives its name. */
  serve(change: Readonly<Record<string, (before: string) => string>>): string {
    const contents = { ...this.#contents };
    for (const [name, edit] of Object.entries(change))
      contents[name] = Buffer.from(edit(contents[name]?.toString() ?? ""));
    const directory = mkdtempSync(join(this.#directory, "served-"));
    const { version } = writePack(directory, contents);
    this.#mirror.files.clear();
    for (const name of ["manifest.json", "manifest.txt"])
      this.#mirror.files.set(`/agent/${name}`, readFileSync(join(directory, name)));
    for (const name of readdirSync(join(directory, version)))
      this.#mirror.files.set(
        `/agent/${version}/${name}`,
        readFileSync(join(directory, version, name)),
      );
    return version;
  }

  /** `coppice-agent upgrade`, with a trial that a test can wait for. */
  upgrade(trialS: number): Promise<{ code: number | null; said: string }> {
    const child = spawn(
      join(this.prefix, "bin/node"),
      [
        join(this.prefix, "agent/agent.mjs"),
        ...["upgrade", "--from", this.#mirror.url, "--trial", String(trialS)],
      ],
      {
        env: {
          PATH: process.env.PATH,
          COPPICE_STATE: this.host.state,
          COPPICE_PREFIX: this.prefix,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    return new Promise((done) => child.once("close", (code) => done({ code, said })));
  }

  /** As reported last, of those programs that really live, by instance. */
  programs(): Program[] {
    return (this.host.worker.report?.instances ?? [])
      .flatMap(({ instanceId, pid, attempt }) =>
        pid !== null && isAlive(pid) ? [{ instanceId, pid, attempt }] : [],
      )
      .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  }

  /** Has so many instances of a repository's `run.sh` run, and waits until they do. */
  async runs(count: number, script: string): Promise<Program[]> {
    const release = this.host.release(this.host.repo({ "run.sh": script }));
    this.host.worker.want({
      releases: [release],
      run: Array.from({ length: count }, (_, slot) => ({
        ...{ instanceId: `${INSTANCE}_${slot}`, slot, generation: slot + 1, release: 1 },
      })),
    });
    return until("all instances run", () => this.programs().length === count && this.programs());
  }

  falsify(change: Mirror["falsify"]): void {
    this.#mirror.falsify = change;
  }

  linked(role: Role): string | null {
    return linkedVersion(this.prefix, role);
  }

  /** Of the process that a role's service runs now. */
  pid(role: Role): number {
    return Number(readFileSync(join(this.host.state, `${role}.pid`), "utf8").split(" ")[0]);
  }

  /** What a role's process was started with. */
  commandLine(role: Role): string {
    return readFileSync(`/proc/${this.pid(role)}/cmdline`, "utf8").replaceAll("\0", " ");
  }

  log(role: Role): string {
    return readFileSync(join(this.#directory, `${role}.log`), "utf8");
  }

  async stop(): Promise<void> {
    await this.#parts.agent.stop();
    this.#parts.keeper.retire();
    await this.host.stop();
    await this.#parts.keeper.stop();
    await this.#mirror.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
