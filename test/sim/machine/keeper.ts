// The keeper's process on a simulated machine: the real supervisor, journal and policy, with a pipe for a socket.

import { InstanceStore } from "../../../agent/keeper/instance-store.ts";
import { Journal } from "../../../agent/keeper/journal.ts";
import { Limiter } from "../../../agent/keeper/limiter.ts";
import { parseRequest } from "../../../agent/keeper/requests.ts";
import { Supervisor, welcome } from "../../../agent/keeper/supervisor.ts";
import type { World as KeeperWorld } from "../../../agent/keeper/world.ts";
import type { KeeperPipe, KeeperPipeEvents } from "../../../agent/world.ts";
import { type FromKeeper, KEEPER_PROTOCOL } from "../../../protocol/keeper.ts";
import { sim } from "../kernel/sim.ts";
import { makeFence } from "./fence.ts";
import * as fs from "./fs.ts";
import { type Machine, setTimer, type Task } from "./machine.ts";
import type { Program } from "./processes.ts";

const SEGMENT_BYTES = 65_536;
/** The same for all: what is said on a socket comes in order. */
const PIPE_MS = 1;

interface Client {
  readonly task: Task;
  readonly events: KeeperPipeEvents;
  welcomed: boolean;
  open: boolean;
}

export interface KeeperProcess {
  readonly task: Task;
  readonly supervisor: Supervisor;
  readonly journal: Journal;
  connect(task: Task, events: KeeperPipeEvents): KeeperPipe;
  /** It ended: whoever was connected finds out. */
  drop(): void;
}

export function keeperWorld(machine: Machine, task: Task): KeeperWorld {
  return {
    nowMs: () => machine.elapsed() + machine.sleptMs,
    sleptMs: () => machine.sleptMs,
    wallMs: () => sim().wall(),
    random: () => machine.random.next(),
    after: (delayMs, run) => {
      const handle = setTimer(task, delayMs, run);
      return () => handle.cancel();
    },
    log: (line) => sim().trace(`${task.name}: ${line}`),
  };
}

/** To be called in the task's own name. */
export function startKeeper(
  machine: Machine,
  task: Task,
  options: { stateDir: string; signaled: (program: Program, signal: string) => void },
): KeeperProcess {
  const { stateDir } = options;
  const world = keeperWorld(machine, task);
  fs.mkdirSync(stateDir, { recursive: true });
  const { after, log } = world;
  const journal = new Journal({ dir: stateDir, log, after, segmentBytes: SEGMENT_BYTES });
  const clients = new Set<Client>();
  const tell = (client: Client, message: FromKeeper) => {
    const line = `${JSON.stringify(message)}\n`;
    sim().after(PIPE_MS, client.task, () => {
      if (client.open) client.events.data(line);
    });
  };
  const fence = makeFence(machine, options.signaled);
  const { bootId } = machine;
  const inForce = { memory: "none", cpus: "none", pids: "none", openFiles: "none" } as const;
  const supervisor = new Supervisor({
    stateDir,
    bootId,
    world,
    journal,
    fence,
    limiter: new Limiter({ world, fence, base2: null, bases1: new Map(), inForce }),
    setpriv: null,
    store: new InstanceStore(stateDir, world),
    childOomScoreAdj: null,
    emit: (message) => {
      for (const client of clients) if (client.welcomed) tell(client, message);
    },
  });
  const host = { protocol: KEEPER_PROTOCOL, bootId, pid: 1, containment: "cgroup" } as const;
  supervisor.resume();

  const take = (client: Client, line: string) => {
    const parsed = parseRequest(line);
    if (!parsed.ok)
      throw new Error(`the agent sent the keeper what it does not take: ${parsed.message}`);
    const { request } = parsed;
    if (request.type === "hello") {
      tell(client, welcome(supervisor, host));
      client.welcomed = true;
      return;
    }
    const { id } = request;
    void supervisor.handle(request).then((answer) => {
      if (answer.ok) tell(client, { type: "done", id });
      else tell(client, { type: "failed", id, code: answer.code, message: answer.message });
    });
  };

  return {
    task,
    supervisor,
    journal,
    connect: (agent, events) => {
      const client: Client = { task: agent, events, welcomed: false, open: true };
      clients.add(client);
      sim().after(1, agent, () => events.opened());
      return {
        write: (text) => {
          const lines = text.split("\n").filter((line) => line !== "");
          sim().after(PIPE_MS, task, () => {
            if (client.open) for (const line of lines) take(client, line);
          });
        },
        destroy: () => {
          if (!client.open) return;
          client.open = false;
          clients.delete(client);
          sim().after(0, agent, () => events.closed("closed"));
        },
      };
    },
    drop: () => {
      for (const client of clients) {
        client.open = false;
        sim().after(1, client.task, () => client.events.closed("the keeper ended"));
      }
      clients.clear();
    },
  };
}
