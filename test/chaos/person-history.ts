import type { Delivery } from "./delivery.ts";
import { type Person, type PersonEvent, personPayload } from "./person-payload.ts";
import { deliveriesOf, mixDeliveries, type TimedPayload } from "./random-history.ts";
import type { Random } from "./seeded-random.ts";

/** The events of a history, and how they are delivered. */
export interface PersonHistoryOptions {
  /** The kinds of events, at random. */
  readonly kinds: readonly PersonEvent["kind"][];
  /** Start of the history, in epoch milliseconds. */
  readonly from: number;
  /** Events of each person. @default 8 */
  readonly events?: number;
  /** Whether each person is deleted in the middle of the history. @default false */
  readonly isDeleted?: boolean;
  /** Returns the address that a person has in the second half of the history. @default the person's own */
  readonly laterEmail?: (person: Person) => string;
}

const INTERVAL_MS = 20_000;

/** Events arrive up to this much later than they were raised, and so out of order; repeated ones later. */
const MIXING = { repeatedShare: 0.4, maxBatchSize: 4, maxDelayMs: 120_000 } as const;

/** Returns the events of one person. Two events never have the same time. */
function eventsOf(person: Person, options: PersonHistoryOptions, random: Random): PersonEvent[] {
  const { kinds, from, events = 8, isDeleted = false, laterEmail } = options;
  const half = Math.ceil(events / 2);
  return Array.from({ length: events }, (_, index): PersonEvent => {
    const time = from + (index + 1) * INTERVAL_MS + random.below(INTERVAL_MS / 2);
    const isLater = laterEmail !== undefined && index >= half;
    const kind = kinds[random.below(kinds.length)] ?? "availability";
    return {
      kind: isDeleted && index === half ? "deletion" : kind,
      time,
      ...(isLater && { email: laterEmail(person) }),
    };
  });
}

/** Returns a random history of people as deliveries: out of order, some of them twice, alone or in batches. */
export function personHistory(
  people: readonly Person[],
  options: PersonHistoryOptions,
  random: Random,
): Delivery[] {
  const payloads = people.flatMap((person) =>
    eventsOf(person, options, random).map((event): TimedPayload => ({
      payload: personPayload(person, event, random),
      time: event.time,
      deliveredAt: event.time + random.next() * MIXING.maxDelayMs,
    })),
  );
  return mixDeliveries(payloads, MIXING, random);
}

/** Returns one event of each person, each in a delivery of its own. */
function oneOfEach(people: readonly Person[], event: PersonEvent, random: Random): Delivery[] {
  return deliveriesOf(
    people.map((person) => [personPayload(person, event, random)]),
    random,
  );
}

/** Returns the first availability event of each person. Only the address in it connects it with a deletion. */
export const firstEventsOf = (
  people: readonly Person[],
  time: number,
  random: Random,
): Delivery[] => oneOfEach(people, { kind: "availability", time }, random);

/** Returns a login of each person. Its session connects the user ID with the address. */
export const loginsOf = (people: readonly Person[], time: number, random: Random): Delivery[] =>
  oneOfEach(people, { kind: "login", time }, random);

export const deletionsOf = (people: readonly Person[], time: number, random: Random): Delivery[] =>
  oneOfEach(people, { kind: "deletion", time }, random);
