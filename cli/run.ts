// One run of the command line: arguments in, an exit code out. Nothing here touches the process.
import { ExitCode, type RouteMap, run } from "@stricli/core";
import { translate } from "./aliases.ts";
import { app, ROUTES } from "./app.ts";
import type { Cli } from "./command.ts";
import { propose } from "./complete.ts";
import { EXIT, QuietEnd } from "./exit.ts";
import { describe } from "./failure.ts";
import type { Io, Sink } from "./io.ts";
import { Out } from "./output/out.ts";
import { wantsColour } from "./output/style.ts";
import { type Common, openSession, type Session } from "./session.ts";

function codeOf(stricli: number | string | null | undefined): number {
  if (stricli === ExitCode.UnknownCommand || stricli === ExitCode.InvalidArgument)
    return EXIT.usage;
  return stricli === ExitCode.Success || stricli == null ? EXIT.ok : EXIT.failed;
}

/** The words of the arguments that name the command. */
function commandOf(inputs: readonly string[]): string {
  const [first = "", second = ""] = inputs;
  const group = (ROUTES as Record<string, object>)[first];
  const names = group && "getAllEntries" in group ? (group as RouteMap<Cli>).getAllEntries() : [];
  return names.some(({ name }) => name.original === second) ? `${first} ${second}` : first;
}

function sayFailure(out: Out, error: unknown, session: Session | null): number {
  const where = { place: session?.place ?? null, fileProject: session?.hint?.project ?? null };
  const { code, message, details, next } = describe(error, where);
  out.note(`${out.dress("red", "error:")} ${message}`);
  for (const line of details) out.note(out.dress("dim", `  ${line}`));
  for (const line of next) out.note(`  ${out.dress("dim", "try:")} ${line}`);
  return code;
}

export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const out = new Out(io);
  let failure: number | null = null;
  let session: Session | null = null;
  const sink = (one: Sink) => ({
    write: (text: string) => one.write(text),
    getColorDepth: () => (wantsColour(one, io.env) ? 8 : 1),
  });
  const process = {
    stdout: sink(io.stdout),
    stderr: sink(io.stderr),
    env: io.env,
    exitCode: null as number | string | null,
  };
  const cli: Cli = {
    process,
    io,
    out,
    async session(flags: Common) {
      session = await openSession(io, flags);
      return session;
    },
    async guard(body) {
      try {
        await body();
      } catch (error) {
        if (io.signal.aborted) failure = EXIT.interrupted;
        else if (error instanceof QuietEnd) failure = error.code;
        else failure = sayFailure(out, error, session);
      }
    },
  };
  const [first, ...rest] = argv;
  if (first === "__complete") {
    for (const { completion, brief } of await propose(cli, rest)) {
      out.line(brief ? `${completion}\t${brief.split("\n")[0]}` : completion);
    }
    return EXIT.ok;
  }
  const inputs = translate(argv);
  await run(app, inputs, cli);
  if (process.exitCode === ExitCode.InvalidArgument) {
    out.note(`  ${out.dress("dim", "try:")} coppice ${commandOf(inputs)} --help`);
  }
  return failure ?? codeOf(process.exitCode);
}
