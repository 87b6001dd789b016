/** The key of the history: the changes of an item are a partition, sorted by time. */
export const historyPartitionKey = "agent";
export const historySortKey = "change";

/** Epoch seconds at which DynamoDB may delete a change. */
export const historyExpiresAt = "expiresAt";
