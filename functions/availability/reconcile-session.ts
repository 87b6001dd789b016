import { isSettled, mayReplace } from "./reconcile-age.ts";
import type { JoinedItems } from "./reconcile-join.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { isSession, type StoredItem } from "./state.ts";

/** A write of a session item. Its time is the start of the request that returned the snapshot. */
export interface SessionWrite {
  readonly userId: string;
  /** The item or tombstone that was read; the write is conditional on its epoch and version. */
  readonly known: StoredItem | undefined;
  readonly email: string | undefined;
  readonly loggedIn: boolean;
  /** When the login state began; unknown if it has changed. */
  readonly since: string | undefined;
  /** Whether another login state was known. */
  readonly isDrift: boolean;
  readonly requestedAt: string;
}

/** A login state, and when it was stated in epoch microseconds. */
interface StatedLogin {
  readonly loggedIn: boolean;
  readonly statedAt: number;
  readonly since?: string | undefined;
}

function statedBySession({ session }: JoinedItems): readonly StatedLogin[] {
  return session !== undefined && isSession(session)
    ? [{ loggedIn: session.loggedIn, statedAt: session.eventTimestamp, since: session.since }]
    : [];
}

function statedByEvent({ availability }: JoinedItems): readonly StatedLogin[] {
  return availability?.loggedIn === undefined
    ? []
    : [{ loggedIn: availability.loggedIn, statedAt: availability.eventTimestamp }];
}

/** Returns the newer of the session and what the last availability event stated; the session at equal times. */
function effectiveLogin(joined: JoinedItems): StatedLogin | undefined {
  const [session, event] = [statedBySession(joined)[0], statedByEvent(joined)[0]];
  if (session === undefined || event === undefined) {
    return session ?? event;
  }
  return event.statedAt > session.statedAt ? event : session;
}

/** Whether an event that the snapshot does not show yet may have stated the login state. */
function isInFlight(effective: StatedLogin | undefined, requestedAt: string): boolean {
  return effective !== undefined && !isSettled(effective.statedAt, requestedAt);
}

/** The availability of a single agent comes without the address. */
function emailOf(known: StoredItem | undefined): string | undefined {
  return known !== undefined && isSession(known) ? known.email : undefined;
}

/**
 * Returns the write of the session item of an agent, if the effective login state differs from the snapshot. The
 * write confirms the session if only the availability event differs.
 */
export function sessionWriteOf(
  snapshot: AgentSnapshot,
  joined: JoinedItems,
): SessionWrite | undefined {
  const { userId, email, loggedIn, requestedAt } = snapshot;
  const { session: known } = joined;
  const effective = effectiveLogin(joined);
  if (loggedIn === undefined || loggedIn === effective?.loggedIn) {
    return undefined;
  }
  if (isInFlight(effective, requestedAt) || !mayReplace(known, requestedAt)) {
    return undefined;
  }
  const confirmed = statedBySession(joined).find((session) => session.loggedIn === loggedIn);
  return {
    userId,
    known,
    email: email ?? emailOf(known),
    loggedIn,
    since: confirmed?.since,
    isDrift: effective !== undefined,
    requestedAt,
  };
}
