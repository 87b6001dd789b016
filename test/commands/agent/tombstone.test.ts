import { describe, expect, it } from "@jest/globals";

import { eventsOf } from "../../../functions/availability/events.ts";
import { createForget } from "../../../commands/agent/tombstone.ts";
import { OvertakenError } from "../../../functions/store/item-changes.ts";
import { readItem } from "../../../functions/store/read-item.ts";
import { anAgentsTable } from "../../builders/agents-table.ts";
import { aTombstone, anItem } from "../../builders/item.ts";
import { aPayload, minutesAgo } from "../../../tools/fakes/payload.ts";

const key = { accountId: "11010177632", availabilityId: "787096" };

function aTableWith(item: ReturnType<typeof anItem> | undefined) {
  const { client, images, stored, apply, betweenReadAndWrite } = anAgentsTable(
    ...(item ? [item] : []),
  );
  return {
    ...createForget(client, "agents"),
    apply,
    betweenReadAndWrite,
    stored: () => stored(key.availabilityId),
    removals: () => images.filter(({ after }) => "removedAt" in after),
  };
}

describe("forgetting an agent", () => {
  it("leaves key, epoch, version and the time of the removal, and nothing else, whatever was stored", async () => {
    const { forget, stored } = aTableWith(anItem({ ofALaterRelease: { S: "Rachel" } }));
    const from = Date.now();

    const forgotten = await forget(key);

    const { removedAt, expiresAt, updatedAt, eventTimestamp, ...rest } = stored() ?? {};
    expect(rest).toEqual({
      accountId: { S: "11010177632" },
      availabilityId: { S: "787096" },
      epoch: { N: "1795486584641" },
      version: { N: "8" },
      contentHash: { S: "" },
      removedBecause: { S: "forgotten" },
    });
    const removed = Date.parse(removedAt?.S ?? "");
    expect(removed).toBeGreaterThanOrEqual(from);
    expect(Number(eventTimestamp?.N)).toBe(removed * 1000);
    expect(Date.parse(updatedAt?.S ?? "")).toBe(removed - (removed % 1000));
    const afterSeconds = Number(expiresAt?.N) - removed / 1000;
    expect(afterSeconds).toBeGreaterThan(30 * 86_400 - 1);
    expect(afterSeconds).toBeLessThanOrEqual(30 * 86_400);
    expect(forgotten).toEqual({
      kind: "forgotten",
      version: 8,
      removedAt: removedAt?.S,
      expiresAt: new Date(Number(expiresAt?.N) * 1000).toISOString(),
    });
  });

  it.each([
    ["a whole second", "2126-11-22T09:00:00.000Z"],
    ["a fraction of a second", "2126-11-22T09:00:00.700Z"],
  ])("is newer than an item whose time is in the future (%s)", async (_of, future) => {
    const { forget, stored } = aTableWith(
      anItem({ updatedAt: { S: future }, eventTimestamp: { N: "4951014000700000" } }),
    );

    await forget(key);

    expect(stored()).toMatchObject({
      updatedAt: { S: future },
      eventTimestamp: { N: "4951014000700001" },
    });
  });

  it.each(["user:5", "session:5"])(
    "creates the tombstone of %s even if the item does not exist",
    async (id) => {
      const { client, stored } = anAgentsTable();

      const { kind } = await createForget(client, "agents").forget({ ...key, availabilityId: id });

      expect(kind).toBe("forgotten");
      const { epoch, eventTimestamp } = stored(id) ?? {};
      expect(readItem(stored(id) ?? {})).toMatchObject({ version: 1, removedBecause: "forgotten" });
      expect(Number(eventTimestamp?.N)).toBe(Number(epoch?.N) * 1000);
    },
  );

  it("replaces the tombstone of another reason, and counts as a version", async () => {
    const deleted = { ...aTombstone("787096"), removedBecause: { S: "deleted" } };
    const { forget, stored } = aTableWith(deleted);

    expect(await forget(key)).toMatchObject({ kind: "forgotten", version: 8 });
    expect(stored()).toMatchObject({ removedBecause: { S: "forgotten" } });
  });

  it("is published with IDs only", async () => {
    const { forget, removals } = aTableWith(anItem());

    await forget(key);

    const [{ before, after } = { before: {}, after: {} }] = removals();
    const recordedAt = "2026-11-24T12:00:00.000Z";
    const transition = { before: readItem(before ?? {}), after: readItem(after), recordedAt };
    expect(eventsOf(transition, { personalData: true })).toEqual([
      {
        detailType: "Agent Removed",
        detail: {
          accountId: "11010177632",
          agent: { availabilityId: "787096" },
          reason: "forgotten",
          metadata: {
            id: "11010177632/787096/1795486584641/8/AgentRemoved",
            schemaVersion: 1,
            epoch: 1_795_486_584_641,
            version: 8,
            occurredAt: after["removedAt"]?.S,
            origin: "operator",
            gap: false,
          },
        },
      },
    ]);
  });

  it("also forgets a concurrent change, and counts its version", async () => {
    const { forget, apply, stored, betweenReadAndWrite, removals } = aTableWith(undefined);
    await apply(aPayload({ agent: { updated_at: minutesAgo(9) } }));
    betweenReadAndWrite(async () => {
      betweenReadAndWrite(() => Promise.resolve());
      await apply(aPayload({ agent: { updated_at: minutesAgo(8), name: "Changed" } }));
    });

    const forgotten = await forget(key);

    expect(forgotten).toMatchObject({ kind: "forgotten", version: 3 });
    expect(stored()).not.toHaveProperty("name");
    expect(removals()).toHaveLength(1);
    expect(removals()[0]?.before?.["name"]).toEqual({ S: "Changed" });
  });

  it("fails and writes nothing if the agent changes during every attempt", async () => {
    const { forget, apply, stored, betweenReadAndWrite, removals } = aTableWith(undefined);
    await apply(aPayload({ agent: { updated_at: minutesAgo(90) } }));
    let minute = 89;
    betweenReadAndWrite(async () => {
      minute -= 1;
      await apply(aPayload({ agent: { updated_at: minutesAgo(minute) } }));
    });

    const overtaken = forget(key);

    await expect(overtaken).rejects.toThrow(OvertakenError);
    await expect(overtaken).rejects.toMatchObject({
      name: "OvertakenError",
      message: "the item changed during each of 20 attempts",
    });
    expect(minute).toBe(69);
    expect(removals()).toEqual([]);
    expect(stored()).toHaveProperty("name");
  });

  it("fails with other errors of DynamoDB", async () => {
    const { forget, stored, betweenReadAndWrite, removals } = aTableWith(anItem());
    betweenReadAndWrite(() => Promise.reject(new Error("no way there")));

    await expect(forget(key)).rejects.toThrow("no way there");
    expect(removals()).toEqual([]);
    expect(stored()).toEqual(anItem());
  });

  it("can be inspected in advance, without a write", async () => {
    const { inspect, removals } = aTableWith(anItem());

    expect(await inspect(key)).toEqual({ kind: "known" });
    expect(removals()).toEqual([]);
  });

  it("blocks every event raised before it, even if it is newer than the last stored one", async () => {
    const { forget, apply, stored } = aTableWith(undefined);
    const last = aPayload({ agent: { updated_at: minutesAgo(5) } });
    await apply(last);
    await forget(key);
    const tombstone = stored();

    const outcomes = [
      await apply(last),
      await apply(aPayload({ agent: { updated_at: minutesAgo(6) } })),
      await apply(aPayload({ agent: { updated_at: minutesAgo(4) } })),
    ];

    expect(outcomes).toEqual([
      { kind: "stale", version: 2 },
      { kind: "stale", version: 2 },
      { kind: "stale", version: 2 },
    ]);
    expect(stored()).toEqual(tombstone);
  });

  it("is undone by a newer event, which creates the agent again and continues its versions", async () => {
    const { forget, apply, stored } = aTableWith(undefined);
    await apply(aPayload({ agent: { updated_at: minutesAgo(5) } }));
    await forget(key);
    const tombstone = stored() ?? {};

    const outcome = await apply(aPayload({ agent: { updated_at: minutesAgo(-1) } }));

    const after = stored() ?? {};
    expect(outcome).toEqual({ kind: "applied", version: 3 });
    expect(after).not.toHaveProperty("removedAt");
    expect(after).not.toHaveProperty("expiresAt");
    const transition = { before: readItem(tombstone), after: readItem(after), recordedAt: "" };
    const events = eventsOf(transition, { personalData: false });
    expect(events.map(({ detailType }) => detailType)).toEqual([
      "Agent Availability Changed",
      "Agent Status Changed",
      "Agent Channel Availability Changed",
      "Agent Channel Availability Changed",
    ]);
    expect(events.filter(({ detail }) => "previous" in detail && detail.previous)).toEqual([]);
  });

  it("returns the time of the first removal if repeated, and writes nothing", async () => {
    const { forget, inspect, removals } = aTableWith(anItem());
    const first = await forget(key);

    expect(await forget(key)).toEqual({ ...first, kind: "already-forgotten" });
    expect(await inspect(key)).toEqual({ ...first, kind: "already-forgotten" });
    expect(removals()).toHaveLength(1);
  });

  it("writes nothing for an unknown agent", async () => {
    const { forget, inspect, removals } = aTableWith(undefined);

    expect([await inspect(key), await forget(key)]).toEqual([
      { kind: "unknown" },
      { kind: "unknown" },
    ]);
    expect(removals()).toEqual([]);
  });
});
