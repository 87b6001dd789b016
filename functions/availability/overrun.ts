import { agentOf, type KnownAgent } from "./agent-of.ts";
import type { AgentStatus } from "./change.ts";
import { overrunIdOf, supervisionMetadata } from "./event-metadata.ts";
import type { EventOptions, SupervisionEvent } from "./typed-event.ts";
import type { AgentState } from "./state.ts";

/** The stored facts of an agent that overruns depend on. */
export type SupervisedAgent = KnownAgent &
  Pick<AgentState, "accountId" | "status" | "epoch" | "version" | "domain" | "region">;

/** The longest time that agents may stay in a status. */
export interface StatusLimit {
  /** ID of the status, or its name. Case and spaces of a name are ignored. */
  readonly status: string;
  readonly minutes: number;
  /** The Freshdesk account; absent for all accounts. */
  readonly accountId?: string | undefined;
}

/** The time at which an agent has been in a status for as long as a limit allows. */
export interface DueTime {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly statusId: string;
  /** When the agent entered the status: ISO 8601 UTC with milliseconds. */
  readonly since: string;
  readonly limitMinutes: number;
}

const MINUTE_MS = 60_000;

/** Normalizes the case and spaces of a status name. */
export function normalizeStatus(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll(/\s/g, "");
}

/** Returns the minutes of each limit of a status. An account's own limits replace those for all accounts. */
function minutesOf(
  limits: readonly StatusLimit[],
  accountId: string,
  { id, name }: AgentStatus,
): number[] {
  const matching = limits.filter(
    ({ status }) =>
      status === id || (name !== undefined && normalizeStatus(status) === normalizeStatus(name)),
  );
  const own = matching.filter((limit) => limit.accountId === accountId);
  const common = matching.filter((limit) => limit.accountId === undefined);
  return [...new Set((own.length > 0 ? own : common).map(({ minutes }) => minutes))];
}

/** Returns the due times of an agent's status, one for each limit. Returns none if `since` is unknown. */
export function dueTimesOf(
  limits: readonly StatusLimit[],
  {
    accountId,
    availabilityId,
    status,
  }: Pick<AgentState, "accountId" | "availabilityId" | "status">,
): DueTime[] {
  const since = status?.since;
  if (status === undefined || since === undefined) {
    return [];
  }
  return minutesOf(limits, accountId, status).map((limitMinutes) => ({
    accountId,
    availabilityId,
    statusId: status.id,
    since,
    limitMinutes,
  }));
}

/** Returns a due time in epoch milliseconds. */
export function dueAtOf({ since, limitMinutes }: DueTime): number {
  return Date.parse(since) + limitMinutes * MINUTE_MS;
}

/**
 * Returns whether the agent is still in the status of a due time, and the status still has the limit.
 * The limit may have been changed after the due time was set.
 */
export function isOverrun(
  due: DueTime,
  stored: SupervisedAgent | undefined,
  limits: readonly StatusLimit[],
): stored is SupervisedAgent {
  return (
    stored !== undefined &&
    dueTimesOf(limits, stored).some(
      ({ statusId, since, limitMinutes }) =>
        statusId === due.statusId && since === due.since && limitMinutes === due.limitMinutes,
    )
  );
}

/** Returns the event for an overrun. The same overrun always has the same ID. */
export function overrunEvent(
  due: DueTime,
  stored: SupervisedAgent,
  options: EventOptions,
): SupervisionEvent<"Agent Status Overrun"> {
  const { accountId, statusId, since, limitMinutes } = due;
  const { epoch, version, domain, region, status } = stored;
  const overdueSince = new Date(dueAtOf(due)).toISOString();
  const id = overrunIdOf(due);
  return {
    detailType: "Agent Status Overrun",
    detail: {
      metadata: supervisionMetadata({
        id,
        epoch,
        version,
        occurredAt: overdueSince,
        domain,
        region,
      }),
      accountId,
      agent: agentOf(stored, options),
      status: { id: statusId, name: status?.name, since },
      limitMinutes,
      overdueSince,
    },
  };
}
