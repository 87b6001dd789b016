import { expect, it } from "@jest/globals";

import { bundleBytes } from "../../../tools/bench/lookup-bundle.ts";

it("the reader adds less than 15 % to the bundle of a service that asks DynamoDB anyway", async () => {
  const { bare, reader } = await bundleBytes();

  expect(bare).toBeGreaterThan(200_000);
  expect(reader / bare).toBeGreaterThan(1);
  expect(reader / bare).toBeLessThan(1.15);
});
