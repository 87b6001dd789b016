import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import { partitionKey, sortKey } from "./attributes.ts";

export interface ItemKey {
  readonly accountId: string;
  readonly availabilityId: string;
}

/** Returns the key of an item in DynamoDB's form. */
export const keyOf = ({ accountId, availabilityId }: ItemKey): Record<string, AttributeValue> => ({
  [partitionKey]: { S: accountId },
  [sortKey]: { S: availabilityId },
});
