import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { kindOf, sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { anItem } from "../builders/item.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { anIngest } from "../builders/an-ingest.ts";

type Item = Record<string, AttributeValue>;

const SECOND = 1_763_625_600;

/** Three people. The first two may swap their email addresses. */
const people = [0, 1, 2].map((number) => ({
  number,
  userId: `7202535002${number}`,
  availabilityId: `78709${number}`,
  email: `person${number}@acme.com`,
}));

/** Their availability items, which contain their user IDs. */
const known: readonly Item[] = people.map(({ userId, availabilityId, email }) =>
  anItem({
    availabilityId: { S: availabilityId },
    userId: { S: userId },
    email: { S: email },
    version: { N: "1" },
    updatedAt: { S: "2025-11-20T07:00:00.000Z" },
    eventTimestamp: { N: "1763622000000000" },
  }),
);

/** An event of one person, raised up to 5 seconds after the start. */
const eventArbitrary = fc.record({
  person: fc.constantFrom(0, 1, 2),
  kind: fc.constantFrom("availability", "login", "logout", "tickets"),
  micros: fc.oneof(
    fc.integer({ min: 0, max: 12 }).map((n) => n * 400_000),
    fc.nat(5_000_000),
  ),
  isAvailable: fc.boolean(),
  isSwapped: fc.boolean(),
  isUpperCase: fc.boolean(),
});

const deletionArbitrary = fc.record({
  person: fc.constantFrom(0, 1, 2),
  kind: fc.constant("deletion"),
  micros: fc.nat(5_000_000),
  isUpperCase: fc.boolean(),
});

type Sent =
  typeof eventArbitrary extends fc.Arbitrary<infer Event>
    ? Event | (typeof deletionArbitrary extends fc.Arbitrary<infer Deletion> ? Deletion : never)
    : never;

const day = fc
  .tuple(
    fc.array(eventArbitrary, { minLength: 1, maxLength: 12 }),
    // Freshdesk deletes an agent once; further deliveries are duplicates.
    fc.uniqueArray(deletionArbitrary, { maxLength: 3, selector: ({ person }) => person }),
  )
  .map((lists): readonly Sent[] => lists.flat());

const raisedAt = ({ micros }: Sent) => SECOND * 1e6 + micros;

/** Returns the address in an event. */
function addressIn(sent: Sent, isSwapped: boolean): string {
  const number = isSwapped && sent.person < 2 ? 1 - sent.person : sent.person;
  const email = people[number]?.email ?? "";
  return sent.isUpperCase ? email.toUpperCase() : email;
}

/**
 * Returns whether an event contains the address of the other person. If one of the two is deleted, they do not swap:
 * only the address connects a deletion with an availability item that has no user ID, or lost it because its address
 * changed.
 */
const isSwappedIn = (sent: Sent, all: readonly Sent[]): boolean =>
  "isSwapped" in sent &&
  sent.isSwapped &&
  !all.some(({ kind, person }) => kind === "deletion" && person < 2);

function payloadOf(sent: Sent, email: string) {
  const timestamp = (raisedAt(sent) / 1e6).toFixed(6);
  const person = people[sent.person] ?? people[0];
  if (sent.kind === "availability") {
    const { availabilityId: id } = person ?? {};
    const updated_at = new Date(Math.floor(raisedAt(sent) / 1e6) * 1000).toISOString();
    const channel_availability = [{ channel: "freshdesk", available: sent.isAvailable }];
    return aPayload({ agent: { id, Email: email, updated_at, channel_availability }, timestamp });
  }
  const agent = { user_id: person?.userId, email };
  if (sent.kind === "deletion") {
    return aDeletionPayload({ agent, timestamp });
  }
  const available = "isAvailable" in sent && sent.isAvailable;
  const logins: Readonly<Record<string, unknown>> = { login: [false, true], logout: [true, false] };
  return anAgentPayload({
    agent: { ...agent, available },
    timestamp,
    login: logins[sent.kind],
    modelChanges: sent.kind === "tickets" ? { available: [!available, available] } : {},
  });
}

/** Batches of event indexes: the order and repetition of deliveries. */
const deliveries = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 12,
});

/** Returns request bodies in which every event arrives at least once. */
function bodiesOf(payloads: readonly object[], batches: readonly (readonly number[])[]): unknown[] {
  const repeated = batches.map((batch) =>
    batch.map((index) => payloads[index % payloads.length] ?? {}),
  );
  const rest = payloads.filter((payload) => !repeated.flat().includes(payload));
  return [...repeated, ...rest.map((each) => [each])].map((events) =>
    events.length === 1 ? events[0] : { events },
  );
}

const stable = [
  "updatedAt",
  "eventTimestamp",
  "contentHash",
  "name",
  "email",
  "loggedIn",
  "status",
  "channels",
  "actor",
  "since",
  "removedAt",
  "removedBecause",
  "expiresAt",
];

/**
 * Returns the values that must be the same however the events are delivered. An availability item that was created
 * again has no `userId`, unless the removal arrived too late to remove it.
 */
