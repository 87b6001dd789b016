import { expect, it } from "@jest/globals";

import { formatProgress, formatResult } from "../../../commands/restore/format-restore.ts";

const EPOCH = 1_795_500_000_000;

const republish = { stage: "prod", rollBack: false, rate: 100 };
const restore = { ...republish, from: "agents-restored" };

it("counts the items of the table, and those of a backup only with --from", () => {
  const tableCounts = { restored: 0, kept: 0, forgotten: 0, republished: 1100, current: 100 };
  const backupAndTableCounts = { ...tableCounts, restored: 200, kept: 90, forgotten: 10 };

  expect(formatProgress({ ...tableCounts, failed: [] }, republish)).toBe("Processed 1,200 items.");
  expect(formatProgress({ ...backupAndTableCounts, failed: [] }, restore)).toBe(
    "Processed 300 items from the backup and 1,200 items in the table.",
  );
});

it("reports what happened to the items of the table, and to those of a backup only with --from", () => {
  const failed = [{ agent: "42/7", reason: "version must be a safe integer" }];
  const progress = { restored: 4, kept: 2, forgotten: 1, republished: 3, current: 5, failed };

  expect(
    formatResult({ ...progress, restored: 0, kept: 0, forgotten: 0 }, EPOCH, republish),
  ).toEqual([
    "republished      3  items, with the new epoch 1795500000000",
    "already current  5  items that had this epoch or a later one",
    "failed           1",
    "  42/7: version must be a safe integer",
  ]);
  expect(formatResult(progress, EPOCH, restore)).toEqual([
    "restored         4  items of the backup",
    "kept             2  items that the table has in the same or a newer state",
    "forgotten        1  items not restored: their agents were forgotten, or possibly forgotten, after the backup",
    "republished      3  other items, with the new epoch 1795500000000",
    "already current  5  items that had this epoch or a later one, including those restored",
    "failed           1",
    "  42/7: version must be a safe integer",
  ]);
});
