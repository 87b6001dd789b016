import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import type { AuditEntry } from "../../../commands/shared/audit-log.ts";
import { chooseEpoch } from "../../../commands/restore/epoch.ts";
import { skipPauses } from "../../builders/skip-pauses.ts";
import { withServices } from "../run-command.ts";

skipPauses();

const startEntry = (epoch: number): AuditEntry => {
  const at = new Date(epoch).toISOString();
  const kind = { action: "restore", from: "agents", rollBack: "false" };
  return { id: String(epoch), at, recordedAt: at, outcome: "started", epoch, ...kind };
};

const responses = {
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

/** Returns the epoch of a restore, with these entries in the audit log, that the operator confirms by `confirm`. */
async function epochAfter(
  epoch: number | undefined,
  entries: AuditEntry[],
  confirm: () => Promise<void>,
) {
  const options = { stage: "blue", rate: 100, rollBack: false, ...(epoch && { epoch }) };
  return await withServices(responses, async (endpoint) => {
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
    const client = new DynamoDBClient({ endpoint, region: "eu-central-1", credentials });
    const auditLog = { read: () => Promise.resolve(entries) };
    return await chooseEpoch({ client, from: "agents", auditLog, options }, confirm).finally(() => {
      client.destroy();
    });
  });
}

describe("the epoch of a restore", () => {
  it("is later than every agent first seen before the confirmation", async () => {
    let seenAt = 0;

    const epoch = await epochAfter(undefined, [], async () => {
      await sleep(1100);
      seenAt = Date.now();
    });

    expect(epoch).toBeGreaterThan(seenAt);
    expect(epoch).toBeLessThanOrEqual(Date.now());
  });

  it("is not chosen if another restore starts before the confirmation", async () => {
    const entries: AuditEntry[] = [];

    const epoch = epochAfter(undefined, entries, () => {
      entries.push(startEntry(Date.now()));
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow(
      "has not finished: it is still running or was interrupted.",
    );
  });

  it("is not that of a resumed restore if another one starts before the confirmation", async () => {
    const earlier = Date.now() - 60_000;
    const entries = [startEntry(earlier)];

    const epoch = epochAfter(earlier, entries, () => {
      entries.push(startEntry(Date.now()));
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow("cannot be resumed, because a later restore was started");
  });

  it("is rejected before the confirmation if the last restore has not finished", async () => {
    let isAsked = false;

    const epoch = epochAfter(undefined, [startEntry(Date.now())], () => {
      isAsked = true;
      return Promise.resolve();
    });

    await expect(epoch).rejects.toThrow("has not finished");
    expect(isAsked).toBe(false);
  });
});
