import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { createLeaseTable, type Lease } from "../../../client/once/lease.ts";
import { aOnceTable } from "./a-once-table.ts";

let table: Awaited<ReturnType<typeof aOnceTable>>;

beforeAll(async () => {
  table = await aOnceTable();
});

afterAll(async () => {
  await table.stop();
});

const position = { id: "42/7/1/1/AgentRemoved", epoch: 1, version: 1 };
const leases = () => createLeaseTable(table.client, table.tableName, 60);

/** A lease of the event that expired one millisecond before `now`. */
async function anExpiredLease(key: string, now: number): Promise<Lease> {
  const request = { key, token: randomUUID(), position, now: now - 2, expiresAt: now - 1 };
  const acquired = await leases().acquire(request);
  if (acquired.outcome !== "acquired") {
    throw new Error(acquired.outcome);
  }
  return acquired.lease;
}

it("a lease can be completed after it expired if no other invocation has acquired it", async () => {
  const [key, token, now] = [randomUUID(), randomUUID(), Date.now()];
  const lease = await anExpiredLease(key, now);

  await leases().complete(lease);

  const again = { key, token, position, now, expiresAt: now + 60_000 };
  expect(await leases().acquire(again)).toEqual({ outcome: "duplicate" });
});

it("a lease cannot be completed or released after another invocation has acquired it", async () => {
  const [key, token, now] = [randomUUID(), randomUUID(), Date.now()];
  const expired = await anExpiredLease(key, now);
  const request = { key, token, position, now, expiresAt: now + 60_000 };
  expect(await leases().acquire(request)).toMatchObject({ outcome: "acquired" });

  await expect(leases().complete(expired)).rejects.toThrow(
    "event 42/7/1/1/AgentRemoved was processed but could not be recorded: another invocation acquired its lease, or the lease's item was deleted.",
  );
  await leases().release(expired);

  const third = { ...request, token: randomUUID() };
  expect(await leases().acquire(third)).toEqual({ outcome: "busy" });
});
