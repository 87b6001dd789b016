import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { createReconcileStore } from "../../functions/store/reconcile-store.ts";
import { aTable } from "../../tools/fakes/table.ts";

/** A fake table behind the SDK's client, and reconcile's store of it. */
export function aReconciledTable() {
  const table = aTable();
  const client = mockClient(DynamoDBClient);
  let onUpdate: () => void = () => undefined;
  client.on(UpdateItemCommand).callsFake((input) => {
    onUpdate();
    return table.update(input as never);
  });
  client.on(QueryCommand).callsFake((input) => table.query(input as never));
  client.on(GetItemCommand).callsFake((input) => table.get(input as never));
  return {
    table,
    client,
    store: createReconcileStore(new DynamoDBClient(), "agents"),
    /** Returns the item with a sort key as plain values. */
    item: (availabilityId: string) => {
      const found = [...table.items.values()].find(
        (each) => each["availabilityId"]?.S === availabilityId,
      );
      return found && unmarshall(found);
    },
    /** Calls a function before each update. */
    onUpdate: (listener: () => void) => {
      onUpdate = listener;
    },
    /** Stores an item as it is. */
    put: (item: Record<string, AttributeValue>) => {
      const { accountId, availabilityId } = item;
      table.items.set(JSON.stringify({ accountId, availabilityId }), item);
    },
  };
}
