import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { createSavedPages } from "../../functions/reconcile/saved-pages.ts";
import { createReconcileStore } from "../../functions/store/reconcile-store.ts";
import { aTable } from "../../tools/fakes/table.ts";

/**
 * The table of agents and the table of sweep state behind the SDK's client, with reconcile's store and saved
 * pages.
 */
export function aReconciledTable() {
  const table = aTable();
  const state = aTable();
  const client = mockClient(DynamoDBClient);
  const tableOf = (input: unknown) =>
    (input as { readonly TableName: string }).TableName === "agents" ? table : state;
  let onUpdate: () => void = () => undefined;
  client.on(UpdateItemCommand).callsFake((input) => {
    onUpdate();
    return tableOf(input).update(input as never);
  });
  client.on(QueryCommand).callsFake((input) => tableOf(input).query(input as never));
  client.on(GetItemCommand).callsFake((input) => tableOf(input).get(input as never));
  client.on(DeleteItemCommand).callsFake((input) => tableOf(input).remove(input as never));
  return {
    table,
    /** The table of sweep state. */
    state,
    client,
    savedPages: createSavedPages(new DynamoDBClient(), "state"),
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
    /** Stores an item unchanged. */
    put: (item: Record<string, AttributeValue>) => {
      const { accountId, availabilityId } = item;
      table.items.set(JSON.stringify({ accountId, availabilityId }), item);
    },
  };
}
