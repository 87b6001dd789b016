import { userKey } from "./item-kind.ts";

/** The IDs that identify the person of an item. */
export interface PersonKeys {
  readonly availabilityId: string;
  readonly userId?: string | undefined;
}

/** Returns the keys that identify a person. A `user:` item has its person's `userKey` as its own key. */
const keysOf = ({ availabilityId, userId }: PersonKeys) =>
  userId === undefined ? [availabilityId] : [availabilityId, userKey(userId)];

/** Creates a function that returns whether it is called for the first time with a person. */
export function createNewPersonCheck() {
  const seen = new Set<string>();
  return (person: PersonKeys): boolean => {
    const keys = keysOf(person);
    const isFirst = !keys.some((key) => seen.has(key));
    for (const key of keys) {
      seen.add(key);
    }
    return isFirst;
  };
}
