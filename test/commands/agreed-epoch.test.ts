import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import type { Line } from "../../commands/operators-log.ts";
import { agreedEpoch } from "../../commands/restore/agreed-epoch.ts";
import { withServices } from "./on-the-wire.ts";

const begunLine = (epoch: number): Line => {
  const at = new Date(epoch).toISOString();
  const kind = { action: "restore", from: "agents", rollBack: "false" };
  return { id: String(epoch), at, recordedAt: at, outcome: "begun", epoch, ...kind };
};

const answers = {
  DescribeTable: () => ({
    Table: {
      TableStatus: "ACTIVE",
      CreationDateTime: 1,
      KeySchema: [
        { AttributeName: "accountId", KeyType: "HASH" },
        { AttributeName: "availabilityId", KeyType: "RANGE" },
      ],
    },
  }),
};

/** The epoch of a restore on which somebody thinks for that long, and what the record has by then. */
async function epochAfter(begun: number | undefined, lines: Line[], think: () => Promise<void>) {
  const typed = { stage: "blue", rate: "100", "roll-back": false, begun };
  return await withServices(answers, async (endpoint) => {
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
    const client = new DynamoDBClient({ endpoint, region: "eu-central-1", credentials });
    const place = { client, from: "agents", log: { read: () => Promise.resolve(lines) } };
    return await agreedEpoch(typed, place, think).finally(() => {
      client.destroy();
    });
  });
}

describe("the epoch of a restore about which somebody is asked", () => {
  it("is later than who was seen until the answer", async () => {
    let seenAt = 0;

    const epoch = await epochAfter(undefined, [], async () => {
      await sleep(1100);
      seenAt = Date.now();
    });

    expect(epoch).toBeGreaterThan(seenAt);
    expect(epoch).toBeLessThanOrEqual(Date.now());
  });

  it("is none where another restore was begun before the answer", async () => {
    const lines: Line[] = [];

    const epoch = epochAfter(undefined, lines, () => {
      lines.push(begunLine(Date.now()));
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow("has not ended: it runs, or was broken off");
  });

  it("is not that of an earlier one where another was begun before the answer", async () => {
    const earlier = Date.now() - 60_000;
    const lines = [begunLine(earlier)];

    const epoch = epochAfter(earlier, lines, () => {
      lines.push(begunLine(Date.now()));
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow("is of a restore after which another was begun");
  });

  it("is refused before anybody is asked, where that can be known", async () => {
    let isAsked = false;

    const epoch = epochAfter(undefined, [begunLine(Date.now())], () => {
      isAsked = true;
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow("has not ended");
    expect(isAsked).toBe(false);
  });
});
