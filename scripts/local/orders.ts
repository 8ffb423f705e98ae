// What a person may do to the hosts of a local fleet, typed in the terminal: to see what Coppice makes of it.
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import type { LocalHost } from "./local-host.ts";
import { say } from "./terminal.ts";

const HELP = `down HOST    cut its power: keeper, agent and programs are gone at once
up HOST      let it boot again
hang HOST    stop its agent, as a host that hangs; programs and keeper go on
go HOST      let it go on
hosts        what there is`;

/** Reads orders from stdin until that ends. */
export function takeOrders(hosts: readonly LocalHost[]): void {
  say("fleet", "type `help` for what you can do to the hosts");
  createInterface({ input: process.stdin }).on("line", (line) => {
    const [verb = "", name = ""] = line.trim().split(/\s+/);
    if (verb !== "")
      void obey(hosts, verb, name).catch((error) => say("fleet", String(error), "red"));
  });
}

async function obey(hosts: readonly LocalHost[], verb: string, name: string): Promise<void> {
  if (verb === "help") {
    for (const line of HELP.split("\n")) say("fleet", line);
    return;
  }
  if (verb === "hosts") {
    for (const host of hosts) {
      const state = host.keeper.pid === null ? "down" : `keeper ${host.keeper.pid}`;
      say("fleet", `${host.name}: ${state}, ${host.programs().length} processes of programs`);
    }
    return;
  }
  const host = hosts.find((one) => one.name === name);
  if (!host) {
    say("fleet", `no host is called ${name || "that"}: ${hosts.map((one) => one.name).join(", ")}`);
    return;
  }
  if (verb === "down") await host.losePower();
  else if (verb === "up" && host.keeper.pid === null) host.reboot(randomUUID());
  else if (verb === "hang") host.hang(["agent"], "SIGSTOP");
  else if (verb === "go") host.hang(["agent"], "SIGCONT");
  else {
    const why = verb === "up" ? `${name} runs already` : `${verb} is no order; type \`help\``;
    say("fleet", why);
    return;
  }
  say("fleet", `${name}: ${verb}`);
}
