import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterEach, beforeEach, expect, it } from "@jest/globals";

import type { RemovalCandidate } from "../../functions/availability/reconcile-removals.ts";
import { confirmRemovals } from "../../functions/reconcile/confirm-removals.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { serverErrorFault } from "../builders/freshdesk-faults.ts";
import { aFreshdesk, aFreshdeskAgent } from "../builders/freshdesk.ts";
import { anItem, aTombstone } from "../builders/item.ts";

const ACCOUNT = "11010177632";

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;

beforeEach(async () => {
  freshdesk = await aFreshdesk([aFreshdeskAgent(7)]);
});

afterEach(async () => {
  await freshdesk.api.close();
});

const itemOf = (availabilityId: string) =>
  readItem(anItem({ availabilityId: { S: availabilityId }, userId: { S: "8" } }));

/** Returns a candidate with one availability item. The item's ID is `a` followed by the candidate's user ID. */
const aCandidate = (userId: number): RemovalCandidate => ({
  userId: String(userId),
  items: [itemOf(`a${userId}`)],
});

/** Confirms removals. @returns the keys of the items that are removed, and when */
async function confirm(
  candidates: readonly RemovalCandidate[],
  { deadline, tombstones = [] }: { deadline?: number; tombstones?: readonly string[] } = {},
) {
  const { clock, aClient } = freshdesk;
  const storedItems = tombstones.map((key) => readItem(aTombstone(key)));
  const client = aClient(deadline === undefined ? {} : { deadline });
  const options = { accountId: ACCOUNT, storedItems, now: clock.now };
  const writes = await confirmRemovals(client, candidates, options);
  return writes.map(({ kind, write }) => {
    const { availabilityId } = unmarshall(write.Key as Record<string, AttributeValue>);
    const { ":removedAt": removedAt } = unmarshall(write.ExpressionAttributeValues ?? {});
    return [kind, String(availabilityId), String(removedAt)] as const;
  });
}

const NOON = "2026-11-28T12:00:00.000Z";

it("removes all items of a deleted agent, and blocks late events of the user ID", async () => {
  expect(await confirm([aCandidate(8)])).toEqual([
    ["removed", "a8", NOON],
    ["removed", "user:8", NOON],
    ["removed", "session:8", NOON],
  ]);
});

it("removes each item of an agent once", async () => {
  const items = [itemOf("session:8"), itemOf("user:8")];

  const removed = await confirm([{ userId: "8", items }]);

  expect(removed.map(([, key]) => key)).toEqual(["session:8", "user:8"]);
});

it("does not change tombstones", async () => {
  const removed = await confirm([aCandidate(8)], { tombstones: ["user:8", "a9"] });

  expect(removed.map(([, key]) => key)).toEqual(["a8", "session:8"]);
});

it("removes a deactivated agent, and keeps an active one", async () => {
  freshdesk.api.state.agents.set(9, aFreshdeskAgent(9, { deactivated: true }));

  const removed = await confirm([aCandidate(7), aCandidate(9)]);

  expect(removed.map(([, key]) => key)).toEqual(["a9", "user:9", "session:9"]);
});

it("removes only the stored items of an agent without a user ID whose address Freshdesk does not find", async () => {
  const gone = { email: "omar@acme.example", items: [itemOf("a8")] };
  const listed = { email: "agent7@acme.example", items: [itemOf("a7")] };

  expect(await confirm([gone, listed])).toEqual([["removed", "a8", NOON]]);
});

it("uses the start of the request that confirmed a removal as its time", async () => {
  const removed = await confirm([aCandidate(8), aCandidate(9), aCandidate(10)]);

  const times = removed.filter(([, key]) => key.startsWith("a")).map(([, , time]) => time);
  // The clock advances only while a request waits for the rate limit.
  const [, second = 0, third = 0] = freshdesk.api.requests.map(({ at }) => at);
  expect(second).toBeLessThan(third);
  expect(times).toEqual([NOON, NOON, new Date(second).toISOString()]);
});

it("returns the confirmed removals if the rate limit does not allow the next request in time", async () => {
  const deadline = freshdesk.clock.now() + 4999;

  const removed = await confirm([aCandidate(8), aCandidate(9)], { deadline });

  expect(removed.map(([, key]) => key)).toEqual(["a8", "user:8", "session:8"]);
  expect(freshdesk.api.requests).toHaveLength(1);
});

it("fails if Freshdesk fails", async () => {
  freshdesk.api.constantFault = serverErrorFault(500);

  await expect(confirm([aCandidate(8)])).rejects.toMatchObject({ reason: "Unavailable" });
});

it("confirms up to 100 removals in their order", async () => {
  const ids = Array.from({ length: 100 }, (_, index) => 1000 + index);

  await confirm(ids.map(aCandidate));

  const requested = freshdesk.api.requests.map(({ path }) => path);
  expect(requested).toEqual(ids.map((id) => `/api/v2/agents/${id}`));
});

it("confirms 100 removals if there are more, beginning with a random one", async () => {
  const ids = Array.from({ length: 101 }, (_, index) => 1000 + index);

  await confirm(ids.map(aCandidate));

  const requested = freshdesk.api.requests.map(({ path }) => Number(path.split("/").at(-1)));
  const start = ids.indexOf(requested[0] ?? 0);
  expect(requested).toEqual([...ids.slice(start), ...ids.slice(0, start)].slice(0, 100));
});
