import type { KnownChannel } from "../../functions/availability/change.ts";
import type { changedParts, eventNames, removalReasons } from "./event-names.ts";

/** A status by its name, exactly as the Freshdesk admin wrote it, or by its ID, which survives renaming. */
export type StatusFilter = string | { readonly id: string };

/** A known channel, or the name of any other channel. */
export type ChannelFilter = KnownChannel | { readonly name: string };

/** A part of an agent's availability that can change. */
export type ChangedPart = (typeof changedParts)[number];

/** Filters of every event. An event matches if all filters match; a list matches if one of its values does. */
export interface CommonFilters {
  /**
   * IDs of Freshdesk accounts.
   *
   * @default - all accounts
   */
  readonly accounts?: readonly string[];
}

/** Filters of the events with an availability ID: all but `Agent Login Changed` and `Channel Coverage Changed`. */
export interface AgentFilters {
  /**
   * Availability IDs, or `user:{userId}` for agents without an availability ID.
   *
   * @default - all agents
   */
  readonly agents?: readonly string[];
}

/** Filters of `Agent Availability Changed`. */
export interface AvailabilityFilters {
  /**
   * The parts that changed. The event matches if at least one of these changed.
   *
   * @default - any part, or none: an update can repeat the values that are stored
   */
  readonly changed?: readonly ChangedPart[];

  /**
   * The agent's status after the change, whether or not the change affected it.
   *
   * @default - any status, or none
   */
  readonly inStatus?: readonly StatusFilter[];
}

/** Filters of `Agent Status Changed`. */
export interface StatusFilters {
  /**
   * The new status.
   *
   * @default - any status
   */
  readonly toStatus?: readonly StatusFilter[];

  /**
   * The previous status. Absent in the first change of an agent's item, and in the first after a removal.
   *
   * @default - any status, or none
   */
  readonly fromStatus?: readonly StatusFilter[];
}

/** Filters of `Agent Channel Availability Changed`. */
export interface ChannelFilters {
  /**
   * The channels: `freshdesk` (tickets), `freshchat` (chat), `freshcaller` (phone), `{ name }` for another.
   *
   * @default - all channels
   */
  readonly channels?: readonly ChannelFilter[];

  /**
   * Whether the agent became available (`true`) or unavailable (`false`) on the channel.
   *
   * @default - both
   */
  readonly available?: boolean;

  /**
   * The previous value. If set, excludes events without one, such as those of the first change of an agent's
   * item and of the first after a removal. In a new hub, these are the first events of all agents.
   *
   * @default - both, and unknown
   */
  readonly wasAvailable?: boolean;
}

/** Filters of `Agent Login Changed`. */
export interface LoginFilters {
  /**
   * User IDs of agents in Freshdesk.
   *
   * @default - all agents
   */
  readonly users?: readonly string[];

  /**
   * Whether the agent logged in (`true`) or out (`false`).
   *
   * @default - both
   */
  readonly loggedIn?: boolean;
}

/** The reason for a removal. */
export type RemovalReasonFilter = (typeof removalReasons)[number];

/** Filters of `Agent Removed`. */
export interface RemovalFilters {
  /**
   * The reason for the removal: an operator deleted the item (`item-deleted`) or forgot the agent (`forgotten`),
   * the agent was deleted in Freshdesk (`deleted`), or another item of the same agent remains (`merged`).
   *
   * @default - all reasons
   */
  readonly reason?: readonly RemovalReasonFilter[];
}

/** Filters of `Agent Status Overrun`. */
export interface OverrunFilters {
  /**
   * The status in which the agent has been for too long.
   *
   * @default - any status
   */
  readonly inStatus?: readonly StatusFilter[];

  /**
   * The limits in minutes, if the status has several.
   *
   * @default - all limits
   */
  readonly limitMinutes?: readonly number[];
}

/** Filters of `Channel Coverage Changed`. */
export interface CoverageFilters {
  /**
   * The channels: `freshdesk` (tickets), `freshchat` (chat) or `freshcaller` (phone).
   *
   * @default - all channels
   */
  readonly channels?: readonly KnownChannel[];

  /**
   * Whether enough agents are available again (`true`) or too few (`false`).
   *
   * @default - both
   */
  readonly covered?: boolean;

  /**
   * The previous value. If set, excludes the first event of each opening period, which has none.
   *
   * @default - both, and none
   */
  readonly wasCovered?: boolean;
}

type AllFilters = AgentFilters &
  AvailabilityFilters &
  StatusFilters &
  ChannelFilters &
  LoginFilters &
  RemovalFilters &
  OverrunFilters &
  CoverageFilters;

/** These filters, and none of the others. */
type Only<Filters> = Filters & {
  readonly [Name in Exclude<keyof AllFilters, keyof Filters>]?: never;
};

/** The event types that a rule can select. */
export type EventName = (typeof eventNames)[number];

/** The events of a rule and their filters. A list of events has only the filters that all of them have. */
export type EventSelection = CommonFilters &
  (
    | ({ readonly events: "Agent Availability Changed" } & Only<AgentFilters & AvailabilityFilters>)
    | ({ readonly events: "Agent Status Changed" } & Only<AgentFilters & StatusFilters>)
    | ({ readonly events: "Agent Channel Availability Changed" } & Only<
        AgentFilters & ChannelFilters
      >)
    | ({ readonly events: "Agent Login Changed" } & Only<LoginFilters>)
    | ({ readonly events: "Agent Removed" } & Only<AgentFilters & RemovalFilters>)
    | ({ readonly events: "Agent Status Overrun" } & Only<AgentFilters & OverrunFilters>)
    | ({ readonly events: "Channel Coverage Changed" } & Only<CoverageFilters>)
    | ({
        readonly events: readonly Exclude<
          EventName,
          "Agent Login Changed" | "Channel Coverage Changed"
        >[];
      } & Only<AgentFilters>)
    | ({ readonly events: readonly EventName[] } & Only<object>)
  );

export type FilterName = keyof CommonFilters | keyof AllFilters;
