import { formatCount } from "../shared/count.ts";
import type { ListedAccount } from "./signing-keys.ts";

const formatAccount = ({ accountId, keys, customStatuses }: ListedAccount) =>
  [
    `  ${accountId}`,
    customStatuses ? "" : "without custom statuses",
    keys > 1 ? "two keys: the older one is not retired" : "",
  ]
    .filter(Boolean)
    .join("  ");

export function formatAccounts(accounts: readonly ListedAccount[], stage: string): string[] {
  return [
    `${formatCount(accounts.length, "account")} (stage ${stage})`,
    ...accounts.map(formatAccount),
  ];
}
