/**
 * The text of a stage's signing-key secret, formatted here and not by the code under test.
 *
 * @param keys account ID to its keys, the current one first.
 * @param withoutCustomStatuses the accounts without custom statuses.
 */
export function aSecretText(
  keys: Readonly<Record<string, readonly string[]>>,
  withoutCustomStatuses: readonly string[] = [],
): string {
  const entries = Object.entries(keys).map(([accountId, own]) => [
    accountId,
    { keys: own, ...(withoutCustomStatuses.includes(accountId) && { customStatuses: false }) },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