function finalOf(hub: ReturnType<typeof anIngest>) {
  return hub.keys().map((key) => {
    const item = hub.stored(key) ?? {};
    const userId = kindOf(key) === "availability" ? undefined : item["userId"];
    return { key, userId, values: stable.map((name) => item[name]) };
  });
}

/** Every item's versions are 1 to n, and only an event that is not older than a removal creates an agent again. */
function checkWrites({ images }: ReturnType<typeof anIngest>): void {
  for (const { before, after } of images) {
    const version = Number(before?.["version"]?.N ?? 0);
    expect(after["version"]).toEqual({ N: String(version + 1) });
  }
  const recreated = images.filter(
    ({ before, after }) => before?.["removedAt"] !== undefined && after["removedAt"] === undefined,
  );
  for (const { before, after } of recreated) {
    const [removal, event] = [before, after].map((each) => Number(each?.["eventTimestamp"]?.N));
    expect(event).toBeGreaterThanOrEqual(removal ?? 0);
  }
}

function eventKindsOf(kind: "availability" | "user" | "session"): readonly string[] {
  return {
    availability: ["availability"],
    user: ["login", "logout", "tickets"],
    session: ["login", "logout"],
  }[kind];
}

/** An item must be a tombstone if and only if its person was deleted after its last event. */
function checkRemovals(hub: ReturnType<typeof anIngest>, all: readonly Sent[]): void {
  for (const { number, userId, availabilityId } of people) {
    for (const key of [availabilityId, userKey(userId), sessionKey(userId)]) {
      const own = all.filter(({ person }) => person === number);
      const last = (kinds: readonly string[]) =>
        Math.max(-1, ...own.filter(({ kind }) => kinds.includes(kind)).map(raisedAt));
      const [event, removal] = [last(eventKindsOf(kindOf(key))), last(["deletion"])];
      expect([key, hub.stored(key)?.["removedAt"] !== undefined]).toEqual([key, removal > event]);
    }
  }
}

it("ends in the same items however the events of several people are delivered", async () => {
  await fc.assert(
    fc.asyncProperty(day, deliveries, deliveries, async (all, ...orders) => {
      const payloads = all.map((sent) => payloadOf(sent, addressIn(sent, isSwappedIn(sent, all))));
      const finals = [];
      for (const batches of [[], ...orders]) {
        const hub = anIngest({ items: known, hasCustomStatuses: false });
        for (const body of bodiesOf(payloads, batches)) {
          const results = await hub.send(body);
          expect(results.map(({ outcome }) => outcome)).not.toContain("invalid");
        }
        checkWrites(hub);
        checkRemovals(hub, all);
        finals.push(finalOf(hub));
      }
      expect(finals[1]).toEqual(finals[0]);
      expect(finals[2]).toEqual(finals[0]);
    }),
    { numRuns: 50, endOnFailure: true },
  );
});

it("ends in the same items if any call to the table fails and the request is sent again", async () => {
  await fc.assert(
    fc.asyncProperty(day, deliveries, fc.infiniteStream(fc.nat(3)), async (all, batches, luck) => {
      const payloads = all.map((sent) => payloadOf(sent, addressIn(sent, isSwappedIn(sent, all))));
      const bodies = bodiesOf(payloads, batches);
      const reference = anIngest({ items: known, hasCustomStatuses: false });
      for (const body of bodies) {
        await reference.send(body);
      }
      const expected = finalOf(reference);

      const failures: unknown[] = [];
      let isFailing = true;
      const beforeCall = () => {
        if (isFailing && luck.next().value === 0) {
          throw new Error("socket hang up");
        }
      };
      const hub = anIngest({ items: known, hasCustomStatuses: false, beforeCall });
      for (const body of bodies) {
        isFailing = true;
        const response = await hub.send(body).catch((error: unknown) => error);
        if (!Array.isArray(response)) {
          failures.push(response);
          isFailing = false;
          await hub.send(body);
        }
      }
      for (const failure of failures) {
        expect(failure).toMatchObject({ rejection: "DependencyFailed" });
      }
      checkWrites(hub);
      expect(finalOf(hub)).toEqual(expected);
    }),
    { numRuns: 50, endOnFailure: true },
  );
});

it("never removes an item of a person who was not deleted, whenever addresses are swapped", async () => {
  await fc.assert(
    fc.asyncProperty(day, deliveries, fc.nat(5_000_000), async (all, batches, swappedAt) => {
      const payloads = all.map((sent) => payloadOf(sent, addressIn(sent, sent.micros > swappedAt)));
      const hub = anIngest({ items: known, hasCustomStatuses: false });
      for (const body of bodiesOf(payloads, batches)) {
        await hub.send(body);
      }
      checkWrites(hub);
      const deleted = new Set<number>(
        all.flatMap(({ kind, person }) => (kind === "deletion" ? [person] : [])),
      );
      for (const { userId, availabilityId } of people.filter((each) => !deleted.has(each.number))) {
        for (const key of [availabilityId, userKey(userId), sessionKey(userId)]) {
          expect([key, hub.stored(key)?.["removedAt"]]).toEqual([key, undefined]);
        }
      }
    }),
    { numRuns: 50, endOnFailure: true },
  );
});
