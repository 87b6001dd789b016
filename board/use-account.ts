import { useEffect, useState } from "preact/hooks";

import { addChanges, type Change, compareReadings } from "./changes.ts";
import { type PollFailure, type Reading, startPolling } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";

/** What the page shows of one account. */
export interface AccountState {
  /** Absent until the first response. */
  readonly reading?: Reading;
  readonly changes: readonly Change[];
  /** Why the last request failed; absent if it succeeded. */
  readonly failure?: PollFailure;
}

/** Reads one account as long as the component is shown. */
export function useAccount(accountId: string, signIn: SignIn | undefined): AccountState {
  const [state, setState] = useState<AccountState>({ changes: [] });
  useEffect(
    () =>
      startPolling({
        accountId,
        accessToken: async () => await signIn?.accessToken(),
        onReading: (reading) => {
          setState(({ reading: before, changes }) => ({
            reading,
            changes:
              before === undefined || before.agents === reading.agents
                ? changes
                : addChanges(changes, compareReadings(before.agents, reading.agents, reading.asOf)),
          }));
        },
        onFailure: (failure) => {
          setState((known) => ({ ...known, failure }));
        },
      }),
    [accountId, signIn],
  );
  return state;
}
