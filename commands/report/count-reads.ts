import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The number of items and read units that a client has read from a table. */
export interface Reads {
  items: number;
  /** Read units as reported by DynamoDB; 0 if an emulator does not report them. */
  units: number;
}

function countItems(output: object): number {
  const items = "Items" in output && Array.isArray(output.Items) ? output.Items.length : 0;
  const responses =
    "Responses" in output && output.Responses ? Object.values(output.Responses) : [];
  const batchGetItems = responses.flat().length;
  return items + batchGetItems + ("Item" in output && output.Item ? 1 : 0);
}

function countUnits(output: object): number {
  const consumed = "ConsumedCapacity" in output ? [output.ConsumedCapacity].flat() : [];
  return consumed.reduce<number>((sum, each) => sum + unitsOf(each), 0);
}

const unitsOf = (consumed: unknown): number =>
  typeof consumed === "object" &&
  consumed !== null &&
  "CapacityUnits" in consumed &&
  typeof consumed.CapacityUnits === "number"
    ? consumed.CapacityUnits
    : 0;

/** Counts everything that a client reads from now on. */
export function countReads(client: DynamoDBClient): Readonly<Reads> {
  const reads: Reads = { items: 0, units: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = Object.assign({}, args.input, { ReturnConsumedCapacity: "TOTAL" });
      const result = await next({ ...args, input });
      reads.items += countItems(result.output);
      reads.units += countUnits(result.output);
      return result;
    },
    { name: "countReads", step: "initialize" },
  );
  return reads;
}
