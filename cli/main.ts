// The command line as a process: real streams, clock, Ctrl-C. The only place that ends the process.
import { execFile } from "node:child_process";
import { EXIT } from "./exit.ts";
import type { Io, Sink } from "./io.ts";
import { runCli } from "./run.ts";

function sink(stream: NodeJS.WriteStream): Sink {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? (stream.columns ?? 80) : null;
    },
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The address is an argument of its own, never part of a shell's line. */
function openBrowser(url: string): Promise<boolean> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const shown = process.platform === "darwin" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!shown || !/^https?:\/\//.test(url)) return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile(program, [url], { timeout: 5_000 }, (error) => resolve(error === null));
  });
}

/** The first Ctrl-C asks the command to end; the second ends it. */
function interruption(): AbortSignal {
  const control = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (control.signal.aborted) process.exit(EXIT.interrupted);
      control.abort(new Error("interrupted"));
    });
  }
  return control.signal;
}

// A reader that has enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
}

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdout: sink(process.stdout),
  stderr: sink(process.stderr),
  stdin: { isTTY: process.stdin.isTTY === true, text: readStdin },
  now: () => Date.now(),
  signal: interruption(),
  retryMs: 250,
  openBrowser,
};

const code = await runCli(process.argv.slice(2), io);
process.exitCode = code;
// Connections that are kept alive would hold the process for seconds; what was written to a pipe is waited for.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((done) =>
        stream.writableLength > 0 ? stream.write("", () => done()) : done(),
      ),
  ),
);
process.exit(code);
