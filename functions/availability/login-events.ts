import { loginDifference } from "./differences.ts";
import { changeMetadata } from "./event-metadata.ts";
import type { AvailabilityEvent, EventOptions } from "./typed-event.ts";
import type { SessionState } from "./state.ts";

/** Returns the event of a login or logout; none if the write only confirms the login state. */
export function loginEvents(
  before: SessionState | undefined,
  after: SessionState,
  { personalData }: EventOptions,
): AvailabilityEvent[] {
  const difference = loginDifference(before, after);
  if (difference === undefined) {
    return [];
  }
  const { accountId, userId, email, since, updatedAt } = after;
  const previous = difference.before && {
    loggedIn: difference.before.value,
    durationMs: difference.before.durationMs,
  };
  const type = "Agent Login Changed";
  return [
    {
      detailType: type,
      detail: {
        metadata: changeMetadata(after, { type }, { occurredAt: since ?? updatedAt, gap: false }),
        accountId,
        agent: { userId, ...(personalData && { email }) },
        loggedIn: difference.loggedIn,
        since,
        previous,
      },
    },
  ];
}
