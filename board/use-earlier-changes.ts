import { useEffect, useState } from "preact/hooks";

import type { BoardChange, BoardChanges } from "../functions/board/board-data.ts";
import { hasList, startPolling } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";
import { dataUrl } from "./use-account.ts";

/** The history records a change after a few seconds, and the server caches its reading for up to 10 seconds. */
const HISTORY_DELAY_MS = 20_000;

function isBoardChanges(value: unknown): value is BoardChanges {
  return hasList(value, "changes");
}

interface EarlierChangesOptions {
  readonly accountId: string;
  readonly signIn: SignIn | undefined;
  /** When the page was opened: epoch milliseconds of the server's clock; absent if there is nothing to read. */
  readonly openedAt: number | undefined;
}

/**
 * Reads the last changes of an account before the page was opened, until the history has all of them. Returns
 * `undefined` until the first successful reading.
 */
export function useEarlierChanges(
  options: EarlierChangesOptions,
): readonly BoardChange[] | undefined {
  const { accountId, signIn, openedAt } = options;
  const [changes, setChanges] = useState<readonly BoardChange[]>();
  useEffect(() => {
    if (openedAt === undefined) {
      return undefined;
    }
    const stop = startPolling({
      url: dataUrl(accountId, "changes"),
      isData: isBoardChanges,
      intervalMs: HISTORY_DELAY_MS,
      accessToken: async () => await signIn?.accessToken(),
      onReading: ({ data, asOf }) => {
        setChanges(data.changes.filter(({ time }) => Date.parse(time) <= openedAt));
        if (asOf - openedAt >= HISTORY_DELAY_MS) {
          stop();
        }
      },
      // The poller tries again. Until then, the list contains the changes since the page was opened.
      onFailure: () => undefined,
    });
    return stop;
  }, [accountId, signIn, openedAt]);
  return changes;
}
