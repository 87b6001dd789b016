import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";

import {
  type AgentHistory,
  createAgentHistory,
  type DayTimes,
  type HistoryInterval,
} from "../../client/history/agent-history.ts";
import { findParameters } from "../../commands/shared/deployed-stage.ts";
import { clientConfig, type Cloud } from "../emulator/cloud.ts";
import {
  expectedDays,
  expectedHistory,
  type ExpectedInterval,
  type ExpectedPeriod,
  isInHistory,
  type PersonKeys,
} from "./expected-history.ts";
import { canonicalJson, type Json, asObject } from "./json.ts";
import { everyone, type Person } from "./people.ts";
import type { ReferenceModel } from "./reference-model.ts";
import type { Fact } from "./freshdesk-facts.ts";

/** The history function collects changes for a few seconds before it stores them. */
const LAST_CHANGES_TIMEOUT_MS = 120_000;

/** Returns the keys of a person's items in the table. */
export function keysOf(person: Person): PersonKeys {
  const { userId } = person;
  const availability = "id" in person ? String(person.id) : "none";
  return { availability, user: `user:${userId}`, session: `session:${userId}` };
}

const qualifiedKeys = ({ accountId }: Person["account"], keys: PersonKeys): PersonKeys => ({
  availability: `${accountId}/${keys.availability}`,
  user: `${accountId}/${keys.user}`,
  session: `${accountId}/${keys.session}`,
});

/** Returns whether the hub can assign a person's logins: after a deletion, no email address connects them. */
export function isJoined(model: ReferenceModel, { account, userId }: Person): boolean {
  const { accountId } = account;
  return (
    !account.hasCustomStatuses ||
    model.agents(accountId).some((agent) => agent.userId === String(userId))
  );
}

export function expectedOf(
  model: ReferenceModel,
  person: Person,
  period: ExpectedPeriod,
): ExpectedInterval[] {
  const keys = qualifiedKeys(person.account, keysOf(person));
  return expectedHistory(model.changes, keys, isJoined(model, person), period);
}

const isoOf = (time: number) => new Date(time).toISOString();

const formatIntervals = (intervals: readonly ExpectedInterval[]) =>
  intervals.map(({ from, to, state }) => `${isoOf(from)} to ${isoOf(to)}: ${canonicalJson(state)}`);

const toJsonObject = (value: unknown) => asObject(JSON.parse(JSON.stringify(value)));

function toExpectedInterval({ from, to, ...state }: HistoryInterval): ExpectedInterval {
  return { from: Date.parse(from), to: Date.parse(to), state: toJsonObject(state) };
}

/** Converts the durations of a day to the form of the expected ones. */
export function toExpectedDay({ statuses, channels, loggedIn, unknown }: DayTimes): Json {
  return {
    statuses: Object.fromEntries(
      statuses.map(({ id, milliseconds }) => [String(id), milliseconds]),
    ),
    channels: Object.fromEntries(Object.entries(channels).filter(([, time]) => time > 0)),
    loggedIn,
    unknown,
  };
}

/** Describes the differences between the intervals of a person's history and the expected ones. */
export function intervalDifferences(
  name: string,
  expected: readonly ExpectedInterval[],
  found: readonly HistoryInterval[],
): string[] {
  const [expectedLines, foundLines] = [
    formatIntervals(expected),
    formatIntervals(found.map(toExpectedInterval)),
  ];
  return [
    ...foundLines
      .filter((line) => !expectedLines.includes(line))
      .map((line) => `history of ${name} has unexpected interval ${line}`),
    ...expectedLines
      .filter((line) => !foundLines.includes(line))
      .map((line) => `history of ${name} lacks interval ${line}`),
  ];
}

/**
 * Describes intervals in which a history shows a status that the person did not have. The last status is not compared:
 * no later change reveals whether a change after it was missed.
 */
