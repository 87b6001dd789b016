import { effectiveLogin, type Login } from "./effective-login.ts";
import { isSettled, mayReplace } from "./reconcile-age.ts";
import type { JoinedItems } from "./reconcile-join.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { isSession, type SessionState, type StoredItem } from "./state.ts";

/** A write of a session item. Its time is the start of the request that returned the snapshot. */
export interface SessionWrite {
  readonly userId: string;
  /** The item or tombstone that was read; the write is conditional on its epoch and version. */
  readonly known: StoredItem | undefined;
  readonly email: string | undefined;
  readonly loggedIn: boolean;
  /** When the login state began; unknown if it has changed. */
  readonly since: string | undefined;
  /** Whether a different login state was known. */
  readonly isDrift: boolean;
  readonly requestedAt: string;
}

/** Returns whether an event that the snapshot does not show yet may have reported the login state. */
function isInFlight(effective: Login | undefined, requestedAt: string): boolean {
  return effective !== undefined && !isSettled(effective.statedAt, requestedAt);
}

/** Returns the values to keep from a stored session. A snapshot of a single agent has no email address. */
function keptValues(session: SessionState | undefined, { email, loggedIn }: AgentSnapshot) {
  const confirmed = session?.loggedIn === loggedIn ? session : undefined;
  return { email: email ?? session?.email, since: confirmed?.since };
}

/**
 * Returns the write of the session item of an agent, if the effective login state differs from the snapshot. The
 * write confirms the session if only the availability event differs.
 */
export function sessionWriteOf(
  snapshot: AgentSnapshot,
  { session: known, availability }: JoinedItems,
): SessionWrite | undefined {
  const { userId, loggedIn, requestedAt } = snapshot;
  const session = known && isSession(known) ? known : undefined;
  const effective = effectiveLogin(availability, session);
  if (loggedIn === undefined || loggedIn === effective?.loggedIn) {
    return undefined;
  }
  if (isInFlight(effective, requestedAt) || !mayReplace(known, requestedAt)) {
    return undefined;
  }
  const kept = keptValues(session, snapshot);
  const isDrift = effective !== undefined;
  return { userId, known, ...kept, loggedIn, isDrift, requestedAt };
}
