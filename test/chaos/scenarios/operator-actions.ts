import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { clientConfig } from "../../../local/emulator/cloud.ts";
import { agentOf } from "../../../local/sample-day/expected-item.ts";
import type { Delivery } from "../delivery.ts";
import { runOperatorCommand } from "../operator-commands.ts";
import { randomHistory } from "../random-history.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

async function forget(
  { environment, account, interventions }: ScenarioContext,
  agent: string,
): Promise<void> {
  interventions.forgotten.add(agent);
  const { stage } = environment.cloud;
  const args = ["agent", "forget", account.accountId, agent, "--exact", "--yes", "--stage", stage];
  await runOperatorCommand(environment, args);
}

async function deleteItem(
  { environment, account, interventions, requireOccurred }: ScenarioContext,
  agent: string,
): Promise<void> {
  interventions.deleted.add(agent);
  const { cloud } = environment;
  const { Attributes: item } = await new DynamoDBClient(clientConfig(cloud)).send(
    new DeleteItemCommand({
      TableName: cloud.tableName,
      Key: { accountId: { S: account.accountId }, availabilityId: { S: agent } },
      ReturnValues: "ALL_OLD",
    }),
  );
  requireOccurred(`an item of ${agent}`, item ? 1 : 0);
}

const repeat = (delivery: Delivery): Delivery => ({ ...delivery, attempts: [] });

/** Actions of an operator that change agents. */
export const operatorActions: readonly Scenario[] = [
  {
    name: "forgotten-agents",
    title: "agents are forgotten, late events of them arrive, then they change again",
    short: true,
    run: async (context) => {
      const { account, random, traffic, interventions, requireOccurred, faultEnded } = context;
      const { accountId } = account;
      const history = randomHistory({ accountId, agents: 3, from: Date.now() - HOUR }, random);
      const delayed = history.splice(0, 6);
      await traffic.deliver(history);
      for (const agent of ["a0", "a1"]) {
        await forget(context, agent);
      }
      // The verifier checks that none of these events creates a forgotten agent again.
      const late = [...delayed, ...history.map(repeat)];
      await traffic.deliver(late);
      const lateOfForgotten = late.filter(
        ({ payloads, attempts }) =>
          payloads.some((payload) => interventions.forgotten.has(agentOf(payload))) &&
          attempts.some(({ status }) => status === 200),
      );
      requireOccurred("a late event of a forgotten agent", lateOfForgotten.length);
      faultEnded();
      // Only changes after the removal create the agents again.
      await traffic.send({ agents: 3, from: Date.now() + SECOND });
    },
  },
  {
    name: "deleted-items",
    title: "items are deleted manually, then their agents change again",
    run: async (context) => {
      const { traffic, faultEnded } = context;
      await traffic.send({ agents: 3 });
      for (const agent of ["a0", "a1"]) {
        await deleteItem(context, agent);
      }
      faultEnded();
      await traffic.send({ agents: 3, from: Date.now() - HOUR / 2 });
    },
  },
];
