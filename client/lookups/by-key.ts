import { type Agent, parseAgent, readText } from "./agent.ts";
import { type Item, queryAll, type Table } from "./table.ts";

/** An index, and the attribute that it is sorted by. */
export interface Index {
  readonly name: string;
  readonly sortKey: string;
}

export const keyOf = (accountId: string, availabilityId: string): Item => ({
  accountId: { S: accountId },
  availabilityId: { S: availabilityId },
});

/** Reads agents by availability ID. Agents that do not exist are not in the result. */
export async function readAgents(
  table: Table,
  accountId: string,
  ids: readonly string[],
  consistent = false,
): Promise<Map<string, Agent>> {
  const keys = ids.map((id) => keyOf(accountId, id));
  const items = await table.batchGet(keys, consistent);
  return new Map(
    items.flatMap((item) => parseAgent(item) ?? []).map((agent) => [agent.availabilityId, agent]),
  );
}

/** Reads the availability IDs that an index has for a value. */
export async function readIds(
  table: Table,
  index: Index,
  accountId: string,
  value: string,
): Promise<string[]> {
  const items = await queryAll(table.query, {
    IndexName: index.name,
    KeyConditionExpression: "accountId = :accountId AND #key = :value",
    ExpressionAttributeNames: { "#key": index.sortKey },
    ExpressionAttributeValues: { ":accountId": { S: accountId }, ":value": { S: value } },
  });
  return items.map((item) => readText(item, "availabilityId"));
}
