import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, it } from "@jest/globals";

import { newSlot, type RequestSlots } from "../../functions/reconcile/request-budget.ts";
import { createRequestSlots } from "../../functions/reconcile/request-slots.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const first = { nextAt: 5000, limit: 200 };
const second = { nextAt: 6200, limit: 200 };

let mock: ReturnType<typeof aReconciledTable>["client"];
let slots: RequestSlots;

beforeEach(() => {
  mock = aReconciledTable().client;
  slots = createRequestSlots(new DynamoDBClient(), "sweeps").of("42");
});

it("replaces the slot of an account that has sent no request, then the slot that was read", async () => {
  expect(await slots.replace(newSlot, first)).toBeUndefined();
  expect(await slots.replace(first, second)).toBeUndefined();
});

it("returns the stored slot, and keeps it, if it has changed since it was read", async () => {
  await slots.replace(newSlot, first);

  expect(await slots.replace(newSlot, second)).toStrictEqual(first);
  expect(await slots.replace(first, second)).toBeUndefined();
});

it("keeps the slots of accounts apart", async () => {
  await slots.replace(newSlot, first);

  const other = createRequestSlots(new DynamoDBClient(), "sweeps").of("43");
  expect(await other.replace(newSlot, second)).toBeUndefined();
});

it("returns the slot of an account without requests if DynamoDB does not return the stored one", async () => {
  mock
    .on(UpdateItemCommand)
    .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {} }));

  expect(await slots.replace(first, second)).toBe(newSlot);
});

it("throws other errors of DynamoDB", async () => {
  mock.on(UpdateItemCommand).rejects(new Error("throttled"));

  await expect(slots.replace(newSlot, first)).rejects.toThrow("throttled");
});
