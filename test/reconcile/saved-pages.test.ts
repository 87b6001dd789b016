import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, it } from "@jest/globals";

import type { NumberedPage } from "../../functions/reconcile/read-pages.ts";
import { createSavedPages } from "../../functions/reconcile/saved-pages.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "42";
const NOW = Date.parse("2026-11-28T12:00:00Z");

let stored: ReturnType<typeof aReconciledTable>;
let savedPages: ReturnType<typeof createSavedPages>;

beforeEach(() => {
  stored = aReconciledTable();
  savedPages = createSavedPages(new DynamoDBClient(), "sweeps");
});

const aPage = (number: number): NumberedPage => ({
  number,
  snapshots: [
    { userId: String(number), isDeactivated: false, requestedAt: "2026-11-28T12:00:00.000Z" },
  ],
  unreadable: number,
});

it("reads the pages that were saved, in their order, and no other state of sweeps", async () => {
  const pages = Array.from({ length: 12 }, (_, index) => aPage(index + 1));
  await createSweepState(new DynamoDBClient(), "sweeps").acquire(ACCOUNT, NOW, NOW + 1000);
  await savedPages.save(ACCOUNT, pages.toReversed(), NOW);
  await savedPages.save("43", [aPage(13)], NOW);

  expect(await savedPages.read(ACCOUNT, NOW)).toEqual(pages);
});

it("reads consistently, since another invocation may have saved the pages just before", async () => {
  await savedPages.read(ACCOUNT, NOW);

  const [query] = stored.client.commandCalls(QueryCommand);
  expect(query?.args[0].input).toMatchObject({
    TableName: "sweeps",
    ConsistentRead: true,
    ExpressionAttributeValues: { ":prefix": { S: "page#" } },
  });
});

it("reads the pages before the first one that is missing", async () => {
  await savedPages.save(ACCOUNT, [1, 2, 4].map(aPage), NOW);

  expect(await savedPages.read(ACCOUNT, NOW)).toEqual([1, 2].map(aPage));
});

it("reads a page for two hours", async () => {
  await savedPages.save(ACCOUNT, [aPage(1)], NOW);
  const expiry = NOW + 2 * 60 * 60_000;

  expect(await savedPages.read(ACCOUNT, expiry - 1)).toEqual([aPage(1)]);
  expect(await savedPages.read(ACCOUNT, expiry)).toEqual([]);
});

it("reads no page if a part of the response has no items", async () => {
  stored.client.on(QueryCommand).resolves({});

  expect(await savedPages.read(ACCOUNT, NOW)).toEqual([]);
});

it("deletes pages, and keeps those of other accounts", async () => {
  await savedPages.save(ACCOUNT, [1, 2].map(aPage), NOW);
  await savedPages.save("43", [aPage(1)], NOW);

  await savedPages.delete(ACCOUNT, [aPage(1), aPage(2)]);

  expect(await savedPages.read(ACCOUNT, NOW)).toEqual([]);
  expect(await savedPages.read("43", NOW)).toEqual([aPage(1)]);
});
