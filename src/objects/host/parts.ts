// What the parts of a HostObject share: each gets all of it and uses little.
import type { Env } from "../../env.ts";
import type { Agenda } from "../agenda.ts";
import type { Rim } from "../rim.ts";
import type { Sockets } from "../sockets.ts";
import type { Sql } from "../sql.ts";
import type { HostStore } from "./store.ts";

/**
 * `lost` and `returned`: a worker to be told. `audit`: look after unconfirmed reservations.
 * `project`: write to D1. `room`: tell workers that wait for some. `census`: how many other hosts are lost too.
 * `drain`: a worker to be told that it should move. `deadline`: what is left by then is stopped.
 */
export type HostAgendaKind =
  | "lost"
  | "returned"
  | "audit"
  | "project"
  | "room"
  | "census"
  | "drain"
  | "deadline";

export interface HostParts {
  readonly env: Env;
  readonly rim: Rim;
  readonly sql: Sql;
  readonly store: HostStore;
  readonly agenda: Agenda<HostAgendaKind>;
  readonly sockets: Sockets;
}
