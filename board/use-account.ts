import { useEffect, useState } from "preact/hooks";

import type { BoardData } from "../functions/board/board-data.ts";
import { addChanges, type Change, compareReadings } from "./changes.ts";
import { hasList, type PollFailure, type Reading, startPolling } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";

export interface AccountState {
  /** Absent until the first response. */
  readonly reading?: Reading<BoardData>;
  readonly changes: readonly Change[];
  /** The reason why the last request failed; absent if it succeeded. */
  readonly failure?: PollFailure;
}

function isBoardData(value: unknown): value is BoardData {
  return hasList(value, "agents");
}

export function dataUrl(accountId: string, data: "agents" | "history" | "changes"): string {
  return `v1/accounts/${encodeURIComponent(accountId)}/${data}`;
}

/** Polls the agents of an account while the component is shown. */
export function useAccount(accountId: string, signIn: SignIn | undefined): AccountState {
  const [state, setState] = useState<AccountState>({ changes: [] });
  useEffect(
    () =>
      startPolling({
        url: dataUrl(accountId, "agents"),
        isData: isBoardData,
        accessToken: async () => await signIn?.accessToken(),
        onReading: (reading) => {
          setState(({ reading: before, changes }) => ({
            reading,
            changes:
              before === undefined || before.data === reading.data
                ? changes
                : addChanges(
                    changes,
                    compareReadings(before.data.agents, reading.data.agents, reading.asOf),
                  ),
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
