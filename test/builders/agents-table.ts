import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { aTable } from "../../tools/fakes/table.ts";

type Item = Record<string, AttributeValue>;

interface Condition {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

const client = mockClient(DynamoDBClient);

const idOf = ({ accountId, availabilityId }: Item) => JSON.stringify({ accountId, availabilityId });

/** Evaluates `#name = :value AND …` on an item. Every name must be defined. */
function isEqual(condition: Condition, before: Item): boolean {
  const {
    ConditionExpression: text = "",
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = condition;
  return text.split(" AND ").every((part) => {
    const [, name = "", value = ""] = /^(#\w+) = (:\w+)$/.exec(part) ?? [];
    const [attribute, expected] = [names[name], values[value]?.N];
    if (attribute === undefined || attribute === "" || expected === undefined) {
      throw new Error(`${part} must compare an attribute with a number`);
    }
    return before[attribute]?.N === expected;
  });
}

function holds(condition: Condition, before: Item | undefined): boolean {
  if (condition.ConditionExpression === "attribute_not_exists(accountId)") {
    return before === undefined;
  }
  return before !== undefined && isEqual(condition, before);
}

/** A table with these items, for ingest and for commands. Keeps the images of its stream. */
export function anAgentsTable(...items: readonly Item[]) {
  const table = aTable();
  const { images } = table;
  let beforeWrite = () => Promise.resolve();
  for (const item of items) {
    table.items.set(idOf(item), item);
  }

  function write(condition: Condition, id: string, after: Item): object {
    const before = table.items.get(id);
    if (!holds(condition, before)) {
      throw new ConditionalCheckFailedException({ message: "no", $metadata: {} });
    }
    table.items.set(id, after);
    images.push({ before, after });
    return {};
  }

  client.reset();
  client.on(GetItemCommand).callsFake(({ Key: key = {}, ConsistentRead }: GetItemCommandInput) => {
    if (ConsistentRead !== true) {
      throw new Error("a read before a write must be consistent");
    }
    return { Item: table.items.get(idOf(key)) };
  });
  client.on(PutItemCommand).callsFake(async (input: PutItemCommandInput) => {
    await beforeWrite();
    return write(input, idOf(input.Item ?? {}), input.Item ?? {});
  });
  client.on(UpdateItemCommand).callsFake(async (input: UpdateItemCommandInput) => {
    if (input.UpdateExpression !== "SET #epoch = :epoch, #version = :one REMOVE reportedPrevious") {
      return table.update(input);
    }
    await beforeWrite();
    const id = idOf(input.Key ?? {});
    const { reportedPrevious: _reported, ...before } = table.items.get(id) ?? {};
    const { ":epoch": epoch = { N: "" }, ":one": version = { N: "" } } =
      input.ExpressionAttributeValues ?? {};
    return write(input, id, { ...before, epoch, version });
  });

  return {
    client: new DynamoDBClient(),
    images,
    stored: (availabilityId: string, accountId = "11010177632") =>
      table.items.get(idOf({ accountId: { S: accountId }, availabilityId: { S: availabilityId } })),
    remove: (item: Item) => table.items.delete(idOf(item)),
    /** Runs before each conditional write of a command. */
    betweenReadAndWrite: (run: () => Promise<void>) => {
      beforeWrite = run;
    },
    /** Applies an event as ingest does. */
    apply: async (payload: object) => {
      const parsed = parsePayload(payload, new Date());
      if (!parsed.ok) {
        throw new Error("invalid");
      }
      const receivedAt = new Date().toISOString();
      return await createAgentStore(new DynamoDBClient(), "agents").apply(
        parsed.change,
        { receivedAt, webhookId: "w", origin: "relay" },
        new AbortController().signal,
      );
    },
  };
}
