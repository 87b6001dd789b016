/** The key of the table of sweep state: each account has an item for each part of its state. */
export const accountKey = "accountId";
export const partKey = "part";

/** The time-to-live attribute: epoch seconds after which DynamoDB deletes an item. */
export const expiresAt = "expiresAt";

export const stateKey = (accountId: string, part: string) => ({
  [accountKey]: { S: accountId },
  [partKey]: { S: part },
});
