import type { KnownChannel } from "../../functions/availability/change.ts";

/** A status as the account's admins know it: by its name, exactly as written, or by its id, which a rename leaves alone. */
export type StatusFilter = string | { readonly id: string };

/** A channel that the hub knows, or by its name one that it does not know yet. */
export type ChannelFilter = KnownChannel | { readonly name: string };

/** What in an agent's availability can differ from before. */
export type ChangedPart = "status" | "loggedIn" | "channels" | "profile";

/** Filters that every event has. An event passes when all filters hold, and a list when one of its values does. */
export interface CommonFilters {
  /**
   * The Freshdesk accounts.
   *
   * @default - all
   */
  readonly accounts?: readonly string[];

  /**
   * The agents, by their availability ids.
   *
   * @default - all
   */
  readonly agents?: readonly string[];
}

/** Filters of `Agent Availability Changed`. */
export interface AvailabilityFilters {
  /**
   * What differs from before; one of these is enough.
   *
   * @default - anything, and nothing too: Freshdesk may say something newer that says the same
   */
  readonly changed?: readonly ChangedPart[];

  /**
   * The status that the agent has by now, whether this change brought it or not.
   *
   * @default - any, and none
   */
  readonly inStatus?: readonly StatusFilter[];
}

/** Filters of `Agent Status Changed`. */
export interface StatusFilters {
  /**
   * The status that the agent took.
   *
   * @default - any
   */
  readonly toStatus?: readonly StatusFilter[];

  /**
   * The status that the agent left. An agent seen for the first time has left none.
   *
   * @default - any, and none
   */
  readonly fromStatus?: readonly StatusFilter[];
}

/** Filters of `Agent Channel Availability Changed`. */
export interface ChannelFilters {
  /**
   * The channels that opened or closed: `freshdesk` is tickets, `freshchat` chat, `freshcaller` phone.
   *
   * @default - all, those that the hub does not know yet among them
   */
  readonly channels?: readonly ChannelFilter[];

  /**
   * Whether the channel opened (`true`) or closed (`false`).
   *
   * @default - both
   */
  readonly available?: boolean;

  /**
   * Whether the channel was open before. Of an agent seen for the first time it is not known, so that
   * this keeps out all those whom a new hub meets.
   *
   * @default - either, and unknown
   */
  readonly wasAvailable?: boolean;
}

type Without<Filters> = { readonly [Name in keyof Filters]?: never };
type NoAvailability = Without<AvailabilityFilters>;
type NoStatus = Without<StatusFilters>;
type NoChannel = Without<ChannelFilters>;

/** Which events, and which of them: filters are those of the event that is named. */
export type EventSelection = CommonFilters &
  (
    | ({ readonly events: "Agent Availability Changed" } & AvailabilityFilters &
        NoStatus &
        NoChannel)
    | ({ readonly events: "Agent Status Changed" } & StatusFilters & NoAvailability & NoChannel)
    | ({ readonly events: "Agent Channel Availability Changed" } & ChannelFilters &
        NoAvailability &
        NoStatus)
    | ({ readonly events: "Agent Removed" } & NoAvailability & NoStatus & NoChannel)
    // Of several events, only what all of them have.
    | ({ readonly events: readonly EventName[] } & NoAvailability & NoStatus & NoChannel)
  );

/** The event types that a rule can choose from. */
export type EventName =
  | "Agent Availability Changed"
  | "Agent Status Changed"
  | "Agent Channel Availability Changed"
  | "Agent Removed";

const common = ["accounts", "agents"] as const;

/** Which filters make sense for which event. */
export const filtersOf = {
  "Agent Availability Changed": ["changed", "inStatus", ...common],
  "Agent Status Changed": ["toStatus", "fromStatus", ...common],
  "Agent Channel Availability Changed": ["channels", "available", "wasAvailable", ...common],
  "Agent Removed": common,
} as const satisfies Record<EventName, readonly FilterName[]>;

/** The name of a filter. */
export type FilterName =
  keyof CommonFilters | keyof AvailabilityFilters | keyof StatusFilters | keyof ChannelFilters;
