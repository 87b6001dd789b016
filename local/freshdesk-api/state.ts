/** An agent as stored in Freshdesk. Times are epoch milliseconds; Freshdesk shows them to the second. */
export interface FreshdeskAgent {
  readonly userId: number;
  readonly name: string;
  readonly email: string;
  readonly loggedIn: boolean;
  readonly statusId?: number | undefined;
  readonly statusUpdatedAt?: number | undefined;
  readonly available: boolean;
  readonly availabilityUpdatedAt?: number | undefined;
  /** @default false */
  readonly deactivated?: boolean;
}

/** The role of an API key's owner. */
export type KeyRole = "admin" | "agent" | "locked";

/** The state behind the API. Tests can change it at any time. The next request sees the change. */
export interface FreshdeskState {
  readonly accountId: number;
  readonly domain: string;
  /** Agents by user ID, in Freshdesk's order. A deleted agent is not in the map. */
  readonly agents: Map<number, FreshdeskAgent>;
  /** The owner's role by API key. A revoked key is not in the map. */
  readonly apiKeys: Map<string, KeyRole>;
  isSuspended: boolean;
  /** Whether the plan includes `only=availability`. */
  hasAvailability: boolean;
  /** The rate limit: requests per minute of all callers together. */
  requestsPerMinute: number;
}
