import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { clientConfig } from "../../../local/emulator/cloud.ts";
import { agentEventIn, isAgentPayload } from "../../../local/sample-day/expected-agent-event.ts";
import { agentOf } from "../../../local/sample-day/expected-item.ts";
import type { Delivery } from "../delivery.ts";
import { runOperatorCommand } from "../operator-commands.ts";
import { deletionsOf, firstEventsOf, loginsOf, personHistory } from "../person-history.ts";
import { type Person, somePeople } from "../person-payload.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

/** Forgets a person, whose items of all three kinds become tombstones. */
async function forget(
  { environment, account, interventions }: ScenarioContext,
  { agent, userId }: Person,
): Promise<void> {
  for (const key of [agent, `user:${userId}`, `session:${userId}`]) {
    interventions.forgottenKeys.add(key);
  }
  const { stage } = environment.cloud;
  const args = ["agent", "forget", account.accountId, agent, "--exact", "--yes", "--stage", stage];
  await runOperatorCommand(environment, args);
}

async function deleteItem(
  { environment, account, interventions, requireOccurred }: ScenarioContext,
  agent: string,
): Promise<void> {
  interventions.deletedAgents.add(agent);
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

function isOfPerson(payload: object, people: readonly Person[]): boolean {
  return people.some(({ agent, userId }) =>
    isAgentPayload(payload) ? agentEventIn(payload).userId === userId : agentOf(payload) === agent,
  );
}

const repeat = (delivery: Delivery): Delivery => ({ ...delivery, attempts: [] });

/** Actions of an operator that change agents. */
export const operatorActions: readonly Scenario[] = [
  {
    name: "forgotten-agents",
    title:
      "agents are forgotten, their late events arrive, Freshdesk deletes one, then they change again",
    short: true,
    run: async (context) => {
      const { account, random, traffic, requireOccurred, faultEnded } = context;
      const people = somePeople(account.accountId, 3);
      const history = personHistory(
        people,
        { kinds: ["availability", "availability", "login", "logout"], from: Date.now() - HOUR },
        random,
      );
      const delayed = history.splice(3, 6);
      await traffic.deliver(firstEventsOf(people, Date.now() - 2 * HOUR, random));
      // Without a session, no item of a person contains the user ID, and `agent forget` cannot know the other
      // keys.
      await traffic.deliver(loginsOf(people, Date.now() - 2 * HOUR, random));
      await traffic.deliver(history);
      const forgotten = people.slice(0, 2);
      for (const person of forgotten) {
        await forget(context, person);
      }
      // The verifier checks that none of these events creates a forgotten agent again.
      const late = [...delayed, ...history.map(repeat)];
      await traffic.deliver(late);
      const lateOfForgotten = late.filter(
        ({ payloads, attempts }) =>
          payloads.some((payload) => isOfPerson(payload, forgotten)) &&
          attempts.some(({ status }) => status === 200),
      );
      requireOccurred("a late event of a forgotten agent", lateOfForgotten.length);
      // The verifier checks that the tombstones keep their reason.
      await traffic.deliver(deletionsOf(people.slice(0, 1), Date.now(), random));
      faultEnded();
      const again = { kinds: ["availability", "login"], from: Date.now() + SECOND } as const;
      await traffic.deliver(personHistory(people, again, random));
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
