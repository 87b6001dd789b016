import { accountsInClaim } from "../functions/board/account-claim.ts";
import type { BoardConfig } from "../functions/board/board-data.ts";

function payloadOf(token: string): Record<string, unknown> {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(
    atob(part.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.codePointAt(0) ?? 0,
  );
  const payload: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return typeof payload === "object" && payload !== null ? { ...payload } : {};
}

/**
 * Returns the accounts that the viewer may choose from. The server decides which accounts a token can read; this
 * only keeps the page from offering accounts that the server would reject.
 */
export function viewableAccounts(config: BoardConfig, token: string | undefined): string[] {
  const { accountIds, accountsClaim } = config;
  if (accountsClaim === undefined || token === undefined) {
    return [...accountIds];
  }
  const accountsOfViewer = accountsInClaim(payloadOf(token)[accountsClaim]);
  return accountIds.length === 0
    ? [...accountsOfViewer]
    : accountIds.filter((accountId) => accountsOfViewer.has(accountId));
}
