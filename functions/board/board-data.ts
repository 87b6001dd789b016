import type { HistoryState, HistoryStatus } from "../../client/history/timeline.ts";
import type { StatusLimit } from "../availability/overrun.ts";

/** Availability of one agent on one channel, as the board shows it. */
export interface BoardChannel {
  /** Whether work of this channel can be assigned to the agent; absent if unknown. */
  readonly available?: boolean | undefined;
  /** Since when the agent has been available or unavailable: ISO 8601 UTC; absent if unknown. */
  readonly since?: string | undefined;
}

/** One agent, as the board shows it. What is unknown is absent. */
export interface BoardAgent {
  /** Identifies the agent within the account. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly loggedIn?: boolean | undefined;
  readonly status?:
    | {
        readonly id: string;
        readonly name?: string | undefined;
        /** When the agent entered the status: ISO 8601 UTC. */
        readonly since?: string | undefined;
      }
    | undefined;
  /** By channel name: `freshdesk`, `freshchat`, `freshcaller`, or another. */
  readonly channels: Readonly<Record<string, BoardChannel>>;
}

/** A channel on which too few people are available, according to its last evaluation. */
export interface UncoveredChannel {
  readonly channel: string;
  /** The number of people who must be available. */
  readonly minimum: number;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** Body of `GET /v1/accounts/{accountId}/agents`: every agent of one account, and what supervision knows. */
export interface BoardData {
  readonly accountId: string;
  readonly agents: readonly BoardAgent[];
  /** The channels that are open and uncovered; absent if the stage sets no `coverage`. */
  readonly uncovered?: readonly UncoveredChannel[];
  /** The limits that can apply to the account; absent if the stage sets no `statusLimits`. */
  readonly statusLimits?: readonly StatusLimit[];
}

/** What is known of an agent from a time until the next interval, or until the end of the period or now. */
export interface BoardInterval extends HistoryState {
  /** ISO 8601 UTC. */
  readonly from: string;
}

/** Body of `GET /v1/accounts/{accountId}/history`: a period of one agent, without holes. */
export interface BoardHistory {
  readonly accountId: string;
  readonly agentId: string;
  readonly intervals: readonly BoardInterval[];
}

/** What changed of an agent at one time. What did not change is absent. */
export interface BoardChange {
  readonly agentId: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly status?: HistoryStatus | undefined;
  readonly loggedIn?: boolean | undefined;
  /** Whether the agent is available now, by the name of each channel that changed. */
  readonly channels: Readonly<Record<string, boolean>>;
}

/** Body of `GET /v1/accounts/{accountId}/changes`: the last changes of the account, newest first. */
export interface BoardChanges {
  readonly accountId: string;
  readonly changes: readonly BoardChange[];
}

/** Sign-in with an OpenID Connect issuer. */
export interface BoardSignIn {
  /** URL of the issuer; `/.well-known/openid-configuration` is read from it. */
  readonly issuer: string;
  readonly clientId: string;
  /** The API that the access token is requested for. */
  readonly audience: string;
  /** Scopes to request in addition to those that every sign-in needs. */
  readonly scopes: readonly string[];
}

/** Body of `GET /config.json`: what the page needs before anyone has signed in. */
export interface BoardConfig {
  readonly stage: string;
  /** The accounts to show. */
  readonly accountIds: readonly string[];
  /** Whether the stage keeps a history. */
  readonly history: boolean;
  /** If set, the page shows only those accounts that this claim of the viewer's access token lists. */
  readonly accountsClaim?: string;
  /** If absent, no one has to sign in. */
  readonly signIn?: BoardSignIn;
}
