import { describe, expect, it } from "@jest/globals";

import { eventsOf } from "../../../functions/availability/events.ts";
import { createForget } from "../../../commands/agent/tombstone.ts";
import { OvertakenError } from "../../../functions/store/item-changes.ts";
import { readItem } from "../../../functions/store/read-item.ts";
import { createItemWrites, type ItemWriteOptions } from "../../../commands/restore/item-writes.ts";
import { anAgentsTable } from "../../builders/agents-table.ts";
import { aSession, aTombstone, anItem, aUserItem } from "../../builders/item.ts";
import { aPayload, minutesAgo } from "../../../tools/fakes/payload.ts";

/** After the epoch of `anItem`, which is 1795486584641. */
const EPOCH = 1_795_500_000_000;

const AGENT = "787096";

type Item = ReturnType<typeof anItem>;

function aRestore(present: readonly Item[], options: Partial<ItemWriteOptions> = {}) {
  const table = anAgentsTable(...present);
  const restore = createItemWrites(table.client, "agents", {
    epoch: EPOCH,
    rollBack: false,
    isForgotten: () => false,
    ...options,
  });
  return { ...table, ...restore };
}

const count = (epoch: number, version: number) => ({
  epoch: { N: String(epoch) },
  version: { N: String(version) },
});

const newer = anItem({ updatedAt: { S: "2026-11-22T09:30:00.000Z" }, name: { S: "Newer" } });
const reported = { reportedPrevious: { M: { statusId: { S: "1" } } } };

describe("an item of a backup", () => {
  it("is written if the table has no item, with a new epoch and version 1, and otherwise unchanged", async () => {
    const { restore, stored } = aRestore([]);

    expect(await restore(anItem({ ...reported, later: { S: "x" } }))).toBe("restored");
    expect(stored(AGENT)).toEqual(anItem({ ...count(EPOCH, 1), later: { S: "x" } }));
  });

  it("replaces an older item", async () => {
    const { restore, stored } = aRestore([anItem({ version: { N: "9" } })]);

    expect(await restore(newer)).toBe("restored");
    expect(stored(AGENT)).toEqual({ ...newer, ...count(EPOCH, 1) });
  });

  it("does not replace a newer item, or the same one", async () => {
    const { restore, images } = aRestore([newer]);

    expect([await restore(anItem()), await restore(newer)]).toEqual(["kept", "kept"]);
    expect(images).toEqual([]);
  });

  it("continues the versions of an item that was first seen after the backup", async () => {
    const { restore, stored } = aRestore([anItem(count(EPOCH + 5, 3))]);

    await restore(newer);

    expect(stored(AGENT)).toMatchObject(count(EPOCH + 5, 4));
  });

  it("replaces an older change made at the same time, but not a newer one", async () => {
    const { restore, stored, apply, betweenReadAndWrite } = aRestore([]);
    betweenReadAndWrite(async () => {
      betweenReadAndWrite(() => Promise.resolve());
      await apply(aPayload({ agent: { updated_at: minutesAgo(1), name: "Came between" } }));
    });

    expect(await restore(anItem({ updatedAt: { S: "2026-11-01T00:00:00.000Z" } }))).toBe("kept");
    expect(stored(AGENT)).toMatchObject({ name: { S: "Came between" } });
  });

  it("fails if the agent changes during every attempt", async () => {
    const { restore, betweenReadAndWrite, remove, apply } = aRestore([]);
    let isPresent = false;
    let attempts = 0;
    betweenReadAndWrite(async () => {
      attempts += 1;
      isPresent = !isPresent;
      remove(anItem());
      if (isPresent) {
        await apply(aPayload({ agent: { updated_at: "2022-01-09T02:18:41Z" } }));
      }
    });

    const overtaken = restore(newer);

    await expect(overtaken).rejects.toThrow(OvertakenError);
    await expect(overtaken).rejects.toMatchObject({
      name: "OvertakenError",
      message: "the item changed during each of 20 attempts",
    });
    expect(attempts).toBe(20);
  });

  it("fails with other errors of DynamoDB", async () => {
    const { restore, images, betweenReadAndWrite } = aRestore([]);
    betweenReadAndWrite(() => Promise.reject(new Error("no way there")));

    await expect(restore(newer)).rejects.toThrow("no way there");
    expect(images).toEqual([]);
  });

  it("gets an epoch later than its own and the restore's", async () => {
    const { restore, stored } = aRestore([], {});

    await restore(anItem(count(EPOCH + 7, 3)));

    expect(stored(AGENT)).toMatchObject(count(EPOCH + 8, 1));
  });

  it("continues the versions if the table's epoch equals the new one", async () => {
    const { restore, stored } = aRestore([anItem(count(EPOCH, 3))]);

    await restore(newer);

    expect(stored(AGENT)).toMatchObject(count(EPOCH, 4));
  });

  it("is rejected with an error that names the invalid attribute, if this version of the hub cannot read it", async () => {
    const { restore, images } = aRestore([]);

    await expect(restore(anItem({ channels: { S: "x" } }))).rejects.toThrow(
      "channels must be a map",
    );
    expect(images).toEqual([]);
  });
});

