import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

import { ClaimLostError } from "./once-error.ts";

/** Which event it is, and where it stands among those that it is ordered with. */
export interface Place {
  /** `metadata.id`. */
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
}

/** The right to handle an event: nobody else has it until it is given back, or runs out. */
export interface Claim {
  readonly key: string;
  readonly token: string;
  readonly place: Place;
  /** What was handled of this version before. */
  readonly siblings: readonly string[];
}

/** What came of asking for a claim. */
export type Claimed =
  | { readonly kind: "claimed"; readonly claim: Claim }
  /** This event was handled before. */
  | { readonly kind: "repeat" }
  /** Something newer was handled before. */
  | { readonly kind: "older" }
  /** Another event that it is ordered with is being handled. */
  | { readonly kind: "busy" };

/** Asks for a claim. Times are epoch milliseconds. */
export interface ClaimRequest {
  readonly key: string;
  readonly token: string;
  readonly place: Place;
  /** When whoever claims it can no longer be running. */
  readonly until: number;
  readonly now: number;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** A claim that ran out is of somebody who crashed; one's own is met when the SDK repeats a call. */
const isFree = "(attribute_not_exists(claimedUntil) OR claimedUntil < :now OR claimedBy = :token)";

/** Newer than all that was handled, or of the same version and not handled yet. */
const isNext = [
  "attribute_not_exists(version)",
  "epoch < :epoch",
  "(epoch = :epoch AND version < :version)",
  "(epoch = :epoch AND version = :version AND NOT contains(handled, :id))",
].join(" OR ");

const number = (value: number): AttributeValue => ({ N: String(value) });

/** Negative, zero or positive as the event is older than, as old as or newer than what was handled last. */
function compare({ epoch, version }: Place, item: Item): number {
  const last = { epoch: Number(item["epoch"]?.N ?? -1), version: Number(item["version"]?.N ?? -1) };
  return epoch === last.epoch ? version - last.version : epoch - last.epoch;
}

/** What was handled of the event's own version. */
function siblingsIn(item: Item, place: Place): string[] {
  return compare(place, item) === 0 ? (item["handled"]?.SS ?? []) : [];
}

/** Why there is no claim. */
function refusal(place: Place, item: Item): Claimed {
  if (compare(place, item) < 0) {
    return { kind: "older" };
  }
  return { kind: siblingsIn(item, place).includes(place.id) ? "repeat" : "busy" };
}

/**
 * One item for each agent and consumer: the highest version that was handled, the ids of its events, and
 * who is handling one now. One conditional write settles all three at once.
 *
 * @param rememberForMs how long after its last event an agent's item is kept.
 */
export function createClaims(client: DynamoDBClient, tableName: string, rememberForMs: number) {
  const update = async (
    key: string,
    expression: string,
    condition: string,
    values: Record<string, AttributeValue>,
  ) =>
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { id: { S: key } },
        UpdateExpression: expression,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ReturnValues: "ALL_OLD",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );

  return {
    /** Asks for the right to handle an event. */
    async claim({ key, token, place, until, now }: ClaimRequest): Promise<Claimed> {
      try {
        const { Attributes: item = {} } = await update(
          key,
          "SET claimedBy = :token, claimedUntil = :until, expiration = :expiration",
          `${isFree} AND (${isNext})`,
          {
            ":token": { S: token },
            ":until": number(until),
            ":expiration": number(Math.ceil((now + rememberForMs) / 1000)),
            ":now": number(now),
            ":id": { S: place.id },
            ":epoch": number(place.epoch),
            ":version": number(place.version),
          },
        );
        return { kind: "claimed", claim: { key, token, place, siblings: siblingsIn(item, place) } };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          return refusal(place, error.Item ?? {});
        }
        throw error;
      }
    },

    /**
     * Remembers that the event was handled, and lets the next one through.
     *
     * @throws ClaimLostError when the claim had run out, and somebody else has taken it.
     */
    async settle({ key, token, place, siblings }: Claim): Promise<void> {
      try {
        await update(
          key,
          "SET epoch = :epoch, version = :version, handled = :handled REMOVE claimedBy, claimedUntil",
          "claimedBy = :token",
          {
            ":token": { S: token },
            ":epoch": number(place.epoch),
            ":version": number(place.version),
            ":handled": { SS: [...siblings, place.id] },
          },
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw error;
        }
        // A call that the SDK repeats, the answer to the first one lost, finds its own work done.
        if (refusal(place, error.Item ?? {}).kind === "busy") {
          throw new ClaimLostError(place.id, error);
        }
      }
    },

    /** Gives the claim back, the event not handled. */
    async release({ key, token }: Claim): Promise<void> {
      try {
        await update(key, "REMOVE claimedBy, claimedUntil", "claimedBy = :token", {
          ":token": { S: token },
        });
      } catch (error) {
        // Somebody else's by now: there is nothing left to give back.
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw error;
        }
      }
    },
  };
}
