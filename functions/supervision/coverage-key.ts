/** The key of the table of coverage: each account has an item for each channel that it was evaluated for. */
export const accountKey = "accountId";
export const channelKey = "channel";