describe("a forgotten agent", () => {
  it("does not replace a tombstone, even with --roll-back", async () => {
    for (const [rollBack, last] of [
      [false, anItem()],
      [true, anItem()],
      // Changed once more after the backup, then forgotten.
      [true, newer],
    ] as const) {
      const { client, restore, stored } = aRestore([last], { rollBack });
      const { forget } = createForget(client, "agents");
      await forget({ accountId: "11010177632", availabilityId: AGENT });
      const tombstone = stored(AGENT);

      expect(await restore(anItem())).toBe("kept");
      expect(stored(AGENT)).toEqual(tombstone);
    }
  });

  it("is replaced by a new tombstone if the audit log shows that the agent was forgotten", async () => {
    const { restore, stored, images } = aRestore([], {
      isForgotten: ({ availabilityId, receivedAt }) =>
        availabilityId === AGENT && receivedAt < "2026-11-23",
    });

    expect(await restore(anItem())).toBe("forgotten");

    const { removedAt, expiresAt, updatedAt, eventTimestamp, ...rest } = stored(AGENT) ?? {};
    expect(rest).toEqual({
      ...count(EPOCH, 1),
      accountId: { S: "11010177632" },
      availabilityId: { S: AGENT },
      contentHash: { S: "" },
      removedBecause: { S: "forgotten" },
    });
    expect(Number(eventTimestamp?.N)).toBe(Date.parse(removedAt?.S ?? "") * 1000);
    expect([updatedAt?.S, expiresAt?.N]).toEqual([expect.any(String), expect.any(String)]);
    const [{ before, after } = { before: undefined, after: {} }] = images;
    const transition = {
      before: before && readItem(before),
      after: readItem(after),
      recordedAt: "",
    };
    expect(eventsOf(transition, { personalData: true })).toEqual([]);
  });

  it("does not replace a newer event, which created the agent again", async () => {
    const { restore, stored } = aRestore([newer], { isForgotten: () => true });

    expect(await restore(anItem())).toBe("kept");
    expect(stored(AGENT)).toEqual(newer);
  });

  it.each([aUserItem(), aSession()])("may be a user: item or a session", async (item) => {
    const id = item["availabilityId"]?.S ?? "";
    const forgotten = aRestore([], { isForgotten: ({ availabilityId }) => availabilityId === id });

    expect(await forgotten.restore(item)).toBe("forgotten");
    expect(forgotten.stored(id)).toMatchObject({ removedBecause: { S: "forgotten" } });

    const { restore, stored } = aRestore([]);
    expect(await restore(item)).toBe("restored");
    expect(stored(id)).toEqual({ ...item, ...count(EPOCH, 1) });
  });

  it("stays a tombstone if it is one in the backup, with a later version than any that was lost", async () => {
    const { restore, stored } = aRestore([]);

    expect(await restore(aTombstone(AGENT))).toBe("restored");
    expect(stored(AGENT)).toEqual({ ...aTombstone(AGENT), ...count(EPOCH, 1) });
  });
});

describe("rolling back", () => {
  it("replaces newer state, so that later events are applied", async () => {
    const { restore, stored, apply } = aRestore([newer], { rollBack: true });

    expect(await restore(anItem())).toBe("restored");
    expect(stored(AGENT)).toEqual(anItem(count(EPOCH, 1)));
    expect(await apply(aPayload({ agent: { updated_at: minutesAgo(1) } }))).toEqual({
      kind: "applied",
      version: 2,
    });
  });

  it("keeps later changes if it is repeated", async () => {
    const { restore, stored, apply } = aRestore([newer], { rollBack: true });
    await restore(anItem());
    await apply(aPayload({ agent: { updated_at: minutesAgo(1), name: "After" } }));

    expect(await restore(anItem())).toBe("kept");
    expect(stored(AGENT)).toMatchObject({ name: { S: "After" }, ...count(EPOCH, 2) });
  });
});

