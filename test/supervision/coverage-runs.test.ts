import { GetItemCommand, type GetItemCommandInput } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { createCoverageRuns } from "../../functions/supervision/coverage-runs.ts";
import type { CoverageRule } from "../../functions/supervision/coverage-rules.ts";
import { supervisedChannels } from "../builders/supervised-channel.ts";

const forAll = { channel: "freshcaller", minimum: 1 } as const;

const ofAccount = (accountId: string) => ({ ...forAll, accountId });

function runs(rules: readonly CoverageRule[]) {
  const channels = supervisedChannels(rules);
  const { evaluate, table } = channels;
  return { ...channels, ...createCoverageRuns(evaluate, { rules, table }) };
}

const message = (messageId: string, accountId: string, channel = "freshcaller") => ({
  messageId,
  body: JSON.stringify({ accountId, channel }),
});

const subjectsOf = ({ published }: ReturnType<typeof runs>) =>
  published.map(({ accountId, channel }) => `${accountId}/${channel}`).toSorted();

let log: jest.Spied<typeof console.error>;

beforeEach(() => {
  log = jest.spyOn(console, "error").mockImplementation(() => undefined);
});

afterEach(() => {
  log.mockRestore();
});

describe("the evaluation of all channels", () => {
  it("evaluates the channel of a rule with an account ID, even before its first event", async () => {
    const all = runs([
      forAll,
      { ...forAll, accountId: "42" },
      { channel: "freshchat", minimum: 1, accountId: "43" },
    ]);
    await all.evaluateAll();

    expect(subjectsOf(all)).toEqual(["42/freshcaller", "43/freshchat"]);
  });

  it("evaluates the channels of all accounts from their first event", async () => {
    const all = runs([forAll]);
    await all.evaluateAll();
    expect(all.published).toEqual([]);
    await all.evaluateMessages([message("1", "42"), message("2", "43")]);
    all.available.set("AvailableOnFreshcaller 42", [{ availabilityId: "1" }]);
    all.available.set("AvailableOnFreshcaller 43", [{ availabilityId: "1" }]);
    await all.evaluateAll();

    expect(all.published.map(({ accountId, covered }) => [accountId, covered])).toEqual([
      ["42", false],
      ["43", false],
      ["42", true],
      ["43", true],
    ]);
  });

  it("evaluates a channel when it opens, even if its only event came while it was closed", async () => {
    const days = ["mon", "tue", "wed", "thu", "fri"] as const;
    const hours = [{ timeZone: "Europe/Berlin", days, from: "08:00", to: "18:00" }];
    const all = runs([{ ...forAll, hours }]);
    all.clock.now = Date.parse("2026-11-27T17:30:00.000Z");
    await all.evaluateMessages([message("1", "42")]);
    await all.evaluateAll();
    expect(all.published).toEqual([]);
    all.clock.now = Date.parse("2026-11-30T07:00:00.000Z");
    await all.evaluateAll();

    expect(all.published).toMatchObject([
      { accountId: "42", covered: false, since: "2026-11-30T07:00:00.000Z" },
    ]);
  });

  it("evaluates each channel once, even if there are more channels than the concurrency", async () => {
    const accounts = Array.from({ length: 25 }, (_, index) => String(index));
    const all = runs(accounts.map(ofAccount));
    await all.evaluateAll();
    await all.evaluateAll();

    expect(subjectsOf(all)).toEqual(accounts.map((id) => `${id}/freshcaller`).toSorted());
    expect(all.queries).toHaveLength(50);
  });

  it("evaluates the other channels if one fails, then throws", async () => {
    const all = runs(["41", "42", "43"].map(ofAccount));
    all.dynamo.on(GetItemCommand).callsFake(({ Key: key }: GetItemCommandInput) => {
      if (key?.["accountId"]?.S === "42") {
        throw new Error("throttled");
      }
      return {};
    });

    await expect(all.evaluateAll()).rejects.toThrow(
      "evaluating the coverage of 1 of 3 channels failed. The next run tries again.",
    );
    expect(subjectsOf(all)).toEqual(["41/freshcaller", "43/freshcaller"]);
    expect(log.mock.calls).toEqual([
      [
        {
          message: "the coverage of a channel could not be evaluated",
          accountId: "42",
          channel: "freshcaller",
          error: "Error",
          reason: "throttled",
        },
      ],
    ]);
  });
});

describe("the evaluation of messages", () => {
  it("evaluates a channel once for any number of messages about it", async () => {
    const all = runs([forAll]);

    expect(
      await all.evaluateMessages([message("1", "42"), message("2", "42"), message("3", "43")]),
    ).toEqual([]);
    expect(all.queries).toHaveLength(2);
  });

  it("returns the messages to retry: those that cannot be parsed, and those whose evaluation failed", async () => {
    const all = runs([forAll]);
    all.dynamo.on(GetItemCommand).callsFake(({ Key: key }: GetItemCommandInput) => {
      if (key?.["accountId"]?.S === "42") {
        throw new Error("throttled");
      }
      return {};
    });

    expect(
      await all.evaluateMessages([
        message("1", "42"),
        message("2", "43"),
        { messageId: "3", body: "{}" },
        { messageId: "4", body: "no" },
        message("5", "42"),
      ]),
    ).toEqual(["1", "3", "4", "5"]);
    expect(subjectsOf(all)).toEqual(["43/freshcaller"]);
    expect(log.mock.calls.map(([line]) => (line as { messageId: string }).messageId)).toEqual(
      expect.arrayContaining(["1", "3", "4", "5"]),
    );
  });
});
