import { beforeEach, expect, it } from "@jest/globals";

import { aRelay, MINUTE, labelOf, ok, payloadOf, type Relay, respondWith } from "./a-relay.ts";

const DAY = 24 * 60 * MINUTE;

let relay: Relay;

beforeEach(() => {
  relay = aRelay();
  relay.network = () => respondWith(503);
});

const parkedIds = () => relay.parked().map((events) => events.map(({ id }) => id));

it("sends an agent's parked events as one batch, oldest first, and a single event under its own ID", async () => {
  await relay.raise(payloadOf(1, 2));
  await relay.raise(payloadOf(1, 1));
  await relay.raise(payloadOf(2, 1));
  const idsBeforeDrain = relay.ids();
  relay.network = () => ok;
  relay.clock += 40 * MINUTE;

  expect(await relay.platform.fireSchedules()).toBe(2);

  const [batch, single] = relay.bodies().slice(-2) as {
    events: { data: { agent_availability: { updated_at: string } } }[];
  }[];
  expect(batch?.events.map((event) => event.data.agent_availability.updated_at)).toEqual([
    "2026-11-24T08:01:00.000Z",
    "2026-11-24T08:02:00.000Z",
  ]);
  expect(single?.events).toHaveLength(1);
  expect(relay.ids().at(-1)).toBe(idsBeforeDrain.at(-1));
  expect(relay.platform.schedules.size).toBe(0);
});

it("sends the events of an agent's second schedule too", async () => {
  await relay.raise(payloadOf(7, 1));
  const planned = Date.parse(relay.platform.schedules.get("agent-7")?.scheduleAt ?? "");
  relay.clock = planned - MINUTE;
  await relay.raise(payloadOf(7, 2));
  await relay.raise(payloadOf(7, 3));
  relay.network = () => ok;

  relay.clock = planned;
  expect(await relay.platform.fireSchedules()).toBe(1);
  relay.clock += 40 * MINUTE;
  expect(await relay.platform.fireSchedules()).toBe(1);

  expect(relay.bodies().at(-1)).toMatchObject({ events: { length: 2 } });
  expect(relay.platform.schedules.size).toBe(0);
});

it("parks events again that the hub still does not accept", async () => {
  await relay.raise(payloadOf(1, 1));
  relay.clock += 40 * MINUTE;
  await relay.platform.fireSchedules();

  expect(parkedIds()).toEqual([[relay.ids()[0]]]);
  expect(relay.logged()).toEqual([
    `Parked ${labelOf(relay.ids()[0])}: the hub returned status 503.`,
    `Parked ${labelOf(relay.ids()[0])}: the hub returned status 503.`,
  ]);
});

it("parks events of another account again, and the log names both account IDs", async () => {
  relay = aRelay({ settings: { hub_path: "/v1/accounts/42/availability-events" } });
  relay.network = () => respondWith(403);
  await relay.raise(payloadOf(1, 1));

  await relay.platform.fireSchedules({ ahead: true });

  expect(parkedIds()).toHaveLength(1);
  expect(relay.logged()[1]).toContain("from Freshdesk account 11010177632, but");
  expect(relay.logged()[1]).toContain("is for account 42 (status 403)");
});

it("logs only the events of a batch that the hub finds invalid", async () => {
  await relay.raise(payloadOf(1, 1));
  await relay.raise(payloadOf(1, 2));
  const before = relay.logged().length;
  const [, second] = relay.parked()[0] ?? [];
  relay.network = () =>
    respondWith(200, {
      results: [
        { index: 0, outcome: "applied" },
        { index: 1, outcome: "invalid" },
        { index: 7, outcome: "invalid" },
      ],
    });

  await relay.platform.fireSchedules({ ahead: true });

  expect(relay.logged().slice(before)).toEqual([
    `Dropped ${labelOf(second?.id)}: the hub rejected it as invalid.`,
  ]);
  expect(relay.platform.schedules.size).toBe(0);
});

it("sends events that were parked exactly a day ago", async () => {
  await relay.raise(payloadOf(1, 1));
  relay.clock += DAY;
  relay.network = () => ok;

  await relay.platform.fireSchedules();

  expect(relay.platform.requests.at(-1)?.status).toBe(200);
  expect(relay.logged()).toHaveLength(1);
});

it("drops events that were parked more than a day ago, and the log names them", async () => {
  await relay.raise(payloadOf(1, 1));
  const [id] = relay.ids();
  const sent = relay.platform.requests.length;
  relay.clock += DAY + 1;

  await relay.platform.fireSchedules();

  expect(relay.platform.requests).toHaveLength(sent);
  expect(relay.logged().at(-1)).toBe(
    `Dropped ${labelOf(id)}: it was parked for more than 24 hours.`,
  );
  expect(relay.platform.schedules.size).toBe(0);
});

it("parks an undelivered batch again together with events that were parked while it was sent", async () => {
  await relay.raise(payloadOf(1, 1));
  relay.network = async (request) => {
    if (request.body.startsWith('{"events"')) {
      await relay.raise(payloadOf(1, 2));
    }
    return respondWith(503);
  };
  await relay.platform.fireSchedules({ ahead: true });

  expect(relay.parked().map((events) => events.length)).toEqual([2]);
});

it("drops a batch that the hub rejects, and the log names each event", async () => {
  await relay.raise(payloadOf(1, 1));
  await relay.raise(payloadOf(1, 2));
  const events = [...new Set(relay.ids())];
  relay.network = () => respondWith(400);
  await relay.platform.fireSchedules({ ahead: true });

  expect(relay.platform.schedules.size).toBe(0);
  expect(relay.logged().slice(-2)).toEqual(
    events.map((id) => `Dropped ${labelOf(id)}: the hub returned status 400.`),
  );
});

it("gives the same batch the same ID, and a different batch a different ID", async () => {
  await relay.raise(payloadOf(1, 1));
  await relay.raise(payloadOf(1, 2));
  await relay.platform.fireSchedules({ ahead: true });
  const first = relay.ids().at(-1);
  await relay.platform.fireSchedules({ ahead: true });
  const second = relay.ids().at(-1);
  await relay.raise(payloadOf(1, 3));
  await relay.platform.fireSchedules({ ahead: true });

  expect(first).toMatch(/^availability_batch_[\w-]{43}$/);
  expect(second).toBe(first);
  expect(relay.ids().at(-1)).not.toBe(first);
});
