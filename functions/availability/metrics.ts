/**
 * The names of the hub's metrics.
 *
 * A name is a contract with everyone who uses it in an alarm. CloudWatch charges for each metric per month,
 * so the only dimensions are stage and service, and only the census and `ChannelsEvaluated` write a count of 0.
 */

/** The namespace in CloudWatch. */
export const METRICS_NAMESPACE = "AgentAvailability";

/** Metrics of service `ingest`, all of them counts. */
export type IngestMetric =
  /** Events in signed requests, whatever their outcome. */
  | "EventsReceived"
  /** The received events that arrived in a batch, because the relay had parked them. */
  | "ParkedEventsReceived"
  | "EventsApplied"
  | "EventsDuplicate"
  | "EventsStale"
  /** Invalid events in a batch. The other events in the batch were applied. */
  | "EventsInvalid"
  /** `onAgentUpdate` and `onAgentDelete` events in signed requests, whatever their outcome. */
  | "AgentUpdatesReceived"
  /** Of these, the events that are invalid, or contain a login state or availability that the hub cannot parse. */
  | "AgentUpdatesUnparsed"
  /** Applied logins and logouts. */
  | "SessionItemsWritten"
  /** Applied changes to `user:` items, which only accounts without custom statuses have. */
  | "UserItemsWritten"
  /** `onAgentDelete` events that removed an item, or blocked late events. */
  | "AgentsRemoved"
  /** Changes of ticket availability in agent updates of an account whose `customStatuses` setting is `on`. */
  | "TicketAvailabilityWithCustomStatusesOn"
  /** Availability events of an account whose `customStatuses` setting is `off`. */
  | "AvailabilityEventsWithCustomStatusesOff"
  /** Requests from an address that the stage does not allow. */
  | "RejectedSourceNotAllowed"
  /** Requests with a body over 128 KiB. */
  | "RejectedTooLarge"
  /** Requests for an existing account with an invalid signature: its relay may have a wrong key. */
  | "RejectedBadSignature"
  /** Requests without a signature or for an unknown account. */
  | "RejectedUnauthenticated"
  /** Requests with an invalid body. */
  | "RejectedMalformed"
  /** Requests whose path and body contain different account IDs. */
  | "RejectedAccountMismatch"
  /** Requests that failed because the table or the signing keys were unavailable. */
  | "RejectedDependencyFailed"
  /** Failed fetches of the signing keys, even if an older copy was used. */
  | "SigningKeysFetchFailed"
  /** Accounts with a malformed signing key that was skipped, once per fetch of the keys. */
  | "AccountsWithMalformedKeys"
  /** Items that DynamoDB rejected as malformed, which is a bug in the hub. */
  | "ChangesRejectedByTable"
  /** Requests signed with an account's previous key: its relay does not have the new key. */
  | "PreviousKeyUsed"
  /** Signed requests of relays that are older than the one in this release. */
  | "OldRelayVersion";

/** Metrics of service `publisher`: counts, and one duration. */
export type PublisherMetric =
  /** Events that the bus accepted, including repeated ones. */
  | "EventsPublished"
  /** The published events by detail type. */
  | "PublishedAgentAvailabilityChanged"
  | "PublishedAgentStatusChanged"
  | "PublishedAgentChannelAvailabilityChanged"
  | "PublishedAgentLoginChanged"
  | "PublishedAgentRemoved"
  /** Milliseconds from `occurredAt` to `publishedAt`, once per change that was not parked. */
  | "EventAge"
  /** Events and records that cannot be published and need an operator. */
  | "EventsDeadLettered"
  /** Entries that the bus rejected, and records that the dead-letter queue rejected. The publisher retries both. */
  | "EntriesRejected";

