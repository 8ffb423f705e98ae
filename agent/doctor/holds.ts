// The doctor's verdicts on limits and users: what is in force here, and how to get more.
import type { KeeperHouse } from "../../protocol/keeper.ts";
import type { Check } from "./verdicts.ts";

/** Null: no keeper answered, or it is older than limits. */
export function limitsVerdict(house: KeeperHouse | null): Check {
  const what = "limits";
  if (house === null)
    return {
      what,
      state: "warn",
      found: "unknown: no keeper that knows of limits answers",
      fix: "start the keeper, or upgrade it: coppice-agent upgrade",
    };
  const { cpus, memory, openFiles, pids } = house.limits;
  const found = `memory ${memory}, cpus ${cpus}, pids ${pids}, open files ${openFiles}`;
  const lacking = [
    ...(memory === "sampled" ? ["memory is only looked at twice a second"] : []),
    ...(cpus === "none" ? ["cores are not limited"] : []),
    ...(pids === "none" ? ["processes are not limited"] : []),
  ];
  if (lacking.length === 0) return { what, state: "ok", found, fix: null };
  return {
    what,
    state: "warn",
    found: `${found}: ${lacking.join(", ")}`,
    fix: "run the keeper as the installer's service on a machine with cgroups v2: it has Delegate=yes, which brings the controllers; in a container, mount /sys/fs/cgroup writable",
  };
}

/** `why`: for what reason programs run as the agent's own user; null where each project has one. */
export function usersVerdict(why: string | null, house: KeeperHouse | null): Check {
  const what = "users";
  if (why !== null)
    return {
      what,
      state: "warn",
      found: `programs and builds run as the agent's own user: ${why}`,
      fix: "run keeper and agent as root, with a state directory such as /var/lib/coppice that others may pass to (chmod o+x what is above it)",
    };
  if (house?.noNewPrivs === "none")
    return {
      what,
      state: "warn",
      found: "each project has its own, but a setuid program may still raise itself",
      fix: "install setpriv (on Debian it is in util-linux), or start the keeper with NoNewPrivileges=yes; then restart it",
    };
  return {
    what,
    state: "ok",
    found: "each project's programs and builds have one of their own",
    fix: null,
  };
}
