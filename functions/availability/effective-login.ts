import type { AgentState, SessionState } from "./state.ts";

export interface Login {
  readonly loggedIn: boolean;
  /** When it was reported, in epoch microseconds. */
  readonly statedAt: number;
  /** When it began: ISO 8601 UTC with milliseconds. Only from a session that contains it. */
  readonly since?: string | undefined;
}

/**
 * Returns the effective login state of a person: that of the session or of the newest availability event,
 * whichever is newer. The session wins if they are equally new. An absent login state does not count.
 */
export function effectiveLogin(
  item: Pick<AgentState, "loggedIn" | "eventTimestamp"> | undefined,
  session: Pick<SessionState, "loggedIn" | "eventTimestamp" | "since"> | undefined,
): Login | undefined {
  const isReported =
    item?.loggedIn !== undefined &&
    (session === undefined || item.eventTimestamp > session.eventTimestamp);
  if (isReported) {
    return { loggedIn: item.loggedIn, statedAt: item.eventTimestamp };
  }
  return (
    session && {
      loggedIn: session.loggedIn,
      statedAt: session.eventTimestamp,
      since: session.since,
    }
  );
}
