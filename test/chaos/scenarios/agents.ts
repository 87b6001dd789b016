import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { clientConfig } from "../../../local/emulator/cloud.ts";
import { agentOf } from "../../../local/sample-day/expected-item.ts";
import { type Delivery, randomHistory } from "../history.ts";
import { operate } from "../operate.ts";
import type { Run, Scenario } from "../scenario.ts";

const HOUR = 3_600_000;

async function forget({ stand, account, forgotten }: Run, agent: string): Promise<void> {
  forgotten.add(agent);
  const { accountId } = account;
  const { stage } = stand.cloud;
  const args = ["agent", "forget", accountId, agent, "--exact", "--yes", "--stage", stage];
  await operate(stand, args);
}

async function deleteByHand(
  { stand, account, deleted, happened }: Run,
  agent: string,
): Promise<void> {
  deleted.add(agent);
  const client = new DynamoDBClient(clientConfig(stand.cloud));
  const { Attributes: item } = await client.send(
    new DeleteItemCommand({
      TableName: stand.cloud.tableName,
      Key: { accountId: { S: account.accountId }, availabilityId: { S: agent } },
      ReturnValues: "ALL_OLD",
    }),
  );
  happened(`an item of ${agent} to delete`, item ? 1 : 0);
}

const again = (delivery: Delivery): Delivery => ({ ...delivery, attempts: [] });

/** What an operator does to agents. */
export const agentScenarios: readonly Scenario[] = [
  {
    name: "forgotten",
    title: "agents forgotten, their deliveries come late, then they change again",
    short: true,
    run: async (run) => {
      const { accountId } = run.account;
      const from = Date.now() - HOUR;
      const first = randomHistory({ accountId, agents: 3, from }, run.chance);
      const late = first.splice(0, 6);
      await run.deliver(first);
      for (const agent of ["a0", "a1"]) {
        await forget(run, agent);
      }
      // Of the forgotten agents nothing of this may come back: the verifier sees to it.
      const tooLate = [...late, ...first.map(again)];
      await run.deliver(tooLate);
      const taken = tooLate.filter(
        ({ payloads, attempts }) =>
          payloads.some((payload) => run.forgotten.has(agentOf(payload))) &&
          attempts.some(({ status }) => status === 200),
      );
      run.happened("late deliveries of forgotten agents", taken.length);
      run.mended();
      await run.send({ agents: 3, from: Date.now() - HOUR / 2, prefix: "a" });
    },
  },
  {
    name: "deleted-by-hand",
    title: "items deleted by hand, and their agents' next changes",
    run: async (run) => {
      await run.send({ agents: 3 });
      for (const agent of ["a0", "a1"]) {
        await deleteByHand(run, agent);
      }
      run.mended();
      await run.send({ agents: 3, from: Date.now() - HOUR / 2 });
    },
  },
];
