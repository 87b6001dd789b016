import { ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { supervisedChannels } from "../builders/supervised-channel.ts";

const change = (version: number, covered = true) => ({
  accountId: "42",
  channel: "freshcaller",
  epoch: 1796029200000,
  version,
  covered,
  available: covered ? 1 : 0,
  minimum: 1,
  since: `2026-11-30T09:0${version}:00.000Z`,
});

/** The table with the first change of a channel. */
async function withFirstChange() {
  const { dynamo, table } = supervisedChannels([]);
  const first = await table.change(undefined, change(1), "always");
  if (first === undefined) {
    throw new Error("the first change of a channel must be stored");
  }
  return { dynamo, first, table };
}

describe("the coverage table", () => {
  it("returns a stored change with its event, marked as unpublished", async () => {
    const { first, table } = await withFirstChange();

    expect(await table.get(first)).toEqual(first);
    expect(first).toMatchObject({ version: 1, covered: true, period: "always", published: false });
    expect(first.event.detail).toMatchObject({ available: 1, minimum: 1 });
  });

  it("stores no change while the previous one is unpublished", async () => {
    const { first, table } = await withFirstChange();

    expect(await table.change(first, change(2, false), "always")).toBeUndefined();
    await table.markPublished(first);
    expect(await table.change(first, change(2, false), "always")).toMatchObject({ version: 2 });
  });

  it("rejects the change of an evaluation that has read an older state, or no state", async () => {
    const { first, table } = await withFirstChange();
    await table.markPublished(first);
    const second = await table.change(first, change(2, false), "always");
    await table.markPublished(second ?? first);

    expect(await table.change(first, change(2), "always")).toBeUndefined();
    expect(await table.change(undefined, change(1), "always")).toBeUndefined();
    expect(await table.get(first)).toMatchObject({ version: 2, covered: false });
  });

  it("does not mark a newer event as published when an older one is marked late", async () => {
    const { first, table } = await withFirstChange();
    await table.markPublished(first);
    await table.change(first, change(2, false), "always");
    await table.markPublished(first);

    expect(await table.get(first)).toMatchObject({ version: 2, published: false });
  });

  it("lists a channel whose key was added, even if no coverage is stored yet", async () => {
    const { table } = supervisedChannels([]);
    const key = { accountId: "42", channel: "freshcaller" };
    await table.addKey(key);

    expect(await table.keys()).toEqual([key]);
    expect(await table.get(key)).toBeUndefined();
    expect(await table.change(undefined, change(1), "always")).toMatchObject({ version: 1 });
  });

  it("keeps the stored coverage if the key is added again", async () => {
    const { first, table } = await withFirstChange();
    await table.addKey({ accountId: first.accountId, channel: first.channel });

    expect(await table.get(first)).toEqual(first);
  });

  it("throws if a write fails for a reason other than its condition", async () => {
    const { dynamo, first, table } = await withFirstChange();
    dynamo.on(UpdateItemCommand).rejects(new Error("throttled"));

    await expect(table.markPublished(first)).rejects.toThrow("throttled");
    await expect(table.change(first, change(2), "always")).rejects.toThrow("throttled");
  });

  it("lists the channels of all pages", async () => {
    const { dynamo, table } = supervisedChannels([]);
    const item = (accountId: string) => ({
      accountId: { S: accountId },
      channel: { S: "freshcaller" },
    });
    dynamo
      .on(ScanCommand, { ExclusiveStartKey: undefined })
      .resolves({ Items: [item("42")], LastEvaluatedKey: item("42") })
      .on(ScanCommand, { ExclusiveStartKey: item("42") })
      .resolves({ Items: [item("43")] });

    expect(await table.keys()).toEqual([
      { accountId: "42", channel: "freshcaller" },
      { accountId: "43", channel: "freshcaller" },
    ]);
  });
});
