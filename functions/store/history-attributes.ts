/** The keys of the history table. A partition contains the changes to one item, sorted by time. */
export const historyPartitionKey = "agent";
export const historySortKey = "change";

/** The time-to-live attribute: epoch seconds after which DynamoDB deletes a change. */
export const historyExpiresAt = "expiresAt";
