import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aTombstone, anItem } from "../../builders/item.ts";
import { ACCOUNT, aChange, aHistoryStage } from "../a-history-stage.ts";
import { type Responses, UNREACHABLE_ENDPOINT, runCommand, withServices } from "../run-command.ts";

type Item = Record<string, AttributeValue>;

const PARAMETERS: readonly (readonly [name: string, value: string])[] = [
  ["table-name", "agents"],
  ["history-table-name", "history"],
  ["history-on-failure-bucket-name", "history-on-failure"],
  ["audit-log-name", "audit"],
  ["bus-arn", "bus"],
  ["dead-letter-queue-url", `${UNREACHABLE_ENDPOINT}/1/queue`],
  ["on-failure-bucket-name", "on-failure"],
  ["coverage-dead-letter-queue-url", `${UNREACHABLE_ENDPOINT}/1/coverage-dead-letters`],
  ["overrun-dead-letter-queue-url", `${UNREACHABLE_ENDPOINT}/1/overrun-dead-letters`],
  ["overrun-queue-url", `${UNREACHABLE_ENDPOINT}/1/overruns`],
  ["personal-data-in-events", "false"],
  ["reconcile-dead-letter-queue-url", `${UNREACHABLE_ENDPOINT}/1/reconcile-dead-letters`],
  ["reconcile-queue-url", `${UNREACHABLE_ENDPOINT}/1/reconcile`],
];

const keyOf = ({ accountId, availabilityId }: Item) =>
  JSON.stringify({ accountId, availabilityId });

/** A stage with a history whose table accepts tombstones. Also returns the tombstones by item key. */
function aStage({ hasHistory = true } = {}) {
  const stage = aHistoryStage();
  const tombstones = new Map<string, Item>();
  const responses: Responses = {
    ...stage.responses,
    GetParametersByPath: () => ({
      Parameters: PARAMETERS.filter(([name]) => hasHistory || !name.startsWith("history")).map(
        ([name, value]) => ({ Name: `/agent-availability/blue/${name}`, Value: value }),
      ),
    }),
    PutItem: (input) => {
      const { Item: item } = input as { Item: Item };
      stage.agents.items.set(keyOf(item), item);
      tombstones.set(item["availabilityId"]?.S ?? "", item);
      return {};
    },
    CreateLogStream: () => ({}),
    PutLogEvents: () => ({}),
  };
  return {
    tombstones,
    store: (...images: readonly [Item, ...Item[]]) => {
      stage.store(...images);
    },
    forget: async (...args: readonly string[]) =>
      await withServices(
        responses,
        async (endpoint) =>
          await runCommand(
            ["agent", "forget", ACCOUNT, ...args, "--yes", "--stage", "blue"],
            endpoint,
          ),
      ),
  };
}

/** An item that was removed, with its change and its removal in the history. */
function aRemovedItem(id: string, userId: string, reason: string): readonly [Item, Item] {
  const live = aChange("08:00", 6, { availabilityId: { S: id }, userId: { S: userId } });
  const removedAt = { S: "2026-11-28T09:00:00.000Z" };
  return [live, { ...aTombstone(id), removedAt, removedBecause: { S: reason } }];
}

describe("agent forget, of a person whose earlier item was removed", () => {
  const live = anItem({ userId: { S: "5" } });

  it.each(["merged", "deleted"])(
    "forgets an item that was %s, and no items of other people",
    async (why) => {
      const { store, forget, tombstones } = aStage();
      store(live);
      store(...aRemovedItem("old", "5", why));
      store(...aRemovedItem("other", "6", why));

      const { code, err } = await forget("rachel@acme.com", "--json");

      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect([...tombstones.keys()]).toEqual(["user:5", "session:5", "787096", "old"]);
      expect(tombstones.get("old")).toMatchObject({
        version: { N: "8" },
        removedBecause: { S: "forgotten" },
      });
    },
  );

  it("lists the queues of the stage as copies, including those of reconcile and supervision", async () => {
    const { store, forget } = aStage();
    store(live);

    const { out } = await forget("rachel@acme.com", "--json");

    for (const where of [
      "dead-letter queue",
      "queue of reconcile",
      "dead-letter queue of reconcile",
      "queue for overruns",
      "dead-letter queue for overruns",
      "dead-letter queue for coverage",
    ]) {
      expect(out).toContain(`"where":"${where}"`);
    }
  });

  it("finds the item by the user ID if the person has no other item", async () => {
    const { store, forget, tombstones } = aStage();
    store(...aRemovedItem("old", "5", "deleted"));

    expect(await forget("5")).toMatchObject({ code: 0 });
    expect([...tombstones.keys()]).toEqual(["user:5", "session:5", "old"]);
  });

  it("does not change the item if the stage keeps no history, because its tombstone has only IDs", async () => {
    const { store, forget, tombstones } = aStage({ hasHistory: false });
    store(live);
    store(...aRemovedItem("old", "5", "merged"));

    expect(await forget("787096")).toMatchObject({ code: 0 });
    expect([...tombstones.keys()]).toEqual(["user:5", "session:5", "787096"]);
  });
});

describe("agent forget with --exact", () => {
  it("forgets an item again, since its history may remain", async () => {
    const { store, forget, tombstones } = aStage();
    store(aTombstone("787096"));

    const first = await forget("787096");
    const again = await forget("787096", "--exact", "--json");

    expect(first.out).toContain(
      `If its history remains, delete it with: npx agent-availability agent forget ${ACCOUNT} 787096 --exact --stage blue\n`,
    );
    expect(JSON.parse(again.out)).toMatchObject({ outcome: "forgotten", items: ["787096"] });
    expect(again.err).toBe("");
    const { epoch, version } = tombstones.get("787096") ?? {};
    expect({ epoch, version }).toEqual({
      epoch: aTombstone("787096")["epoch"],
      version: { N: "8" },
    });
  });

  it.each(["787096", "user:5", "session:5"])(
    "forgets %s even if the item does not exist, and prints a warning",
    async (key) => {
      const { forget, tombstones } = aStage();
      const from = Date.now();

      const { code, err } = await forget(key, "--exact", "--json");

      expect(code).toBe(0);
      expect(err).toBe(
        `Account ${ACCOUNT} had no item ${key}. Only history with this ID, if any, is deleted. Check the ID.\n`,
      );
      expect(tombstones.get(key)).toMatchObject({
        version: { N: "1" },
        removedBecause: { S: "forgotten" },
      });
      // The history function deletes all changes up to the tombstone, by epoch and version.
      expect(Number(tombstones.get(key)?.["epoch"]?.N)).toBeGreaterThanOrEqual(from);
    },
  );

  it("rejects an email address, which the tombstone and the audit log would keep", async () => {
    const { forget, tombstones } = aStage();

    const { code, err } = await forget("rachel@acme.com", "--exact", "--json");

    expect({ code, tombstones: tombstones.size }).toEqual({ code: 1, tombstones: 0 });
    expect(err).toBe(
      `With --exact, <agent> must be an availability ID or an item key, not an email address. Nothing was changed. Find the ID with: npx agent-availability agent show ${ACCOUNT} EMAIL --stage blue\n`,
    );
  });

  it("is required: otherwise an unknown agent is not found, and nothing is written", async () => {
    const { forget, tombstones } = aStage();

    const { code, err } = await forget("787096");

    expect(code).toBe(1);
    expect(err).toContain('agent "787096" not found');
    expect(tombstones.size).toBe(0);
  });
});
