import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import { aSession, aUserItem, anItem } from "../../builders/item.ts";

type Item = Record<string, AttributeValue>;

/** The facts of an item that decide how it is joined. Absent facts are not stored. */
export interface Facts {
  readonly userId?: string | undefined;
  readonly email?: string | undefined;
  readonly loggedIn?: boolean | undefined;
  /** When the event was raised, in seconds after `START`. */
  readonly at: number;
}

const START = Date.parse("2026-11-22T09:00:00.000Z");

function factsOf({ userId, email, loggedIn, at }: Facts): Item {
  const time = START + 1000 * at;
  return {
    updatedAt: { S: new Date(time).toISOString() },
    eventTimestamp: { N: String(time * 1000) },
    ...(userId !== undefined && { userId: { S: userId } }),
    ...(email !== undefined && { email: { S: email } }),
    ...(loggedIn !== undefined && { loggedIn: { BOOL: loggedIn } }),
  };
}

/** An availability item with these facts. */
export function anAvailability(id: string, facts: Facts): Item {
  const { email: _email, loggedIn: _loggedIn, ...item } = anItem();
  return { ...item, availabilityId: { S: id }, ...factsOf(facts) };
}

/** A `user:` item with these facts. */
export function aUser(userId: string, facts: Facts): Item {
  const { email: _email, ...item } = aUserItem();
  return { ...item, availabilityId: { S: `user:${userId}` }, ...factsOf({ ...facts, userId }) };
}

/** A session with these facts. */
export function aSessionOf(userId: string, facts: Facts & { readonly loggedIn: boolean }): Item {
  const { email: _email, ...item } = aSession();
  return { ...item, availabilityId: { S: `session:${userId}` }, ...factsOf({ ...facts, userId }) };
}
