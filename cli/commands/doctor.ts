// `coppice doctor`: checks what stands between this command line and a running worker; each failure with its fix.
import { command } from "../command.ts";
import { EXIT, QuietEnd } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { type Check, examine } from "../watch/doctor.ts";

export const doctor = command({
  brief: "Check the way from here to a running worker",
  more: "Checks Node, configuration, the way to the control plane, its clock, the token, the project, its hosts and\ncoppice.toml. Ends with 1 where something is broken.",
  examples: ["coppice doctor", "coppice doctor --json"],
  async run(cli, flags) {
    const checks: Check[] = [];
    const { out } = cli;
    const marks = {
      ok: out.paint("green", "✓"),
      warn: out.paint("yellow", "!"),
      fail: out.paint("red", "✗"),
    };
    for await (const check of examine(cli, flags)) {
      checks.push(check);
      if (flags.json) continue;
      out.line(`${marks[check.state]} ${check.what.padEnd(14)} ${clean(check.found)}`);
      if (check.fix) out.line(out.paint("dim", `  ${"".padEnd(14)} → ${clean(check.fix)}`));
    }
    if (flags.json) out.json(checks);
    if (checks.some(({ state }) => state === "fail")) throw new QuietEnd(EXIT.failed);
  },
});
