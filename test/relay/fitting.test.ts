import { beforeEach, describe, expect, it } from "@jest/globals";

import { limits } from "../../functions/availability/fields.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { fieldsRead, withValueAt } from "../builders/fields-read.ts";
import {
  aRelay,
  documentedPayload,
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

const droppedLine = (id: string | undefined) =>
  `Dropped ${labelOf(id)}: the agent has more parked events than can be stored.`;

describe("the 4 KB of a schedule", () => {
  it("hold three events of the documented size", async () => {
    for (const minute of [1, 2, 3]) {
      const payload = documentedPayload();
      payload.data.agent_availability.updated_at = `2022-06-09T04:1${minute}:41Z`;
      await relay.raise(payload);
    }

    expect(relay.parked()[0]).toHaveLength(3);
  });

  it("lose the oldest event, never the newest, and the log names it", async () => {
    const names: (string | undefined)[] = [];
    for (const minute of [9, 1, 2, 3, 4, 5, 6]) {
      await relay.raise(payloadOf(7, minute));
      names.push(relay.ids().at(-1));
    }

    const kept = relay.parked()[0]?.map(({ id }) => id) ?? [];
    const data = relay.platform.schedules.get("agent-7")?.data;
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(4096);
    expect(kept).toContain(names[0]);
    expect(kept).not.toContain(names[1]);
    expect(relay.logged()).toContain(droppedLine(names[1]));
  });

  it("keep the later of two events of one second, whatever the format of their timestamps", async () => {
    const long = { name: "é".repeat(250) };
    await relay.raise({ ...payloadOf(7, 1, long), timestamp: 1654748321.9 });
    const [newest] = relay.ids();
    for (const part of [1, 2, 3]) {
      await relay.raise({ ...payloadOf(7, 1, long), timestamp: `${1654748321000 + part}` });
    }

    expect(relay.parked()[0]?.map(({ id }) => id)).toContain(newest);
    expect(relay.logged().filter((text) => text.startsWith("Dropped")).length).toBeGreaterThan(0);
    expect(relay.logged().join()).not.toContain(`Dropped ${newest}`);
  });

  it("drop an event immediately if it is older than all events in the full schedule", async () => {
    for (const minute of [11, 12, 13, 14, 15, 16, 17]) {
      await relay.raise(payloadOf(7, minute));
    }
    const full = relay.parked()[0];
    const before = relay.logged().length;

    await relay.raise(payloadOf(7, 1));

    expect(relay.parked()).toEqual([full]);
    expect(relay.logged().slice(before)).toEqual([droppedLine(relay.ids().at(-1))]);
  });

  it("order events with equal times by their arrival", async () => {
    for (const name of ["a", "b", "c"]) {
      await relay.raise(payloadOf(7, 1, { name }));
      relay.clock += 1000;
    }

    expect(JSON.stringify(relay.parked()).match(/"name":"[abc]"/g)).toEqual([
      '"name":"a"',
      '"name":"b"',
      '"name":"c"',
    ]);
  });
});

/** Returns the longest value that the hub stores at a path: IDs are ASCII, other texts may have any characters. */
function longestValue(payload: object, path: string): string | undefined {
  const parsed = parsePayload(withValueAt(payload, path, "x".repeat(10_000)), new Date());
  const [issue] = parsed.ok ? [] : parsed.issues;
  const max = Number(/at most (\d+) characters/.exec(issue?.message ?? "")?.[1] ?? 0);
  return max === 0 ? undefined : (max > limits.id ? "é" : "x").repeat(max);
}

describe("a single event of more than 4 KB", () => {
  const channelsOf = (more: object) =>
    Array.from({ length: 20 }, (_, index) => ({ channel: `c${index}`, available: true, ...more }));
  const small = () => payloadOf(7, 1, { channel_availability: channelsOf({ agent_id: "3" }) });

  async function reducedFrom(payload: object) {
    await relay.raise(payload);
    expect(relay.logged()).toEqual([expect.stringMatching(/^Parked /)]);
    return JSON.stringify(relay.parked()[0]?.[0]?.event);
  }

  it("loses its changes first, which does not make it incomplete", async () => {
    const status_id = ["x".repeat(3500), "y"];

    const reduced = await reducedFrom({
      ...small(),
      data: { ...small().data, changes: { model_changes: { status_id } } },
    });

    expect(reduced).not.toContain("model_changes");
    expect(reduced).not.toContain("incomplete");
    expect(reduced).toContain('"agent_id":"3"');
    expect(reduced).toContain("created_at");
    expect(reduced).toContain("Minerva");
  });

  it("loses creation time, domain and region next, which does not make it incomplete", async () => {
    const reduced = await reducedFrom({ ...small(), domain: "x".repeat(3500) });

    expect(reduced).not.toContain("domain");
    expect(reduced).not.toContain("created_at");
    expect(reduced).not.toContain("region");
    expect(reduced).not.toContain("incomplete");
    expect(reduced).toContain("Minerva");
  });

  it("is marked as incomplete and loses the channels' account IDs next", async () => {
    const channels = channelsOf({ agent_id: "3", channel_account_id: "x".repeat(150) });

    const reduced = await reducedFrom(payloadOf(7, 1, { channel_availability: channels }));

    expect(reduced).toContain('"incomplete":true');
    expect(reduced).not.toContain("channel_account_id");
    expect(reduced).toContain('"agent_id":"3"');
    expect(reduced).toContain("Minerva");
  });

  it("loses the actor's name next", async () => {
    const payload = small();
    payload.data.actor = { id: "11032938000", name: "x".repeat(3500), type: "agent" };

    const reduced = await reducedFrom(payload);

    expect(reduced).toContain('"incomplete":true');
    expect(reduced).toContain('"actor":{"id":"11032938000","type":"agent"}');
    expect(reduced).toContain("Rachel");
    expect(reduced).toContain("On break");
  });

  it("loses the names of agent and status next", async () => {
    const channel_availability = channelsOf({ agent_id: "3" });

    const reduced = await reducedFrom(
      payloadOf(7, 1, { channel_availability, name: "x".repeat(3500) }),
    );

    expect(reduced).not.toContain("xxx");
    expect(reduced).not.toContain("On break");
    expect(reduced).toContain('"status":{"id":"232"}');
    expect(reduced).toContain('"agent_id":"3"');
  });

  it("loses the agent's IDs last, and never the availability", async () => {
    const channel_availability = channelsOf({ agent_id: "x".repeat(150) });

    const reduced = await reducedFrom(payloadOf(7, 1, { channel_availability }));

    expect(reduced).not.toContain("agent_id");
    expect(reduced.match(/"available":true/g)).toHaveLength(20);
  });

  // If this fails for a new field, add it to relay/server/lib/reduce.js.
  it("fits with the longest text in every field, on three channels", async () => {
    const documented = documentedPayload();
    const longestPayload = fieldsRead(documented).reduce((payload: object, path) => {
      const value = longestValue(documented, path);
      return value === undefined ? payload : withValueAt(payload, path, value);
    }, documented);

    await reducedFrom(longestPayload);

    // The platform may escape characters that are not ASCII.
    const [schedule] = relay.platform.schedules.values();
    const text = JSON.stringify(schedule?.data).replaceAll("é", String.raw`\u00e9`);
    expect(text.length).toBeGreaterThan(1500);
    expect(text.length).toBeLessThanOrEqual(4096);
  });
});
