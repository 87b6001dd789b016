/** An agent as Freshdesk knows them. Times are epoch milliseconds; Freshdesk shows them to the second. */
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

/** What the owner of an API key may do. */
export type KeyRole = "admin" | "agent" | "locked";

/** Everything that the API shows. Its owner changes it at any time; the next request sees the change. */
export interface FreshdeskState {
  readonly accountId: number;
  readonly domain: string;
  /** By user ID, in the order in which Freshdesk lists them. A deleted agent is not in it. */
  readonly agents: Map<number, FreshdeskAgent>;
  /** API key to the role of its owner. A revoked key is not in it. */
  readonly apiKeys: Map<string, KeyRole>;
  isSuspended: boolean;
  /** Whether the plan includes `only=availability`. */
  hasAvailability: boolean;
  /** Requests a minute of all callers. */
  requestsPerMinute: number;
}
