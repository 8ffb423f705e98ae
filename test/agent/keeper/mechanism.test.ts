// Tables: from what a machine offers to what holds each limit, and to what is executed and written for it.
import { describe, expect, test } from "vitest";
import { launch } from "../../../agent/keeper/launch.ts";
import {
  type Controller,
  chooseMechanisms,
  settings1,
  settings2,
} from "../../../agent/keeper/mechanism.ts";
import { describeOom } from "../../../agent/keeper/oom.ts";

const ALL: Controller[] = ["memory", "cpu", "pids"];
const choose = (cgroup2: Controller[] | null, cgroup1: Controller[]) =>
  chooseMechanisms({ cgroup2: cgroup2 && new Set(cgroup2), cgroup1: new Set(cgroup1) });

describe("what is in force", () => {
  test.each([
    ["all of version 2", ALL, [], "cgroup2", "cgroup2", "cgroup2"],
    ["version 2 even where version 1 has it too", ALL, ALL, "cgroup2", "cgroup2", "cgroup2"],
    ["a hybrid: groups in 2, controllers in 1", [], ALL, "cgroup1", "cgroup1", "cgroup1"],
    ["a mixture", ["pids"], ["memory"], "cgroup1", "none", "cgroup2"],
    ["version 2 without controllers", [], [], "sampled", "none", "none"],
    ["nothing at all", null, [], "sampled", "none", "none"],
    ["version 1 alone", null, ALL, "cgroup1", "cgroup1", "cgroup1"],
  ] as const)("%s", (_name, cgroup2, cgroup1, memory, cpus, pids) => {
    const offered = cgroup2 === null ? null : [...cgroup2];
    expect(choose(offered, [...cgroup1])).toEqual({ memory, cpus, pids, openFiles: "rlimit" });
  });
});

describe("what is written into a cgroup", () => {
  const all = { memoryBytes: 268_435_456, cpus: 0.5, pids: 64 };
  test("of version 2: no swap beside the memory, all or nothing killed, and only what it has", () => {
    expect(settings2(all, new Set(ALL))).toEqual([
      ["memory.max", "268435456"],
      ["memory.swap.max", "0"],
      ["memory.oom.group", "1"],
      ["cpu.max", "50000 100000"],
      ["pids.max", "64"],
    ]);
    expect(settings2(all, new Set(["pids"]))).toEqual([["pids.max", "64"]]);
  });

  test("of version 1: memory before memory and swap, as the kernel wants it", () => {
    expect(settings1(all, "memory").map(([file]) => file)).toEqual([
      "memory.limit_in_bytes",
      "memory.memsw.limit_in_bytes",
    ]);
    expect(settings1(all, "cpu")).toContainEqual(["cpu.cfs_quota_us", "50000"]);
    expect(settings1({ ...all, cpus: 0.001 }, "cpu")).toContainEqual(["cpu.cfs_quota_us", "1000"]);
  });

  test("nothing where nothing is limited", () => {
    const none = { memoryBytes: null, cpus: null, pids: null };
    expect(settings2(none, new Set(ALL))).toEqual([]);
    for (const controller of ALL) expect(settings1(none, controller)).toEqual([]);
  });
});

describe("what is executed", () => {
  const command = "exec node worker.js";
  const user = { uid: 4_000, gid: 4_000 };
  const plain = { command, user: null, openFiles: null, setpriv: null };
  test.each([
    ["the plain command", plain, "/bin/sh", ["-c", command]],
    ["as a user", { ...plain, user }, "/bin/sh", ["-c", command]],
    [
      "as a user without new privileges",
      { ...plain, user, setpriv: "/usr/bin/setpriv" },
      "/usr/bin/setpriv",
      ["--no-new-privs", "/bin/sh", "-c", command],
    ],
    [
      "nothing before the command where it runs as the keeper does",
      { ...plain, setpriv: "/usr/bin/setpriv" },
      "/bin/sh",
      ["-c", command],
    ],
  ] as const)("%s", (_name, options, file, args) => {
    expect(launch(options)).toEqual({ file, args, ...(options.user ?? {}) });
  });

  test("the command is an argument of the limit's shell, never part of its text", () => {
    const { args } = launch({ ...plain, command: '"; reboot', openFiles: 100 });
    expect(args.slice(2)).toEqual(["sh", "100", '"; reboot']);
    expect(args[1]).not.toContain("reboot");
  });
});

test("an end for memory names the limit, or whose memory it was", () => {
  expect(describeOom(268_435_456)).toBe("Killed for memory: limit 256 MB.");
  expect(describeOom(null)).toBe("Killed for memory: the host has no more.");
});
