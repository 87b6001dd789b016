import { setTimeout as sleep } from "node:timers/promises";

import { untilOccurred } from "../fault-duration.ts";
import { respondWith500, dropResponse } from "../fault-proxy/fault-effects.ts";
import { firstEventsOf, personHistory } from "../person-history.ts";
import { type Person, type PersonEvent, personPayload, somePeople } from "../person-payload.ts";
import { deliveriesOf } from "../random-history.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

/** All orders of three deliveries. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Times of a deletion: before, between and after a login at 10 s and a change of availability at 20 s. */
const DELETED_AT = [5 * SECOND, 15 * SECOND, 25 * SECOND] as const;

/** Returns a person's login, change and deletion in one order, followed by their repetitions in the same order. */
function payloadsInOrder(
  person: Person,
  { order, deletedAt, from }: { order: readonly number[]; deletedAt: number; from: number },
  { random }: ScenarioContext,
): object[] {
  const events: readonly PersonEvent[] = [
    { kind: random.pick(["login", "logout"]), time: from + 10 * SECOND },
    { kind: "availability", time: from + 20 * SECOND },
    { kind: "deletion", time: from + deletedAt },
  ];
  const payloads = events.map((event) => personPayload(person, event, random));
  const once = order.map((index) => payloads[index] ?? {});
  return [...once, ...once];
}

/** Returns how many events had the given outcome. */
const countOf = ({ traffic }: ScenarioContext, expected: string) =>
  traffic.deliveries
    .flatMap(({ attempts }) => attempts.flatMap(({ results }) => results))
    .filter(({ outcome }) => outcome === expected).length;

/** Fails a share of the account's writes and searches, so that one write of an event succeeds and another fails. */
function failSomeWrites({ account, random, startFault }: ScenarioContext) {
  const matches =
    (share: number) =>
    ({ body }: { readonly body: string }) =>
      body.includes(account.accountId) && random.next() < share;
  const dynamodb = { service: "dynamodb" } as const;
  return [
    startFault({
      ...dynamodb,
      operation: "UpdateItem",
      matches: matches(0.6),
      effect: respondWith500,
    }),
    startFault({
      ...dynamodb,
      operation: "UpdateItem",
      matches: matches(0.3),
      effect: dropResponse,
    }),
    startFault({ ...dynamodb, operation: "Query", matches: matches(0.8), effect: respondWith500 }),
  ];
}

/** Logins, logouts and deletions: events that write several items of a person, or items of several kinds. */
export const agentEvents: readonly Scenario[] = [
  {
    name: "agent-events-in-every-order",
    title:
      "login, change of availability and deletion of a person arrive in every order, twice, alone and in batches",
    short: true,
    run: async (context) => {
      const { account, random, traffic, requireOccurred, faultEnded } = context;
      const from = Date.now() - HOUR;
      const cases = ORDERS.flatMap((order) =>
        DELETED_AT.flatMap((deletedAt) =>
          [false, true].map((isBatch) => ({ order, deletedAt, from, isBatch })),
        ),
      );
      const people = somePeople(account.accountId, cases.length);
      await traffic.deliver(firstEventsOf(people, from, random));
      const batches = people.flatMap((person, index) => {
        const { isBatch, ...inOrder } = cases[index] ?? { order: [], deletedAt: 0, from };
        const payloads = payloadsInOrder(person, inOrder, context);
        return isBatch === true ? [payloads] : payloads.map((payload) => [payload]);
      });
      // One sender keeps the order.
      await traffic.deliver(deliveriesOf(batches, random), { senders: 1 });
      requireOccurred("an event that is raised before a deletion", countOf(context, "stale"));
      faultEnded();
    },
  },
  {
    name: "agent-events-failing-writes",
    title: "table fails between the writes of logins, availability for tickets and deletions",
    short: true,
    withoutCustomStatuses: true,
    run: async (context) => {
      const { account, random, traffic, faultEnded } = context;
      const people = somePeople(account.accountId, 8);
      await traffic.deliver(firstEventsOf(people, Date.now() - 2 * HOUR, random));
      const faults = failSomeWrites(context);
      const kinds = ["login", "logout", "tickets"] as const;
      const history = { kinds, from: Date.now() - HOUR, isDeleted: true };
      let isSent = false;
      const sending = traffic.deliver(personHistory(people, history, random)).finally(() => {
        isSent = true;
      });
      await Promise.race([sleep(8 * SECOND), sending]);
      // The fault of searches ends last: no search follows while the writes before it fail.
      for (const fault of faults) {
        await untilOccurred(() => isSent || fault.hits() > 0);
        fault.end();
      }
      faultEnded();
      await sending;
    },
  },
  {
    name: "deleted-agents",
    title:
      "Freshdesk deletes agents, earlier events arrive after the deletions, then the agents are created again",
    run: async (context) => {
      const { account, random, traffic, requireOccurred, faultEnded } = context;
      const people = somePeople(account.accountId, 6);
      await traffic.deliver(firstEventsOf(people, Date.now() - 2 * HOUR, random));
      const kinds = ["availability", "login", "logout"] as const;
      const history = { kinds, from: Date.now() - HOUR, isDeleted: true, events: 12 };
      await traffic.deliver(personHistory(people, history, random));
      requireOccurred("an event that is raised before a deletion", countOf(context, "stale"));
      faultEnded();
    },
  },
  {
    name: "swapped-addresses",
    title: "agents swap their email addresses while they log in, log out and change",
    run: async ({ account, random, traffic, faultEnded }) => {
      const people = somePeople(account.accountId, 6);
      const partnerOf = ({ agent }: Person) =>
        people[people.findIndex((each) => each.agent === agent) ^ 1]?.email ?? "";
      await traffic.deliver(firstEventsOf(people, Date.now() - 2 * HOUR, random));
      const kinds = ["availability", "login", "logout"] as const;
      const history = { kinds, from: Date.now() - HOUR, laterEmail: partnerOf, events: 10 };
      await traffic.deliver(personHistory(people, history, random));
      faultEnded();
    },
  },
  {
    name: "without-custom-statuses",
    title: "agents of an account without custom statuses log in, log out, open and close tickets",
    withoutCustomStatuses: true,
    run: async ({ account, random, traffic, faultEnded }) => {
      const people = somePeople(account.accountId, 8);
      const history = {
        kinds: ["login", "logout", "tickets", "tickets"],
        from: Date.now() - HOUR,
      } as const;
      await traffic.deliver(personHistory(people, history, random));
      faultEnded();
    },
  },
];
