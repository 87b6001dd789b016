import type { HistoryState, HistoryStatus } from "../../client/history/timeline.ts";
import type { StatusLimit } from "../availability/overrun.ts";

/** Availability of one agent on one channel, as the board shows it. */
export interface BoardChannel {
  /** Whether work of this channel can be assigned to the agent; absent if unknown. */
  readonly available?: boolean | undefined;
  /** Since when the agent has been available or unavailable: ISO 8601 UTC; absent if unknown. */
  readonly since?: string | undefined;
}

/** One agent, as the board shows it. Unknown values are absent. */
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
  /** Availability on each channel, keyed by channel name (`freshdesk`, `freshchat`, `freshcaller`, or another). */
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

/** Body of `GET /v1/accounts/{accountId}/agents`: the agents of an account, its uncovered channels and its limits. */
export interface BoardData {
  readonly accountId: string;
  readonly agents: readonly BoardAgent[];
  /** The channels that are open and uncovered; absent if the stage has no `coverage`. */
  readonly uncovered?: readonly UncoveredChannel[];
  /** The limits that can apply to the account; absent if the stage has no `statusLimits`. */
  readonly statusLimits?: readonly StatusLimit[];
}

/** The known state of an agent until the next interval begins. The last one lasts until the end of the period or until now. */
export interface BoardInterval extends HistoryState {
  /** ISO 8601 UTC. */
  readonly from: string;
}

/** Body of `GET /v1/accounts/{accountId}/history`: intervals of one agent that cover a period without gaps. */
export interface BoardHistory {
  readonly accountId: string;
  readonly agentId: string;
  readonly intervals: readonly BoardInterval[];
}

/** The changes of one agent at the same time. Unchanged facts are absent. */
export interface BoardChange {
  readonly agentId: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly status?: HistoryStatus | undefined;
  readonly loggedIn?: boolean | undefined;
  /** The new availability of each channel that changed, by channel name. */
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

/** Body of `GET /config.json`: the configuration that the page needs before sign-in. */
export interface BoardConfig {
  readonly stage: string;
  readonly accountIds: readonly string[];
  /** Whether the stage keeps a history. */
  readonly history: boolean;
  /** Claim of the access token that lists the viewer's accounts; absent if every viewer sees all accounts. */
  readonly accountsClaim?: string;
  /** Absent if the board requires no sign-in. */
  readonly signIn?: BoardSignIn;
}
