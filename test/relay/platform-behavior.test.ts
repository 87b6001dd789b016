import { describe, expect, it } from "@jest/globals";

import type { FiredSchedule } from "../../local/freshworks-platform/schedules.ts";
import { aRelay, MINUTE, ok, payloadOf, respondWith } from "./a-relay.ts";

const FIRED_SCHEDULES: readonly FiredSchedule[] = [
  "disappears",
  "remains",
  "rejects updates",
  "is hidden",
];

describe.each(FIRED_SCHEDULES)("on a platform where a fired schedule %s", (firedSchedule) => {
  const aRelayInOutage = () => {
    const relay = aRelay({ firedSchedule });
    relay.network = () => respondWith(503);
    return relay;
  };

  it("an agent's events are delivered after every outage", async () => {
    const relay = aRelayInOutage();
    for (const outage of [1, 2, 3]) {
      relay.network = () => respondWith(503);
      await relay.raise(payloadOf(7, outage * 10));
      await relay.raise(payloadOf(7, outage * 10 + 1));
      relay.network = () => ok;
      relay.clock += 40 * MINUTE;

      expect(await relay.platform.fireSchedules()).toBe(1);
      expect(relay.bodies().at(-1)).toMatchObject({ events: { length: 2 } });
      expect(relay.platform.schedules.size).toBe(0);
    }
    expect(relay.logged().filter((text) => !text.startsWith("Parked"))).toEqual([]);
  });

  it("events that are parked again fire again", async () => {
    const relay = aRelayInOutage();
    await relay.raise(payloadOf(7, 1));
    for (const _ of [1, 2, 3]) {
      relay.clock += 40 * MINUTE;
      expect(await relay.platform.fireSchedules()).toBe(1);
    }
    relay.network = () => ok;
    relay.clock += 40 * MINUTE;

    expect(await relay.platform.fireSchedules()).toBe(1);
    expect(relay.platform.requests.at(-1)?.status).toBe(200);
    expect(new Set(relay.ids()).size).toBe(1);
  });

  it("an event that is parked while the schedule is being delivered is not lost", async () => {
    const relay = aRelayInOutage();
    await relay.raise(payloadOf(7, 1));
    relay.network = async (request) => {
      if (request.body.startsWith('{"events"')) {
        await relay.raise(payloadOf(7, 2));
        return ok;
      }
      return respondWith(503);
    };
    relay.clock += 40 * MINUTE;
    await relay.platform.fireSchedules();

    const parked = relay.parked().flatMap((events) => events.map(({ id }) => id));
    expect(parked).toContain(relay.ids()[2]);
    relay.network = () => ok;
    relay.clock += 40 * MINUTE;
    expect(await relay.platform.fireSchedules()).toBe(1);
  });

  it("events that one agent parks at the same time after an outage are kept", async () => {
    const relay = aRelayInOutage();
    await relay.raise(payloadOf(7, 1));
    relay.clock += 40 * MINUTE;
    relay.network = async (request) => {
      if (request.body.startsWith('{"events"')) {
        await Promise.all([2, 3].map(async (minute) => await relay.raise(payloadOf(7, minute))));
      }
      return respondWith(503);
    };
    await relay.platform.fireSchedules();

    const parked = relay.parked().flatMap((events) => events.map(({ id }) => id));
    expect(new Set(parked)).toEqual(new Set(relay.ids()));
  });
});

it("a fired schedule that the platform keeps is deleted after its delivery", async () => {
  const relay = aRelay({ firedSchedule: "remains" });
  relay.network = () => respondWith(503);
  await relay.raise(payloadOf(7, 1));
  relay.network = () => ok;
  relay.clock += 40 * MINUTE;

  await relay.platform.fireSchedules();

  expect(relay.platform.firedSchedules.size).toBe(0);
});

it("an agent's second schedule that is due but has not fired is not deleted with the first", async () => {
  const relay = aRelay({ firedSchedule: "remains" });
  relay.network = () => respondWith(503);
  await relay.raise(payloadOf(7, 1));
  const planned = Date.parse(relay.platform.schedules.get("agent-7")?.scheduleAt ?? "");
  relay.clock = planned - MINUTE;
  await relay.raise(payloadOf(7, 2));
  relay.network = () => ok;
  relay.clock = planned + 60 * MINUTE;

  expect(await relay.platform.fireSchedules()).toBe(2);
  expect(relay.platform.requests.slice(-2).map(({ status }) => status)).toEqual([200, 200]);
});

describe.each([
  "response as text",
  "response as object",
  "message as text",
  "message as object",
] as const)("on a platform that rejects with the body in %s", (rejectionBody) => {
  it("an event that the hub rejects is dropped", async () => {
    const relay = aRelay({ rejectionBody });
    relay.network = () => respondWith(400);

    await relay.raise(payloadOf(7, 1));

    expect(relay.platform.schedules.size).toBe(0);
    expect(relay.logged()).toEqual([expect.stringMatching(/^Dropped .* status 400\.$/)]);
  });

  it("a rejected installation shows the hub's reason", async () => {
    const relay = aRelay({ rejectionBody });
    relay.network = () => respondWith(401);

    expect(await relay.platform.install()).toBe(
      "The hub rejected the signing key. Paste it again.",
    );
  });
});

describe.each(["every handler", "installation only"] as const)(
  "on a platform that offers renderData in %s",
  (renderData) => {
    it.each([200, 400, 503])(
      "every handler ends without an error if the hub returns %d",
      async (status) => {
        const relay = aRelay({ renderData });
        relay.network = () => (status === 200 ? ok : respondWith(status));

        await relay.platform.install();
        await relay.raise(payloadOf(7, 1));
        await relay.platform.fireSchedules({ ahead: true });

        expect(relay.logged().filter((text) => text.startsWith("unhandled"))).toEqual([]);
      },
    );

    it.each([{ data: 0 }, { data: { agent_availability: "x" } }, { data: { changes: 1 } }, {}])(
      "a handler that receives %j ends with renderData and without an unhandled error",
      async (payload) => {
        const relay = aRelay({ renderData });
        relay.network = () => respondWith(503);

        await relay.raise(payload);

        expect(relay.logged().filter((text) => text.startsWith("unhandled"))).toEqual([]);
        expect(relay.platform.requests.length).toBeGreaterThan(0);
      },
    );
  },
);

describe("on a platform whose log fails", () => {
  it.each([401, 503])("an event is parked if the hub returns %d", async (status) => {
    const relay = aRelay({ logFails: true });
    relay.network = () => respondWith(status);

    await relay.raise(payloadOf(7, 1));

    expect(relay.parked()).toHaveLength(1);
  });

  it("a parked event is delivered after an event of the same batch has become too old", async () => {
    const relay = aRelay({ logFails: true });
    relay.network = () => respondWith(503);
    await relay.raise(payloadOf(7, 1));
    for (let fired = 0; fired < 40; fired += 1) {
      relay.clock += 36 * MINUTE;
      await relay.platform.fireSchedules();
    }
    await relay.raise(payloadOf(7, 2));
    relay.network = () => ok;
    relay.clock += 40 * MINUTE;

    await relay.platform.fireSchedules();

    expect(relay.bodies().at(-1)).toMatchObject({ events: { length: 1 } });
    expect(relay.platform.schedules.size).toBe(0);
  });

  it("the installation succeeds", async () => {
    expect(await aRelay({ logFails: true }).platform.install()).toBeUndefined();
  });
});
