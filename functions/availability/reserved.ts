/**
 * The account that a release is tried with before relays meet it. Its key is in the stage's secret like any
 * other, made when the first account is added; it has no agents, and nothing can be written for it.
 */
export const PING_ACCOUNT = "_ping";

/** Whether an account id is the hub's own. No Freshdesk account's begins so. */
export function isReserved(accountId: string): boolean {
  return accountId.startsWith("_");
}
