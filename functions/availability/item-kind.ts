/**
 * The three kinds of items of an account, distinguished by the sort key. Each kind has one source, and its changes are
 * ordered separately, so that events of different sources never overwrite each other. Readers join the items of a
 * person.
 *
 * - `availability`: key `agent_availability.id`, written by `onAgentAvailabilityUpdate`
 * - `user`: key `user:{userId}`, written by `onAgentUpdate` in accounts without custom statuses
 * - `session`: key `session:{userId}`, written by logins and logouts
 */
export type ItemKind = "availability" | "user" | "session";

const USER_PREFIX = "user:";
const SESSION_PREFIX = "session:";

/** Returns the sort key of a person's `user:` item. */
export const userKey = (userId: string) => `${USER_PREFIX}${userId}` as const;

/** Returns the sort key of a person's session item. */
export const sessionKey = (userId: string) => `${SESSION_PREFIX}${userId}` as const;

/** Returns the kind of an item, by its sort key. */
export function kindOf(availabilityId: string): ItemKind {
  if (availabilityId.startsWith(USER_PREFIX)) {
    return "user";
  }
  return availabilityId.startsWith(SESSION_PREFIX) ? "session" : "availability";
}

/** Returns whether an item, or its tombstone, is an availability item. */
export const isAvailabilityItem = ({ availabilityId }: { readonly availabilityId: string }) =>
  kindOf(availabilityId) === "availability";
