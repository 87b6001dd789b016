import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";

import { aTombstone } from "../../builders/item.ts";
import { anAvailability, aSessionOf, aUser } from "./an-item.ts";

type Item = Record<string, AttributeValue>;

// Small sets of values, so that people often share an address, a time or a user ID.
export const userIds = ["1", "2", "3"] as const;
export const emails = ["a@acme.com", "b@acme.com", "c@acme.com"] as const;
const userId = fc.constantFrom(...userIds);
const facts = {
  email: fc.constantFrom(...emails, undefined),
  at: fc.integer({ min: 1, max: 5 }),
};

/** Whether, and since when, an item is available for tickets. */
const availability = fc.constantFrom(
  undefined,
  "2026-11-22T08:00:00.000Z",
  "2026-11-22T08:01:00.000Z",
);

function withAvailability(item: Item, since: string | undefined): Item {
  const { freshdeskAvailableSince: _since, ...rest } = item;
  return since === undefined ? rest : { ...rest, freshdeskAvailableSince: { S: since } };
}

const availabilityItem = fc
  .record({
    id: fc.constantFrom("10", "11", "12", "13"),
    userId: fc.option(userId, { nil: undefined }),
    loggedIn: fc.constantFrom(true, false, undefined),
    since: availability,
    ...facts,
  })
  .map(({ id, since, ...each }) => withAvailability(anAvailability(id, each), since));
const userItem = fc
  .record({ userId, since: availability, ...facts })
  .map(({ since, ...each }) => withAvailability(aUser(each.userId, each), since));
const session = fc
  .record({ userId, loggedIn: fc.boolean(), ...facts })
  .map((each) => aSessionOf(each.userId, each));
const tombstone = fc.constantFrom("10", "14", "user:1", "session:2").map(aTombstone);

/** Returns the key of an item. */
export const keyOf = (item: Item) => item["availabilityId"]?.S ?? "";

/** Items of one account, in any order: each key once, as the table stores them. */
export const items = fc
  .uniqueArray(fc.oneof(availabilityItem, userItem, session, tombstone), {
    selector: keyOf,
    maxLength: 12,
  })
  .chain((each) => fc.shuffledSubarray(each, { minLength: each.length }));
