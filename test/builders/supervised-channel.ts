import {
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandInput,
} from "@aws-sdk/client-eventbridge";
import { mockClient } from "aws-sdk-client-mock";

import { createEventBus } from "../../functions/bus/event-bus.ts";
import type { DetailOf } from "../../functions/availability/catalogue.ts";
import { createCountAvailable } from "../../functions/supervision/count-available.ts";
import type { CoverageRule } from "../../functions/supervision/coverage-rules.ts";
import { createCoverageTable } from "../../functions/supervision/coverage-table.ts";
import { createEvaluateCoverage } from "../../functions/supervision/evaluate-coverage.ts";
import { createPublishEvent } from "../../functions/supervision/publish-event.ts";
import { aTable } from "../../tools/fakes/table.ts";

/** A call to AWS, and its effect. */
export type Call = (kind: "read" | "count" | "write" | "publish", apply: () => unknown) => unknown;

export type CoverageDetail = DetailOf<"Channel Coverage Changed">;

/** An entry of an index of available agents. */
export interface AvailableEntry {
  readonly availabilityId: string;
  readonly userId?: string;
}

const page = (
  { Limit, ExclusiveStartKey }: QueryCommandInput,
  entries: readonly AvailableEntry[],
) => {
  const start = entries.findIndex(
    ({ availabilityId }) => availabilityId === ExclusiveStartKey?.["availabilityId"]?.S,
  );
  const read = entries.slice(start + 1, start + 1 + (Limit ?? entries.length));
  const items = read.map(({ availabilityId, userId }) => ({
    availabilityId: { S: availabilityId },
    ...(userId !== undefined && { userId: { S: userId } }),
  }));
  // As DynamoDB does: a page that is full has a last key, even if nothing follows.
  return { Items: items, ...(read.length === Limit && { LastEvaluatedKey: items.at(-1) }) };
};

/**
 * The coverage of channels with in-memory tables and bus, on a clock that the test moves.
 *
 * @param call makes each call to AWS, and may delay it, repeat it or let it fail.
 */
export function supervisedChannels(
  rules: readonly CoverageRule[],
  call: Call = (_kind, apply) => apply(),
) {
  const dynamo = mockClient(DynamoDBClient);
  const eventBridge = mockClient(EventBridgeClient);
  const coverage = aTable();
  const clock = { now: Date.parse("2026-11-30T09:00:00.000Z") };
  /** By index and account. */
  const available = new Map<string, readonly AvailableEntry[]>();
  const published: CoverageDetail[] = [];
  /** The error code with which the bus rejects every entry, if it has one. */
  const bus: { errorCode?: string | undefined } = {};
  const queries: QueryCommandInput[] = [];

  dynamo
    .on(GetItemCommand)
    .callsFake((input: GetItemCommandInput) => call("read", () => coverage.get(input)));
  dynamo
    .on(ScanCommand)
    .callsFake(() => call("read", () => ({ Items: [...coverage.items.values()] })));
  dynamo
    .on(UpdateItemCommand)
    .callsFake((input: UpdateItemCommandInput) => call("write", () => coverage.update(input)));
  dynamo.on(QueryCommand).callsFake((input: QueryCommandInput) =>
    call("count", () => {
      queries.push(input);
      const { IndexName: index = "", ExpressionAttributeValues: values = {} } = input;
      const key = [index, values[":accountId"]?.S].join(" ");
      return page(input, available.get(key) ?? []);
    }),
  );
  eventBridge.on(PutEventsCommand).callsFake(({ Entries: entries = [] }: PutEventsCommandInput) =>
    call("publish", () => {
      if (bus.errorCode !== undefined) {
        return { Entries: entries.map(() => ({ ErrorCode: bus.errorCode })) };
      }
      published.push(
        ...entries.map(({ Detail: detail = "" }) => JSON.parse(detail) as CoverageDetail),
      );
      return { Entries: entries.map((_entry, index) => ({ EventId: String(index) })) };
    }),
  );

  const client = new DynamoDBClient();
  const table = createCoverageTable(client, "coverage");
  const countAvailable = createCountAvailable(client, "agents");
  const evaluate = createEvaluateCoverage({
    rules,
    table,
    countAvailable,
    publish: createPublishEvent(createEventBus(new EventBridgeClient()), "bus"),
    now: () => clock.now,
  });
  return {
    available,
    bus,
    clock,
    countAvailable,
    coverage,
    dynamo,
    evaluate,
    published,
    queries,
    table,
  };
}
