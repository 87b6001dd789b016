import type { Cloud } from "../emulator/cloud.ts";
import { createLocalLookup } from "../emulator/local-lookup.ts";
import { differencesFromFreshdesk } from "../freshdesk-api/shown-facts.ts";
import { agentDifferences, eventDifferences, itemDifferences, itemsOf } from "./differences.ts";
import { historyDifferences } from "./history-differences.ts";
import type { ReceivedEvent } from "./listener.ts";
import type { ResponseCheck } from "./response-check.ts";
import type { SampleFreshdesk } from "./sample-freshdesk.ts";
import { schemaViolations } from "./schema-violations.ts";
import type { Fact } from "./freshdesk-facts.ts";

/** The data of a sample day that was played. */
export interface PlayedDay {
  readonly cloud: Cloud;
  /** The state with which the table must agree after the sweeps. */
  readonly freshdesk: SampleFreshdesk;
  readonly log: readonly string[];
  readonly responses: ResponseCheck;
  readonly received: readonly ReceivedEvent[];
  /** The states of all people in Freshdesk. */
  readonly facts: readonly Fact[];
}

async function collectRows<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) {
    all.push(row);
  }
  return all;
}

/** Describes the differences between the agents that the lookups return and those of the model. */
async function lookupDifferences({ cloud, responses }: PlayedDay): Promise<string[]> {
  const lookup = createLocalLookup(cloud);
  const differences: string[] = [];
  for (const { accountId } of cloud.accounts) {
    const expected = responses.model.agents(accountId);
    const agents = await collectRows(lookup.all(accountId, { consistent: true }));
    differences.push(...agentDifferences("all", expected, agents));
    for (const agent of expected) {
      const found = await lookup.byUserId(accountId, String(agent.userId));
      differences.push(...agentDifferences("byUserId", [agent], found ? [found] : []));
    }
    const open = await collectRows(lookup.availableOn(accountId, "freshdesk"));
    const expectedOpen = responses.model.availableOn(accountId, "freshdesk");
    const openIds = open.map(({ availabilityId }) => availabilityId).toSorted();
    if (openIds.join() !== expectedOpen.join()) {
      differences.push(
        `availableOn returns ${JSON.stringify(open)}, expected ${expectedOpen.join()}`,
      );
    }
  }
  return differences;
}

/** Describes everything in which a played day differs from the expected result. */
export async function findDifferences(day: PlayedDay): Promise<string[]> {
  const { cloud, freshdesk, log, responses, received, facts } = day;
  const { model, problems, undelivered } = responses;
  const items = new Map<string, Readonly<Record<string, unknown>>>();
  const freshdeskDifferences: string[] = [];
  for (const { accountId } of cloud.accounts) {
    const own = await itemsOf(cloud, accountId);
    freshdeskDifferences.push(
      ...differencesFromFreshdesk(freshdesk.agents(accountId), [...own.values()]),
    );
    for (const [key, item] of own) {
      items.set(key, item);
    }
  }
  const dropped = log.filter((line) =>
    line.includes("has more parked events than can be stored"),
  ).length;
  const missing = undelivered();
  return [
    ...problems,
    ...log.filter((line) => /^(?:unhandled|Lost)/.test(line)),
    ...(missing.length === dropped
      ? []
      : [
          `events that never reached the hub: ${missing.length}, expected ${dropped} (${missing.join()})`,
        ]),
    ...freshdeskDifferences,
    ...itemDifferences(model, items),
    ...eventDifferences(model, received),
    ...(await lookupDifferences(day)),
    ...schemaViolations(received),
    ...(await historyDifferences(cloud, model, facts)),
  ];
}
