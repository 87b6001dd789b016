import { type Agent, agentOf, parseLiveItem } from "./agent.ts";
import {
  type Consistency,
  DEFAULT_PAGE_SIZE,
  type Page,
  type Paging,
  parseAccountId,
  parseLimit,
  parsePageLimit,
  rejectUnknownOptions,
} from "./arguments.ts";
import { cursorOf, type ListKey, parseCursor } from "./cursor.ts";
import { keyOf } from "./by-key.ts";
import { type JoinedAgent, joinItems, type LiveItem } from "./join.ts";
import { queryAll } from "./table.ts";
import type { UseTable } from "./use-table.ts";

type AllOptions = Paging & Consistency;

/** Reads all items of an account. Each call to the table has its own timeout. */
async function readItems(
  useTable: UseTable,
  accountId: string,
  consistent = false,
): Promise<LiveItem[]> {
  const query = {
    KeyConditionExpression: "accountId = :accountId",
    ExpressionAttributeValues: { ":accountId": { S: accountId } },
    ConsistentRead: consistent,
  };
  const items = await queryAll(
    async (input) => await useTable(async (table) => await table.query(input)),
    query,
  );
  return items.flatMap((item) => parseLiveItem(item) ?? []);
}

/** Reads the agents of an account, in any order. */
export async function readJoinedAgents(
  useTable: UseTable,
  accountId: string,
  consistent?: boolean,
): Promise<JoinedAgent[]> {
  return joinItems(await readItems(useTable, accountId, consistent));
}

const byKey = (first: Agent, second: Agent) =>
  first.availabilityId < second.availabilityId ? -1 : 1;

function parse(accountId: string, options: AllOptions) {
  rejectUnknownOptions(options, ["limit", "cursor", "consistent"]);
  const list: ListKey = { accountId: parseAccountId(accountId) };
  const after =
    options.cursor === undefined
      ? ""
      : (parseCursor(list, options.cursor)["availabilityId"]?.S ?? "");
  return { list, after, consistent: options.consistent };
}

/** Returns the agents of an account after a key, in the order of their keys. Joining them requires all items. */
async function readAgentsAfter(
  useTable: UseTable,
  { list, after, consistent }: ReturnType<typeof parse>,
): Promise<Agent[]> {
  const agents = await readJoinedAgents(useTable, list.accountId, consistent);
  return agents
    .map(agentOf)
    .filter(({ availabilityId }) => availabilityId > after)
    .toSorted(byKey);
}

/** Iterates over all agents of an account. Invalid arguments throw immediately, not at the first step. */
export function allAgents(
  useTable: UseTable,
  accountId: string,
  options: AllOptions,
): AsyncGenerator<Agent, void, void> {
  const query = parse(accountId, options);
  const limit = parseLimit(options.limit);

  async function* agents(): AsyncGenerator<Agent, void, void> {
    yield* (await readAgentsAfter(useTable, query)).slice(0, limit);
  }

  return agents();
}

export async function pageOfAllAgents(
  useTable: UseTable,
  accountId: string,
  options: AllOptions,
): Promise<Page<Agent>> {
  const query = parse(accountId, options);
  const limit = parsePageLimit(options.limit ?? DEFAULT_PAGE_SIZE);
  const agents = await readAgentsAfter(useTable, query);
  const rows = agents.slice(0, limit);
  const last = agents.length > limit ? rows.at(-1) : undefined;
  return {
    rows,
    cursor: last && cursorOf(query.list, keyOf(query.list.accountId, last.availabilityId)),
  };
}
