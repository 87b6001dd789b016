import type { QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";

import { findAvailabilityItems } from "../../functions/store/find-availability-items.ts";

/** Searches a table whose indexes return these keys, which may be out of date. */
async function find(indexed: { readonly ByUserId?: string[]; readonly ByEmail?: string[] }) {
  const send = ({ IndexName: name }: QueryCommandInput) => {
    const keys = (name === "ByUserId" ? indexed.ByUserId : indexed.ByEmail) ?? [];
    return Promise.resolve({ Items: keys.map((key) => ({ availabilityId: { S: key } })) });
  };
  const person = { accountId: "1", userId: "7", email: "rachel@acme.com" };
  return await findAvailabilityItems(send, "agents", person);
}

it("searches by user ID first, and never returns a user: or session item", async () => {
  const ByUserId = ["user:7", "787096", "session:7"];

  expect(await find({ ByUserId, ByEmail: ["787097"] })).toEqual(["787096"]);
});

it("ignores the person's own items that an index still shows with the address", async () => {
  const ByEmail = ["user:7", "787096", "session:7"];

  expect(await find({ ByUserId: ["user:7", "session:7"], ByEmail })).toEqual(["787096"]);
});

it.each([
  [["787096", "session:8"]],
  [["787096", "user:8"]],
  [["787096", "787097"]],
  [["user:8"]],
  [[]],
])("finds nothing by address if the index shows %j", async (ByEmail) => {
  expect(await find({ ByEmail })).toEqual([]);
});
