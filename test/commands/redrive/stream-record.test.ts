import { expect, it } from "@jest/globals";

import { versionOf } from "../../../commands/redrive/stream-record.ts";

const keys = { accountId: { S: "42" }, availabilityId: { S: "7" } };
const last = { version: { N: "3" } };

it.each([
  ["the new version of a change", { NewImage: { version: { N: "4" } }, OldImage: last }, 4],
  ["the version after the last one for a deletion", { OldImage: last }, 4],
  ["unknown for a change without a version", { NewImage: {}, OldImage: last }, 0],
  ["unknown for a deletion without a version", { OldImage: {} }, 0],
  ["unknown without images", {}, 0],
])("the version of a record is %s", (_title, images, version) => {
  expect(versionOf({ dynamodb: { Keys: keys, ...images } })).toMatchObject({ version });
});
