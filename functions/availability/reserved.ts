/**
 * The account that deployment checks sign their requests for. Its key is in the stage's secret like any other,
 * created with the first account. It has no agents, and nothing can be stored for it.
 */
export const PING_ACCOUNT = "_ping";

/** Returns whether an account ID is reserved for the hub. No Freshdesk account ID begins with `_`. */
export function isReserved(accountId: string): boolean {
  return accountId.startsWith("_");
}
