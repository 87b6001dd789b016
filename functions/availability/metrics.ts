/**
 * What the stations count, by name: the metrics of the domain.
 *
 * A name is a contract with whoever alarms on it. Each costs every month in which it is written, so that
 * none has a dimension but the stage and the service, and none but the census' is written where its value
 * is 0.
 */

/** The namespace in CloudWatch. */
export const METRICS_NAMESPACE = "AgentAvailability";

/** Counts of service `ingest`. */
export type IngestMetric =
  /** Events in signed requests, whatever became of them. */
  | "EventsReceived"
  /** Those of them that a relay sent in a list, because it had parked them. */
  | "EventsParked"
  | "EventsApplied"
  | "EventsDuplicate"
  | "EventsStale"
  /** Events of a list that are not as they must be; their neighbours were taken. */
  | "EventsInvalid"
  /** Requests by why they were refused. */
  | "RejectedSourceNotAllowed"
  | "RejectedTooLarge"
  /** A wrong signature of an account that exists: its relay may have the wrong key. */
  | "RejectedBadSignature"
  /** No signature, or an account that does not exist. */
  | "RejectedUnauthenticated"
  | "RejectedMalformed"
  | "RejectedAccountMismatch"
  | "RejectedDependencyFailed"
  /** Fetches of the signing keys that failed, whether or not an older copy served. */
  | "KeysFetchFailed"
  /** Accounts of which a malformed signing key was skipped, once per fetch of the keys. */
  | "AccountsWithMalformedKeys"
  /** Changes that DynamoDB refused as malformed: a defect of the hub. */
  | "ChangesRejectedByTable"
  /** Requests signed with an account's old key, of two: its new one is not in the relay yet. */
  | "PreviousKeyUsed"
  /** Signed requests of a relay older than the one that this release brings. */
  | "OldRelayVersion";

/** Counts of service `publisher`, and one time. */
export type PublisherMetric =
  /** Events that the bus accepted, repeats among them. */
  | "EventsPublished"
  /** The same by detail type. */
  | "PublishedAgentAvailabilityChanged"
  | "PublishedAgentStatusChanged"
  | "PublishedAgentChannelAvailabilityChanged"
  | "PublishedAgentRemoved"
  /** Milliseconds from `occurredAt` to `publishedAt`, once a change, without those that were parked. */
  | "EventAge"
  /** What can never be published and waits for a person. */
  | "EventsSetAside"
  /** Entries that were refused and will be tried again. */
  | "EntriesRefused";

/** Counts of service `census`, written every time, 0 too: agents in all accounts. */
export type CensusMetric =
  /** Available for tickets now, as the index of that name tells. */
  | "AvailableOnFreshdesk"
  /** The same for chat. */
  | "AvailableOnFreshchat"
  /** The same for phone. */
  | "AvailableOnFreshcaller"
  /** Of those of one channel who opened it within a shift of 12 hours; the channel where that are most. */
  | "AgentsAtWork";
