import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, it } from "@jest/globals";

import { compareChanges } from "../../functions/availability/change.ts";
import { tombstoneWrite } from "../../functions/store/tombstone-writes.ts";

const removal = {
  reason: "deleted",
  microseconds: Date.parse("2025-11-20T08:00:00Z") * 1000,
} as const;

const valuesOf = (write: ReturnType<typeof tombstoneWrite>) =>
  unmarshall(write.ExpressionAttributeValues ?? {});

it("replaces an item with a tombstone that is newer, even if the item has a later time from Freshdesk", () => {
  const item = {
    accountId: "1",
    availabilityId: "787096",
    epoch: 9,
    version: 3,
    updatedAt: "2025-11-20T08:10:00.000Z",
    eventTimestamp: removal.microseconds - 1000,
    contentHash: "-",
  };

  const write = tombstoneWrite(item, removal);
  const values = valuesOf(write);

  const order = {
    updatedAt: String(values[":updatedAt"]),
    eventTimestamp: Number(values[":eventTimestamp"]),
    contentHash: String(values[":contentHash"]),
  };
  expect(compareChanges(order, item)).toBeGreaterThan(0);
  for (const name of ["name", "email", "userId", "status", "channels", "since", "reconciledAt"]) {
    expect(write.UpdateExpression).toMatch(new RegExp(`REMOVE .*#${name}\\b`));
  }
  expect(values).toMatchObject({
    ":epoch": 9,
    ":version": 4,
    ":removedAt": "2025-11-20T08:00:00.000Z",
    ":removedBecause": "deleted",
    ":origin": "reconcile",
    ":knownEpoch": 9,
    ":knownVersion": 3,
  });
});

it("creates the tombstone of an item that does not exist", () => {
  const write = tombstoneWrite({ accountId: "1", availabilityId: "user:7" }, removal);

  expect(write.ConditionExpression).toBe("attribute_not_exists(accountId)");
  expect(valuesOf(write)).toMatchObject({
    ":epoch": removal.microseconds / 1000,
    ":version": 1,
    ":updatedAt": "2025-11-20T08:00:00.000Z",
    ":eventTimestamp": removal.microseconds,
    ":contentHash": "",
  });
});
