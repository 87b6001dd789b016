import {
  type AttributeValue,
  DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { createIngest } from "../../functions/ingest/ingest.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { aTable } from "../../tools/fakes/table.ts";

type Item = Record<string, AttributeValue>;

const client = mockClient(DynamoDBClient);

interface IngestOptions {
  /** The items that are stored initially. */
  readonly items?: readonly Item[];
  readonly hasCustomStatuses?: boolean;
  /** Called before each call of the table; an error that it throws is the call's error. */
  readonly beforeCall?: () => void;
}

/** The real ingest and store of account 11010177632, on a fake table. */
export function anIngest({ items = [], hasCustomStatuses = true, beforeCall }: IngestOptions = {}) {
  const table = aTable();
  const put = (item: Item) => {
    const { accountId, availabilityId } = item;
    table.items.set(JSON.stringify({ accountId, availabilityId }), item);
  };
  items.forEach(put);
  const checked =
    <Input, Output>(call: (input: Input) => Output) =>
    (input: Input) => {
      beforeCall?.();
      return call(input);
    };
  client.reset();
  client.on(UpdateItemCommand).callsFake(checked(table.update));
  client.on(QueryCommand).callsFake(checked(table.query));
  const counts = new Map<string, number>();
  const ingest = createIngest(createAgentStore(new DynamoDBClient(), "agents"), {
    onReceived: () => undefined,
    onChangeRejected: (error) => {
      throw error;
    },
    count: (metric, value) => counts.set(metric, (counts.get(metric) ?? 0) + value),
  });

  return {
    /** Sends a payload, or `{ events: [...] }`, and returns the results. */
    send: async (body: unknown) =>
      await ingest(body, {
        accountId: "11010177632",
        hasCustomStatuses,
        webhookId: "w",
        receivedAt: new Date(),
        abortSignal: new AbortController().signal,
      }),
    /** Replaces an item, as a concurrent write does. */
    put,
    /** Returns the stored item with a key. */
    stored: (availabilityId: string) =>
      table.items.get(
        JSON.stringify({
          accountId: { S: "11010177632" },
          availabilityId: { S: availabilityId },
        }),
      ),
    keys: () => [...table.items.values()].map((item) => item["availabilityId"]?.S ?? "").toSorted(),
    images: table.images,
    /** Counts that are greater than 0. */
    counts: () => Object.fromEntries([...counts].filter(([, value]) => value > 0)),
    calls: () =>
      client.calls().map(({ args: [command] }) => {
        const input = command.input as { Key?: Item; IndexName?: string };
        return input.IndexName ?? input.Key?.["availabilityId"]?.S ?? "";
      }),
  };
}
