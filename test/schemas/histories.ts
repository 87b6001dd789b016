import * as fc from "fast-check";

import { removalReasons } from "../../functions/availability/state.ts";
import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import type { Step } from "../../tools/schemas/memory.ts";

const orNothing = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof(
    { weight: 4, arbitrary },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, "") },
  );

/** A time within two hours of one day, as Freshdesk or Freshcaller writes it. */
const time = fc
  .tuple(fc.integer({ min: 0, max: 7199 }), fc.boolean())
  .map(([second, isFreshcaller]) => {
    const iso = new Date(Date.UTC(2026, 10, 24, 8, 0, second)).toISOString();
    return isFreshcaller ? `${iso.slice(0, 19).replace("T", " ")} UTC` : `${iso.slice(0, 19)}Z`;
  });

const id = fc.oneof(
  fc.integer({ min: 0, max: 99_999 }),
  fc.integer({ min: 1, max: 9 }).map((number) => `id-${number}`),
);

const channel = fc.record(
  {
    channel: fc.constantFrom(
      "freshdesk",
      "freshchat",
      "freshcaller",
      "whatsapp",
      "toString",
      "é 💬",
    ),
    available: fc.constantFrom(true, false, "true", "freshcaller", null),
    agent_id: orNothing(id),
    channel_account_id: orNothing(id),
  },
  { requiredKeys: ["channel"] },
);

const channels = fc.array(channel, { maxLength: 5 });

const status = fc.record({ id: fc.constantFrom(1, 5, "232"), name: orNothing(fc.string()) });

const payload = fc.record(
  {
    data: fc
      .record({
        actor: fc.oneof(
          fc.constantFrom({ type: "system", id: null }, { type: "system", id: 0 }, null),
          fc.record({ type: fc.constantFrom("agent", "robot"), id, name: fc.string() }),
        ),
        updated_at: time,
        status: orNothing(status),
        since: orNothing(time),
        logged_in: fc.constantFrom(true, false, null, "false"),
        name: orNothing(fc.string()),
        email: orNothing(fc.emailAddress()),
        channels,
        before: fc.option(fc.record({ id: fc.constantFrom(1, 5, 232), since: time, channels })),
      })
      .map((agent) => ({
        actor: agent.actor,
        agent_availability: {
          id: 787096,
          account_id: "11010177632",
          updated_at: agent.updated_at,
          created_at: "2022-01-09T02:18:41Z",
          status_id: agent.status ? agent.status.id : agent.status,
          status_updated_at: agent.since,
          logged_in: agent.logged_in,
          name: agent.name,
          email: agent.email,
          channel_availability: agent.channels,
        },
        associations: { status: agent.status },
        changes: {
          model_changes: agent.before
            ? {
                status_id: [agent.before.id, null],
                status_updated_at: [agent.before.since, agent.since],
                channel_availability: [agent.before.channels, agent.channels],
              }
            : {},
        },
      })),
    domain: orNothing(fc.constantFrom("acme.freshdesk.com", "https://acme.freshdesk.com/a")),
    region: orNothing(fc.constantFrom("US", "EU")),
    timestamp: orNothing(fc.constantFrom(1_795_507_200.306, 1_795_507_200_306, "1795507200306")),
  },
  { requiredKeys: ["data"] },
);

const removal = fc.oneof(
  fc.constant({ kind: "deletion" as const }),
  fc.record({
    kind: fc.constant("removal" as const),
    reason: fc.constantFrom(...removalReasons),
  }),
);

const availabilityStep = fc.oneof(
  {
    weight: 8,
    arbitrary: payload.map((each) => ({ kind: "delivery" as const, payload: each })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "identification" as const, userId: "72025350026" }) },
  { weight: 2, arbitrary: removal },
);

/** An `onAgentUpdate` or an `onAgentDelete` of one agent, within two hours. */
const agentPayload = fc
  .record({
    second: fc.integer({ min: 0, max: 7199 }),
    login: fc.constantFrom([true, false], [false, true], [true, true], undefined),
    available: fc.constantFrom(true, false, null),
    email: orNothing(fc.emailAddress()),
    isDeletion: fc.integer({ min: 0, max: 9 }).map((share) => share === 0),
  })
  .map(({ second, login, available, email, isDeletion }) => {
    const agent = { available, email };
    const timestamp = 1_795_507_200.120394 + second;
    return isDeletion
      ? aDeletionPayload({ agent, timestamp })
      : anAgentPayload({ agent, login, timestamp });
  });

const agentStep = fc.oneof(
  {
    weight: 8,
    arbitrary: agentPayload.map((each) => ({ kind: "delivery" as const, payload: each })),
  },
  { weight: 1, arbitrary: removal },
);

/**
 * Histories of one agent's items: changes in any order, complete or not, confirmations, deletions and other
 * removals.
 */
export const aHistory: fc.Arbitrary<Step[]> = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(availabilityStep, { minLength: 1, maxLength: 8 }) },
    { weight: 2, arbitrary: fc.array(agentStep, { minLength: 1, maxLength: 8 }) },
  )
  .map((steps) =>
    steps.map((step, index): Step => {
      const moment = new Date(Date.UTC(2026, 10, 24, 12, index, 7, 123)).toISOString();
      return step.kind === "delivery" ? { ...step, receivedAt: moment } : { ...step, at: moment };
    }),
  );
