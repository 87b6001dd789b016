import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { eventsOf } from "../../functions/availability/events.ts";
import { type ItemKind, kindOf } from "../../functions/availability/item-kind.ts";
import { isAgent, isSession, isTombstone } from "../../functions/availability/state.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { createMemory, type Step, type TableWrite } from "../../tools/schemas/memory.ts";

const FIRST_SECOND = 1_795_507_200;
const isoOf = (second: number) => new Date((FIRST_SECOND + second) * 1000).toISOString();

/** Three people, each with an availability item, a `user:` item and a session. */
const person = fc.integer({ min: 1, max: 3 });
const second = fc.integer({ min: 0, max: 60 });

const availability = fc
  .record({ person, second, status: fc.integer({ min: 1, max: 3 }), open: fc.boolean() })
  .map((each) => ({
    event: "onAgentAvailabilityUpdate",
    timestamp: FIRST_SECOND + each.second + 0.306,
    data: {
      agent_availability: {
        id: 7000 + each.person,
        account_id: 11010177632,
        Email: `agent${each.person}@acme.com`,
        status_id: each.status,
        updated_at: isoOf(each.second),
        channel_availability: [{ channel: "freshchat", available: each.open }],
      },
    },
  }));

const agentUpdate = fc
  .record({
    person,
    second,
    login: fc.constantFrom([true, false], [false, true], undefined),
    available: fc.boolean(),
  })
  .map(({ person: user, second: at, login, available }) =>
    anAgentPayload({
      agent: { user_id: user, email: `agent${user}@acme.com`, available },
      login,
      timestamp: FIRST_SECOND + at + 0.120394,
    }),
  );

const deletion = fc
  .record({ person, second })
  .map(({ person: user, second: at }) =>
    aDeletionPayload({ agent: { user_id: user }, timestamp: FIRST_SECOND + at + 0.5 }),
  );

const removal = fc.constantFrom<Step>(
  { kind: "removal", reason: "forgotten", at: isoOf(30) },
  { kind: "removal", reason: "merged", at: isoOf(45) },
  { kind: "identification", userId: "1", at: isoOf(50) },
);

/** Deliveries in any order, some of them repeated, with removals and newly known user IDs in between. */
const history: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: availability },
      { weight: 6, arbitrary: agentUpdate },
      { weight: 1, arbitrary: deletion },
    ),
    { minLength: 1, maxLength: 20 },
  )
  .chain((payloads) =>
    fc.array(
      fc.oneof(
        {
          weight: 9,
          arbitrary: fc
            .constantFrom(...payloads)
            .map((payload): Step => ({ kind: "delivery", payload, receivedAt: isoOf(90) })),
        },
        { weight: 1, arbitrary: removal },
      ),
      { minLength: 1, maxLength: 40 },
    ),
  );

const transitionOf = ({ before, after, at }: TableWrite) => ({
  before: before && readItem(before),
  after: after && readItem(after),
  recordedAt: at,
});

const eventsOfWrite = (written: TableWrite) =>
  eventsOf(transitionOf(written), { personalData: true });

/** Returns the types of the events that a write must have, except those of statuses and channels. */
function expectedTypes(written: TableWrite): string[] {
  const { before, after } = transitionOf(written);
  if (after === undefined || before?.version === after.version) {
    return [];
  }
  if (isTombstone(after)) {
    return before && isAgent(before) ? ["Agent Removed"] : [];
  }
  if (isSession(after)) {
    const wasLoggedIn = before && isSession(before) ? before.loggedIn : undefined;
    return wasLoggedIn === after.loggedIn ? [] : ["Agent Login Changed"];
  }
  return ["Agent Availability Changed"];
}

const DETAILED_TYPES = new Set<string>([
  "Agent Status Changed",
  "Agent Channel Availability Changed",
]);

function keyOf({ before, after }: TableWrite): string {
  const { availabilityId, epoch } = readItem(after ?? before ?? {});
  return `${availabilityId}/${epoch}`;
}

describe("the events of the store's writes", () => {
  it("are one per change, with versions 1 to n and unique, repeatable IDs", () => {
    const publishedTypes = new Set<string>();
    const kinds = new Set<ItemKind>();
    fc.assert(
      fc.property(history, fc.boolean(), (steps, hasCustomStatuses) => {
        const memory = createMemory(hasCustomStatuses);
        const writes = steps.flatMap((step) => memory.apply(step));
        const ids: string[] = [];
        for (const written of writes) {
          const events = eventsOfWrite(written);
          const types = events.map(({ detailType }) => detailType);
          expect(types.filter((type) => !DETAILED_TYPES.has(type))).toEqual(expectedTypes(written));
          expect(eventsOfWrite(structuredClone(written))).toEqual(events);
          const { accountId, availabilityId, epoch, version } = readItem(written.after ?? {});
          for (const { detail, detailType } of events) {
            expect(detail.metadata).toMatchObject({ epoch, version });
            expect(detail.metadata.id).toContain(
              `${accountId}/${availabilityId}/${epoch}/${version}/${detailType.replaceAll(" ", "")}`,
            );
            ids.push(detail.metadata.id);
            publishedTypes.add(detailType);
          }
          kinds.add(kindOf(availabilityId));
        }
        expect(new Set(ids).size).toBe(ids.length);
        for (const itemWrites of Map.groupBy(writes, keyOf).values()) {
          const versions = new Set(itemWrites.map(({ after }) => Number(after?.["version"]?.N)));
          expect([...versions]).toEqual(Array.from(versions, (_, index) => index + 1));
        }
      }),
      { numRuns: 100 },
    );

    expect(publishedTypes.size).toBe(5);
    expect(kinds.size).toBe(3);
  });
});
