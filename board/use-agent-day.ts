import { useEffect, useState } from "preact/hooks";

import type { Period } from "../client/history/timeline.ts";
import type { BoardHistory } from "../functions/board/board-data.ts";
import { readingToShow } from "./day.ts";
import { hasList, type PollFailure, type Reading, startPolling } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";
import { dataUrl } from "./use-account.ts";

const INTERVAL_MS = 10_000;

/** The state of the data of an agent's day. */
export interface AgentDayState {
  /** Absent until the first response. */
  readonly reading?: Reading<BoardHistory>;
  /** The reason why the last request failed; absent if it succeeded. */
  readonly failure?: PollFailure;
}

export interface AgentDayOptions {
  readonly accountId: string;
  readonly agentId: string;
  readonly signIn: SignIn | undefined;
  readonly day: Period;
}

function isBoardHistory(value: unknown): value is BoardHistory {
  return hasList(value, "intervals");
}

/** Polls an agent's day while the component is shown. */
export function useAgentDay({ accountId, agentId, signIn, day }: AgentDayOptions): AgentDayState {
  const { from, to } = day;
  const [state, setState] = useState<AgentDayState>({});
  useEffect(() => {
    const query = new URLSearchParams({
      agent: agentId,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    });
    setState({});
    return startPolling({
      url: `${dataUrl(accountId, "history")}?${query.toString()}`,
      isData: isBoardHistory,
      intervalMs: INTERVAL_MS,
      accessToken: async () => await signIn?.accessToken(),
      onReading: (reading) => {
        setState(({ reading: shown }) => ({ reading: readingToShow(shown, reading) }));
      },
      onFailure: (failure) => {
        setState((known) => ({ ...known, failure }));
      },
    });
  }, [accountId, agentId, signIn, from, to]);
  return state;
}
