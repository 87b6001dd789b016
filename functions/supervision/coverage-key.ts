/** The keys of the coverage table, which has an item for each evaluated channel of an account. */
export const accountKey = "accountId";
export const channelKey = "channel";
