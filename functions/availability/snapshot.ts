/**
 * One agent as Freshdesk's REST API shows the agent. An unknown value is absent. Times are ISO 8601 UTC with
 * milliseconds. The API does not show the availability ID, the name of the status, chat or phone.
 */
export interface AgentSnapshot {
  /** Freshdesk's user ID, which the API calls the agent's ID. */
  readonly userId: string;
  readonly name?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  readonly loggedIn?: boolean | undefined;
  readonly statusId?: string | undefined;
  /** When the agent entered the status. */
  readonly statusSince?: string | undefined;
  /** Whether the agent can be assigned tickets. */
  readonly ticketsAvailable?: boolean | undefined;
  /** When `ticketsAvailable` last changed. */
  readonly ticketsSince?: string | undefined;
  /** Whether the agent has been deactivated or deleted. */
  readonly isDeactivated: boolean;
  /** When the request began that returned the snapshot. */
  readonly requestedAt: string;
}