/** Metrics of service `census`: counts over all accounts, written every time, even if 0. */
export type CensusMetric =
  /** Items in the table, from DynamoDB's own estimate. */
  | "StoredItems"
  /** Agents available for tickets. */
  | "AvailableOnFreshdesk"
  /** Agents available for chat. */
  | "AvailableOnFreshchat"
  /** Agents available for phone calls. */
  | "AvailableOnFreshcaller"
  /** Available agents who opened the channel within 12 hours, on the channel with the most such agents. */
  | "ActiveAgents";

/** Metrics of service `reconcile`: counts over all accounts, and two durations. */
export type ReconcileMetric =
  /** Agents whose state in Freshdesk was compared with the table. */
  | "AgentsChecked"
  /** Checked agents whose items differed from Freshdesk. */
  | "AgentsDrifted"
  | "DriftedStatus"
  | "DriftedSince"
  | "DriftedTickets"
  | "DriftedLoggedIn"
  /** Age of the oldest change that an item lacked, in seconds. */
  | "OldestDrift"
  | "ItemsRepaired"
  /** `user:` items of agents who had none. */
  | "ItemsCreated"
  | "ItemsMerged"
  | "ItemsRemoved"
  /** Items that changed while they were compared; the next sweep compares them again. */
  | "ItemsOvertaken"
  /** Availability items that belong to no agent in Freshdesk, as far as is known. */
  | "ItemsUnidentified"
  /** Items and rows of Freshdesk's list that cannot be parsed. */
  | "Unreadable"
  /** Snapshots that differ from an item but are older. */
  | "SnapshotsContradictory"
  /** Compared items that contain the agent's ID in the channel `freshdesk`. */
  | "TicketAgentIdsReported"
  /** Of these, the items in which that ID is the user ID. */
  | "TicketAgentIdsEqualToUserId"
  | "SweepsCompleted"
  /**
   * Sweeps that failed because of Freshdesk or its rate limit, including comparisons of a single agent after a
   * missed event. Each is also counted by reason, below.
   */
  | "SweepsFailed"
  /** Freshdesk's rate limit, or reconcile's share of it, was used up. */
  | "SweepsFailedThrottled"
  /** Freshdesk or the connection failed, or did not respond in time. */
  | "SweepsFailedUnavailable"
  /** The account is suspended, its plan does not include the API, or the API key's owner lacks permissions. */
  | "SweepsFailedDenied"
  /** The domain is wrong, or the response is not as documented. */
  | "SweepsFailedUnexpected"
  /** Seconds since the last complete sweep, of the account for which this is longest. */
  | "SweepAge"
  /** Sweeps that failed because of the API key or its owner. */
  | "ApiKeysRejected"
  /** Accounts with a malformed entry in the secret with Freshdesk API keys. */
  | "AccountsWithMalformedApiKeys";

/** Metrics of service `history`, all of them counts. */
export type HistoryMetric =
  /** Changes stored in the history, including repeated ones. */
  | "ChangesRecorded"
  /** Changes of forgotten agents that were deleted from the history, or not stored. */
  | "ChangesForgotten"
  /** Stream records that the history cannot parse. The publisher dead-letters them. */
  | "RecordsUnreadable";

/** Metrics of service `supervision`, all of them counts. */
export type SupervisionMetric =
  /** Due times for which a schedule was created or already existed. */
  | "DueTimesScheduled"
  /** Published events about overruns, including repeated ones. */
  | "OverrunsPublished"
  /** Due times at which the agent had left the status, or the limit no longer existed. */
  | "OverrunsPrevented"
  /** Channels whose coverage was evaluated, written every minute, even if 0. Missing if an evaluation failed. */
  | "ChannelsEvaluated"
  /** Published events about coverage, including repeated ones. */
  | "CoverageChangesPublished";

export interface ServiceMetrics {
  readonly ingest: IngestMetric;
  readonly publisher: PublisherMetric;
  readonly census: CensusMetric;
  readonly reconcile: ReconcileMetric;
  readonly history: HistoryMetric;
  readonly supervision: SupervisionMetric;
}