it("a roll-back replaces an item that reconcile has repaired, which only its version shows", async () => {
  const repaired = anItem({ version: { N: "8" }, status: { M: { id: { S: "9" } } } });
  const { restore, stored } = aRestore([repaired], { rollBack: true });

  expect(await restore(anItem())).toBe("restored");
  expect(stored(AGENT)).toEqual(anItem(count(EPOCH, 1)));
  expect(await restore(anItem())).toBe("kept");
  expect(await aRestore([repaired]).restore(anItem())).toBe("kept");
});

it("a roll-back skips items that equal the backup", async () => {
  const { restore, images } = aRestore([anItem()], { rollBack: true });

  expect(await restore(anItem())).toBe("kept");
  expect(images).toEqual([]);
});

describe("an item of the table", () => {
  it("is rejected with an error that names the invalid attribute, if this version of the hub cannot read it", async () => {
    const { republish, images } = aRestore([anItem()]);

    await expect(republish(anItem({ channels: { S: "x" } }))).rejects.toThrow(
      "channels must be a map",
    );
    expect(images).toEqual([]);
  });

  it("fails if the agent changes during every attempt", async () => {
    const { republish, betweenReadAndWrite, apply } = aRestore([anItem()]);
    let attempts = 0;
    betweenReadAndWrite(async () => {
      attempts += 1;
      await apply(aPayload({ agent: { updated_at: minutesAgo(90 - attempts) } }));
    });

    await expect(republish(anItem())).rejects.toThrow(
      "the item changed during each of 20 attempts",
    );
    expect(attempts).toBe(20);
  });

  it.each([
    ["an event", {}],
    ["reconcile", { origin: { S: "reconcile" }, reconciledAt: { S: "2026-11-24T02:00:00.000Z" } }],
  ])(
    "gets the new epoch and is published without a gap after a change by %s",
    async (_, origin) => {
      const item = anItem({ ...reported, ...origin });
      const { republish, stored, images } = aRestore([item]);

      expect(await republish(item)).toBe("republished");

      expect(stored(AGENT)).toEqual(anItem({ ...origin, ...count(EPOCH, 1) }));
      const [{ before, after } = { before: {}, after: {} }] = images;
      const events = eventsOf(
        { before: readItem(before ?? {}), after: readItem(after), recordedAt: "" },
        { personalData: false },
      );
      expect(events).toMatchObject([
        {
          detailType: "Agent Availability Changed",
          detail: {
            metadata: {
              id: `11010177632/787096/${EPOCH}/1/AgentAvailabilityChanged`,
              epoch: EPOCH,
              version: 1,
              gap: false,
            },
            changed: [],
            status: { id: "232" },
            channels: { freshchat: { available: true } },
          },
        },
      ]);
    },
  );

  it("gets the new epoch once, unless it is a tombstone or has a later epoch", async () => {
    const { republish, images } = aRestore([anItem()]);

    expect(await republish(anItem())).toBe("republished");
    expect(await republish(anItem())).toBe("current");
    expect(await republish(aTombstone("1"))).toBe("tombstone");
    expect(await republish(anItem(count(EPOCH, 1)))).toBe("current");
    expect(images).toHaveLength(1);
  });

  it("gets the new epoch after a change made at the same time", async () => {
    const { republish, stored, apply, betweenReadAndWrite } = aRestore([anItem()]);
    betweenReadAndWrite(async () => {
      betweenReadAndWrite(() => Promise.resolve());
      await apply(aPayload({ agent: { updated_at: minutesAgo(1), name: "Came between" } }));
    });

    expect(await republish(anItem())).toBe("republished");
    expect(stored(AGENT)).toMatchObject({ name: { S: "Came between" }, ...count(EPOCH, 1) });
  });

  it("stays deleted if it is deleted at the same time", async () => {
    const { republish, stored, remove, betweenReadAndWrite } = aRestore([anItem()]);
    betweenReadAndWrite(() => Promise.resolve(void remove(anItem())));

    expect(await republish(anItem())).toBe("tombstone");
    expect(stored(AGENT)).toBeUndefined();
  });
});