export function statusDifferences(
  person: Person,
  intervals: readonly HistoryInterval[],
  facts: readonly Fact[],
): string[] {
  const own = facts
    .filter((fact) => fact.person === person)
    .map(({ time, agent }) => ({ time: time.getTime(), status: agent?.statusId }));
  const last = intervals.findLast(({ status }) => status !== undefined);
  const end = intervals.findLastIndex(({ status }) => status?.id === last?.status?.id);
  const known = intervals.slice(0, end + 1);
  const start = known.findLastIndex(({ status }) => status?.id !== last?.status?.id);
  return known.slice(0, start + 1).flatMap(({ from, to, status }) => {
    const [begin, stop] = [Date.parse(from), Date.parse(to)];
    const first = own.findLast(({ time }) => time <= begin);
    const during = own.filter(({ time }) => time > begin && time < stop);
    return [first, ...during].flatMap((fact) =>
      status === undefined || String(fact?.status) === status.id
        ? []
        : [
            `history of ${person.name} has status ${status.id} from ${from} to ${to}, but Freshdesk had ${fact?.status ?? "none"}`,
          ],
    );
  });
}

async function personDifferences(
  history: AgentHistory,
  person: Person,
  {
    model,
    facts,
    period,
  }: { model: ReferenceModel; facts: readonly Fact[]; period: ExpectedPeriod },
): Promise<string[]> {
  const { availability, user } = keysOf(person);
  const id = availability === "none" ? user : availability;
  const { accountId } = person.account;
  const range = { from: new Date(period.from), to: new Date(period.to) };
  const [intervals, days] = await Promise.all([
    history.history(accountId, id, range),
    history.timeIn(accountId, id, { ...range, timeZone: "UTC" }),
  ]);
  const expected = expectedOf(model, person, period);
  const expectedText = canonicalList(expectedDays(expected));
  const found = canonicalList(days.map(toExpectedDay));
  return [
    ...intervalDifferences(person.name, expected, intervals),
    ...statusDifferences(person, intervals, facts),
    ...(found === expectedText
      ? []
      : [`time in status of ${person.name} is ${found}, expected ${expectedText}`]),
  ];
}

const canonicalList = (values: readonly Json[]) => values.map(canonicalJson).join();

/** Waits until the history contains a number of changes, or a timeout. @returns the number of stored changes. */
async function changesStored(
  client: DynamoDBClient,
  tableName: string,
  expected: number,
): Promise<number> {
  for (const deadline = Date.now() + LAST_CHANGES_TIMEOUT_MS; ; await sleep(200)) {
    let count = 0;
    for await (const page of paginateScan({ client }, { TableName: tableName, Select: "COUNT" })) {
      count += page.Count ?? 0;
    }
    if (count >= expected || Date.now() > deadline) {
      return count;
    }
  }
}

/**
 * Describes the differences between the histories of all people and the reference model, and contradictions to the
 * statuses that the people had in Freshdesk.
 */
export async function historyDifferences(
  cloud: Cloud,
  model: ReferenceModel,
  facts: readonly Fact[],
): Promise<string[]> {
  const config = clientConfig(cloud);
  const client = new DynamoDBClient(config);
  const { "history-table-name": historyTableName } = await findParameters(
    new SSMClient(config),
    cloud.stage,
    ["history-table-name"],
  );
  const expected = model.changes.filter(isInHistory).length;
  const stored = await changesStored(client, historyTableName, expected);
  const history = createAgentHistory({ client, tableName: cloud.tableName, historyTableName });
  const start = facts[0]?.time ?? new Date();
  const period = { from: start.getTime() - 3_600_000, to: Date.now() };
  const differences = await Promise.all(
    Object.values(everyone).map(
      async (person) => await personDifferences(history, person, { model, facts, period }),
    ),
  );
  return [
    ...(stored === expected ? [] : [`changes in the history: ${stored}, expected ${expected}`]),
    ...differences.flat(),
  ];
}
