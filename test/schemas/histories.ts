import * as fc from "fast-check";

import type { Step } from "../../tools/schemas/history.ts";

const orNothing = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof(
    { weight: 4, arbitrary },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, "") },
  );

/** An hour on one day, as Freshdesk or Freshcaller writes it. */
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

/** Histories of one agent: changes in any order, complete or not, deletions and removals by an operator. */
export const aHistory: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: payload.map((each) => ({ kind: "delivery" as const, payload: each })),
      },
      { weight: 1, arbitrary: fc.constant({ kind: "deletion" as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: "forgetting" as const }) },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((steps) =>
    steps.map((step, index): Step => {
      const moment = new Date(Date.UTC(2026, 10, 24, 12, index, 7, 123)).toISOString();
      return step.kind === "delivery" ? { ...step, receivedAt: moment } : { ...step, at: moment };
    }),
  );
