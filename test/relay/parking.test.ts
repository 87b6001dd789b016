import { beforeEach, describe, expect, it } from "@jest/globals";

import { aPayload } from "../../tools/fakes/payload.ts";
import {
  aRelay,
  EVENT,
  documentedPayload,
  MINUTE,
  labelOf,
  payloadOf,
  type Relay,
  respondWith,
} from "./a-relay.ts";

let relay: Relay;

beforeEach(() => {
  relay = aRelay();
  relay.network = () => respondWith(503);
});

const plannedAt = (name: string) =>
  Date.parse(relay.platform.schedules.get(name)?.scheduleAt ?? "");
const counts = () => relay.parked().map((events) => events.length);

describe("parking", () => {
  it("creates a schedule per agent, at least 5 minutes ahead, spread over half an hour", async () => {
    const delays: number[] = [];
    for (let agent = 1; agent <= 300; agent += 1) {
      await relay.raise(payloadOf(agent, 1));
      delays.push(plannedAt(`agent-${agent}`) - relay.clock);
      relay.clock += 3 * MINUTE;
    }

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5 * MINUTE + 15_000);
    expect(Math.min(...delays)).toBeLessThan(6 * MINUTE);
    expect(Math.max(...delays)).toBeGreaterThan(34 * MINUTE);
    expect(Math.max(...delays)).toBeLessThanOrEqual(35 * MINUTE + 15_000);
    const firstHalf = delays.filter((delay) => delay < 20 * MINUTE);
    expect(firstHalf.length).toBeGreaterThan(110);
    expect(firstHalf.length).toBeLessThan(190);
  });

  it("adds an event to the agent's schedule without delaying the schedule", async () => {
    await relay.raise(payloadOf(7, 1));
    const planned = plannedAt("agent-7");
    relay.clock += 2000;
    await relay.raise(payloadOf(7, 2));

    expect(counts()).toEqual([2]);
    expect(plannedAt("agent-7")).toBe(planned);
  });

  it("uses the agent's second schedule while the first is about to fire", async () => {
    await relay.raise(payloadOf(7, 1));
    const planned = plannedAt("agent-7");
    for (const [minute, before] of [4, 3, 2, 1].entries()) {
      relay.clock = planned - before * MINUTE;
      await relay.raise(payloadOf(7, minute + 2));
    }

    expect([...relay.platform.schedules.keys()]).toEqual(["agent-7", "agent-7-2"]);
    expect(plannedAt("agent-7")).toBe(planned);
    expect(counts()).toEqual([1, 4]);
  });

  it("adds to a schedule that fires in 5 minutes and 15 seconds, but not to one that fires sooner", async () => {
    await relay.raise(payloadOf(7, 1));
    const planned = plannedAt("agent-7");

    relay.clock = planned - 5 * MINUTE - 15_000;
    await relay.raise(payloadOf(7, 2));
    expect(counts()).toEqual([2]);
    relay.clock += 1;
    await relay.raise(payloadOf(7, 3));

    expect(counts()).toEqual([2, 1]);
    expect(plannedAt("agent-7")).toBe(planned);
  });

  it("plans a new time for a schedule that is due and has not fired, and keeps all its events", async () => {
    await relay.raise(payloadOf(7, 1));
    relay.clock = plannedAt("agent-7");

    await relay.raise(payloadOf(7, 2));

    expect(counts()).toEqual([2]);
    expect(plannedAt("agent-7") - relay.clock).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  it("names one schedule per agent, with letters and digits only, if the agent's ID is not a number", async () => {
    const agents = ["1x", "x1", "a/b", "a-b", "1".repeat(21)];
    for (const id of agents) {
      await relay.raise(payloadOf(id, 1));
    }

    const names = [...relay.platform.schedules.keys()];
    expect(names).toHaveLength(5);
    for (const name of names) {
      expect(name).toMatch(/^agent-[A-Za-z0-9]{20}$/);
    }
    expect(names).not.toContain(`agent-${"1".repeat(20)}`);
  });

  it("keeps both events that one agent parks at the same time", async () => {
    await Promise.all([1, 2].map(async (minute) => await relay.raise(payloadOf(7, minute))));
    await Promise.all([3, 4].map(async (minute) => await relay.raise(payloadOf(7, minute))));

    const kept = relay.parked().flatMap((events) => events.map(({ id }) => id));
    expect(kept.toSorted()).toEqual([...new Set(relay.ids())].toSorted());
    expect(relay.logged().filter((text) => text.startsWith("Lost"))).toEqual([]);
  });

  it("keeps an event once, however often it is delivered", async () => {
    await relay.raise(payloadOf(7, 1));
    await relay.raise(payloadOf(7, 1));

    expect(counts()).toEqual([1]);
  });

  it("logs an event as lost if the platform accepts no more schedules", async () => {
    for (let agent = 1; agent <= 1001; agent += 1) {
      relay.clock += 3 * MINUTE;
      await relay.raise(payloadOf(agent, 1));
    }

    expect(relay.platform.schedules.size).toBe(1000);
    expect(relay.logged().filter((text) => text.startsWith("Lost "))).toEqual([
      `Lost ${labelOf(relay.ids().at(-1))}: the hub returned status 503, and parking failed with status 429.`,
    ]);
  });
});

describe("parking while $schedule fails", () => {
  const unavailable = { status: 503, message: "unavailable" };

  /** Fails the first calls of an operation. @returns how many failed. */
  function failFirst(operation: string, count: number, error: object = unavailable) {
    let failed = 0;
    relay.scheduleFailure = (called) =>
      called === operation && failed < count ? ((failed += 1), error) : undefined;
    return () => failed;
  }

  beforeEach(async () => {
    await relay.raise(payloadOf(7, 1));
  });

  it("does not treat a failed fetch as a missing schedule", async () => {
    const failed = failFirst("fetch", 1);

    await relay.raise(payloadOf(7, 2));

    expect(failed()).toBe(1);
    expect([...relay.platform.schedules.keys()]).toEqual(["agent-7"]);
    expect(relay.parked()[0]?.map(({ id }) => id)).toEqual([...new Set(relay.ids())]);
  });

  it.each(["fetch", "update"])(
    "uses the agent's second schedule after two failed calls of %s",
    async (operation) => {
      const [first] = relay.parked();
      const failed = failFirst(operation, 2);

      await relay.raise(payloadOf(7, 2));

      expect(failed()).toBe(2);
      expect([...relay.platform.schedules.keys()]).toEqual(["agent-7", "agent-7-2"]);
      expect(relay.parked()).toEqual([
        first,
        [expect.objectContaining({ id: relay.ids().at(-1) })],
      ]);
    },
  );

  it.each([
    ["with status 503", unavailable],
    ["without a response", new TypeError("fetch failed")],
  ])("logs the event as lost after four calls that failed %s", async (cause, error) => {
    const before = relay.parked();
    const failed = failFirst("fetch", Number.POSITIVE_INFINITY, error);

    await relay.raise(payloadOf(7, 2));

    expect(failed()).toBe(4);
    expect(relay.parked()).toEqual(before);
    expect(relay.platform.log.at(-1)).toEqual({
      level: "error",
      text: `Lost ${labelOf(relay.ids().at(-1))}: the hub returned status 503, and parking failed ${cause}.`,
    });
  });

  it("keeps the parked events if a due schedule is deleted and cannot be created again at first", async () => {
    relay.clock = plannedAt("agent-7");
    const failed = failFirst("create", 3);

    await relay.raise(payloadOf(7, 2));

    expect(failed()).toBe(3);
    expect(counts()).toEqual([2]);
  });
});

describe("a parked event", () => {
  it("omits empty fields and treats a value that should be a list as an empty list", async () => {
    await relay.raise(
      aPayload({
        agent: {
          id: 7,
          updated_at: "2026-11-24T08:01:00Z",
          name: "",
          Email: null,
          email: "rachel@acme.com",
          created_at: undefined,
          channel_availability: [null, { channel: "freshchat", available: false, agent_id: "" }],
        },
        changes: { model_changes: { status_id: null, channel_availability: ["x", null] } },
        region: "",
      }),
    );

    const [[event] = []] = relay.parked();
    expect(JSON.parse(JSON.stringify(event?.event))).toEqual({
      event: EVENT,
      timestamp: 1654748321.306384,
      domain: "acme.freshdesk.com",
      data: {
        actor: { id: "11032938000", name: "Minerva", type: "agent" },
        agent_availability: {
          account_id: "11010177632",
          id: 7,
          email: "rachel@acme.com",
          logged_in: true,
          status_id: 232,
          status_updated_at: expect.any(String),
          updated_at: "2026-11-24T08:01:00Z",
          channel_availability: [{}, { channel: "freshchat", available: false }],
        },
        associations: { status: { id: "232", name: "On break" } },
        changes: { model_changes: { channel_availability: [[], []] } },
      },
    });
  });

  it("keeps the few fields of a nearly empty payload", async () => {
    await relay.raise({
      data: {
        agent_availability: { id: 7, account_id: "1", updated_at: "2026-11-24T08:01:00Z" },
        actor: null,
        changes: null,
      },
      timestamp: null,
    });

    expect(relay.parked()[0]?.[0]?.event).toEqual({
      data: {
        actor: {},
        agent_availability: { id: 7, account_id: "1", updated_at: "2026-11-24T08:01:00Z" },
        associations: { status: {} },
        changes: { model_changes: {} },
      },
    });
  });

  it("does not turn a missing list of channels into an empty one", async () => {
    await relay.raise(payloadOf(7, 1, { channel_availability: null }));

    expect(relay.parked()[0]?.[0]?.event).not.toHaveProperty(
      "data.agent_availability.channel_availability",
    );
  });

  it("keeps every field of the documented payload that the hub reads, and no other", async () => {
    await relay.raise({
      ...documentedPayload(),
      currentHost: { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } },
    });

    const channel = (name: string, available: boolean) => ({ channel: name, available });
    expect(relay.parked()[0]?.[0]?.event).toEqual({
      event: EVENT,
      region: "US",
      timestamp: 1654748321.306384,
      domain: "https://acme.freshdesk.com",
      data: {
        actor: { id: "11032938000", name: "Minerva", type: "agent" },
        agent_availability: documentedPayload().data.agent_availability,
        associations: { status: { id: "232", name: "On break" } },
        changes: {
          model_changes: {
            status_id: [123, 232],
            status_updated_at: ["2022-06-09T02:18:41Z", "2022-06-09T04:18:41Z"],
            channel_availability: [
              [
                channel("freshdesk", true),
                channel("freshchat", true),
                channel("freshcaller", true),
              ],
              [
                channel("freshdesk", true),
                channel("freshchat", false),
                channel("freshcaller", false),
              ],
            ],
          },
        },
      },
    });
  });
});
